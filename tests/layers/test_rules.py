"""The rules: the definition, evaluation, both ends of p, NaN and infinity."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.layers.cases import Case, every_independent_mask, every_layer, every_mask, every_p


class ReplayedMask:
    """Stands in for a NumPy generator and gives the uniforms of a mask already drawn."""

    def __init__(self, keep: Tensor):
        self.keep = keep.numpy()

    def random(self, shape: tuple[int, ...]) -> np.ndarray:
        keep = self.keep[tuple(slice(size) for size in shape)]  # one entry a draw
        return np.where(keep, np.nextafter(1, 0), 0.0)


@every_independent_mask
@every_p
def test_layer_is_its_definition_on_the_same_masks(case: Case, p):
    x = case.input(batch=16)
    rng = ReplayedMask(case.seeded(p)(torch.ones_like(x)) != 0)
    expected = torch.from_numpy(case.definition(x.numpy(), p, rng))
    torch.testing.assert_close(case.seeded(p)(x), expected, rtol=1e-15, atol=0)


@every_layer
@every_p
def test_evaluation_follows_its_rule(case: Case, p):
    layer, x = case.make(p).eval(), case.input()
    if case.evaluation is None:
        assert layer(x) is x
    else:
        torch.testing.assert_close(layer(x), case.evaluation(x, p), rtol=1e-15, atol=0)


@every_layer
def test_forward_leaves_the_mode_alone(case: Case):
    for training in (False, True):
        layer = case.make(0.1).train(training)
        layer(case.input())
        assert layer.training is training


@every_layer
def test_forward_leaves_the_input_alone(case: Case):
    x = case.input()
    case.seeded(0.5)(x)
    assert torch.equal(x, case.input())


@every_layer
@pytest.mark.parametrize("training", [False, True])
def test_nothing_is_dropped_at_p_zero(case: Case, training):
    x = case.input()
    assert case.make(0.0).train(training)(x) is x


@every_mask
def test_everything_is_dropped_at_p_one(case: Case):
    x = case.input().requires_grad_()
    y = case.make(1.0)(x)
    (gradient,) = torch.autograd.grad(y.sum(), x)
    assert torch.equal(y, torch.zeros_like(y))
    assert torch.equal(gradient, torch.zeros_like(x))


@every_mask
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_dropped_nan_or_infinity_follows_its_rule(case: Case, value):
    x = torch.full((16, *case.example), value, dtype=torch.float64, requires_grad=True)
    keep = case.seeded(0.5)(torch.ones_like(x)) != 0
    y = case.seeded(0.5)(x)
    (gradient,) = torch.autograd.grad(y, x, torch.full_like(y, value))
    expected = torch.full_like(y, value).where(keep, 0.0 if case.selects else value * 0.0)
    for received in (y, gradient):
        torch.testing.assert_close(received, expected, rtol=0, atol=0, equal_nan=True)


@every_layer
def test_p_can_be_assigned(case: Case):
    layer, ones = case.seeded(0.1), torch.ones(3, *case.example, dtype=torch.float64)
    layer.p = 0.9
    assert layer.p == 0.9
    assert torch.equal(layer(ones), case.seeded(0.9)(ones))
