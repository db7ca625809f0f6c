"""The law of the noise: variance, rate in every dtype, and the exact moments over all masks."""

import itertools
import math
import sys
from dataclasses import replace
from unittest.mock import patch

import pytest
import torch

from tests.checks import assert_mean, assert_rate
from tests.layers import wrong_noise as noise
from tests.layers.cases import (
    BATCH,
    LAYERS,
    Case,
    every_dtype,
    every_independent_layer,
    every_independent_mask,
    every_p,
)
from tests.mutants import rejects, without_mutant

RIGHT = LAYERS["Dropout"]


def check_variance(case: Case, p: float) -> None:
    law = case.law(p)
    squares = (case.noise(p).flatten() - law.mean) ** 2
    assert_mean(squares, law.variance, law.fourth - law.variance**2)


def check_rate(case: Case, p: float, dtype: torch.dtype) -> None:
    y = case.seeded(p)(torch.ones(BATCH, *case.example, dtype=dtype))
    assert_rate(case.one_entry_per_draw(y) == 0, p)


def all_masks(n: int) -> torch.Tensor:
    """Every keep mask of n units, shape (2**n, n)."""
    return torch.tensor(list(itertools.product([False, True], repeat=n)))


def check_exact_moments(case: Case, p: float) -> None:
    """Mean and covariance over all masks, each with its probability."""
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


@every_independent_layer
@every_p
def test_variance(case: Case, p):
    check_variance(case, p)


@every_independent_mask
@every_dtype
@pytest.mark.parametrize("p", [0.001, 0.1, 0.5, 0.9, 0.999])
def test_rate(case: Case, p, dtype):
    check_rate(case, p, dtype)


@every_independent_mask
@every_p
def test_exact_moments(case: Case, p):
    check_exact_moments(case, p)


MUTANTS = [
    (check_variance, noise.VarianceTakenForStandardDeviation, 0.1),
    (check_rate, noise.KeepsWithProbabilityP, 0.1, torch.float32),
    (check_rate, noise.AlwaysDropsHalf, 0.1, torch.float32),
    (check_rate, noise.UniformsInTheDtypeOfTheInput, 0.001, torch.bfloat16),
    (check_exact_moments, noise.KeepsWithProbabilityP, 0.1),
    (check_exact_moments, noise.OneMaskForTheBatch, 0.5),
]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda row: f"{row[0].__name__}-{row[1].__name__}")
def test_the_check_rejects(mutant):
    check, wrong, *arguments = mutant
    rejects(check, RIGHT, replace(RIGHT, make=wrong), *arguments)


def test_every_check_has_a_mutant():
    assert not without_mutant(sys.modules[__name__], (check.__name__ for check, *_ in MUTANTS))


def test_keep_and_drop_exchanged_are_invisible_at_one_half():
    check_variance(replace(RIGHT, make=noise.KeepsWithProbabilityP), 0.5)
