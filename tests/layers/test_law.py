"""The law of the noise: rate, moments, independence; measured, then over all masks exactly."""

import itertools
import math
import sys
from unittest.mock import patch

import pytest
import torch

from tests.checks import (
    assert_independent_neighbours,
    assert_mean,
    assert_rate,
    assert_uncorrelated,
)
from tests.layers.cases import (
    BATCH,
    Case,
    every_dtype,
    every_independent_layer,
    every_independent_mask,
    every_p,
)


@every_independent_layer
@every_p
def test_mean(case: Case, p):
    law = case.law(p)
    assert_mean(case.noise(p).flatten(), law.mean, law.variance)


@every_independent_layer
@every_p
def test_variance(case: Case, p):
    law = case.law(p)
    squares = (case.noise(p).flatten() - law.mean) ** 2
    assert_mean(squares, law.variance, law.fourth - law.variance**2)


@every_independent_layer
@every_p
def test_every_position_has_the_same_mean(case: Case, p):
    law = case.law(p)
    assert_mean(case.noise(p), law.mean, law.variance)


@every_independent_mask
@every_dtype
@pytest.mark.parametrize("p", [0.001, 0.1, 0.5, 0.9, 0.999])
def test_rate(case: Case, p, dtype):
    y = case.seeded(p)(torch.ones(BATCH, *case.example, dtype=dtype))
    assert_rate(case.one_entry_a_draw(y) == 0, p)


@every_independent_layer
@every_p
def test_draws_are_independent(case: Case, p):
    law, per_example = case.law(p), math.prod(case.draws)
    assert_independent_neighbours(case.noise(p), 2 * per_example, law.mean, law.variance)


@every_independent_layer
@every_p
def test_shared_entries_share_their_draw(case: Case, p):
    y = case.seeded(p)(torch.ones(64, *case.example, dtype=torch.float64))
    assert torch.equal(y, case.noise(p, batch=64).expand_as(y))


@every_independent_layer
@every_p
def test_two_calls_draw_two_masks(case: Case, p):
    layer, law = case.seeded(p), case.law(p)
    ones = torch.ones(BATCH, *case.example, dtype=torch.float64)
    first, second = (case.one_entry_a_draw(layer(ones)) for _ in range(2))
    assert_uncorrelated(first, second, law.mean, law.variance)


def all_masks(n: int) -> torch.Tensor:
    """Every keep mask of n units, shape (2**n, n)."""
    return torch.tensor(list(itertools.product([False, True], repeat=n)))


@every_independent_mask
@every_p
def test_all_masks_together_have_the_exact_moments(case: Case, p):
    n = math.prod(case.draws)
    assert n <= 12, "too many masks to enumerate"
    keep, asked = all_masks(n), []

    def enumerate_masks(shape, p, like, generator):
        assert tuple(shape) == (2**n, *case.draws)
        asked.append(p)
        return keep.view(shape)

    layer, x = case.make(p), case.input(batch=1)
    with patch.object(sys.modules[type(layer).__module__], "draw_keep", enumerate_masks):
        y = layer(x.expand(2**n, *case.example)).flatten(start_dim=1)
    (q,) = asked
    weight = torch.where(keep, keep.double() * (1 - q), q).prod(dim=1)
    mean = weight @ y
    covariance = (weight * (y - mean).T) @ (y - mean)

    law, x = case.law(p), x.flatten()
    draw = torch.arange(n).view(case.draws).expand(case.example).flatten()
    same_draw = draw[:, None] == draw
    torch.testing.assert_close(mean, law.mean * x, rtol=1e-12, atol=1e-12)
    exact = law.variance * torch.outer(x, x) * same_draw
    torch.testing.assert_close(covariance, exact, rtol=1e-12, atol=1e-12)
