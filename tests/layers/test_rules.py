"""The rules of the masks: definition, NaN and infinity, bytes for backward, odd shapes, inplace."""

import math
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Generator, Tensor
from torch.autograd.graph import saved_tensors_hooks
from torch.func import vmap

from tests.layers import wrong_layers as layer
from tests.layers import wrong_noise as noise
from tests.layers.cases import (
    LAYERS,
    Case,
    every_dtype,
    every_independent_mask,
    every_layer,
    every_mask,
    every_p,
    reversed_strides,
)
from tests.mutants import rejects, without_mutant

RIGHT = LAYERS["Dropout"]


class ReplayedMask:
    """Stands in for a NumPy generator and gives the uniforms of a mask already drawn."""

    def __init__(self, keep: Tensor):
        self.keep = keep.numpy()

    def random(self, shape: tuple[int, ...]) -> np.ndarray:
        keep = self.keep[tuple(slice(size) for size in shape)]  # one entry per draw
        return np.where(keep, np.nextafter(1, 0), 0.0)


def check_definition(case: Case, p: float) -> None:
    """On the same masks the layer is its definition."""
    x = case.input(batch=16)
    rng = ReplayedMask(case.seeded(p)(torch.ones_like(x)) != 0)
    expected = torch.from_numpy(case.definition(x.numpy(), p, rng))
    torch.testing.assert_close(case.seeded(p)(x), expected, rtol=1e-15, atol=0)


def check_evaluation(case: Case, p: float) -> None:
    if case.evaluation is not None:
        y, expected = case.make(p).eval()(case.input()), case.evaluation(case.input(), p)
        torch.testing.assert_close(y, expected, rtol=1e-15, atol=0)


def check_nan_and_infinity(case: Case, value: float) -> None:
    """Of what is dropped: 0 where the mask selects, else what its product with 0 is."""
    x = torch.full((16, *case.example), value, dtype=torch.float64, requires_grad=True)
    keep = case.seeded(0.5)(torch.ones_like(x)) != 0
    y = case.seeded(0.5)(x)
    (gradient,) = torch.autograd.grad(y, x, torch.full_like(y, value))
    expected = torch.full_like(y, value).where(keep, 0.0 if case.selects else value * 0.0)
    for received in (y, gradient):
        torch.testing.assert_close(received, expected, rtol=0, atol=0, equal_nan=True)


def check_memory(case: Case, dtype: torch.dtype) -> None:
    """Backward keeps one byte per entry or one factor per draw."""
    for batch in (3, 1024):  # fewer and more entries than where quicker ways begin
        x, saved = case.input(batch, dtype).requires_grad_(), []

        def record(tensor: Tensor, saved: list[int] = saved) -> Tensor:
            saved.append(tensor.nbytes)
            return tensor

        with saved_tensors_hooks(record, lambda tensor: tensor):
            case.make(0.5)(x)
        most = x.numel() if case.selects else batch * math.prod(case.draws) * max(4, x.itemsize)
        assert sum(saved) <= most, f"{sum(saved)} bytes for {x.numel()} entries"


def check_shapes(case: Case, training: bool) -> None:
    for shape in case.shapes:
        assert case.make(0.5).train(training)(torch.ones(shape)).shape == shape


def check_mask_depends_on_seed_and_shape_only(case: Case, dtype: torch.dtype) -> None:
    x = case.input()
    keep = case.seeded(0.5)(x) != 0
    assert torch.equal(case.seeded(0.5)(x.to(dtype)) != 0, keep)
    assert torch.equal(case.seeded(0.5)(reversed_strides(x)) != 0, keep)


def check_inplace(case: Case, p: float, training: bool) -> None:
    """The same output, written over the input, with the same gradient, also under vmap."""
    layer, inplace = (
        case.make(p, inplace=value, generator=Generator().manual_seed(0)).train(training)
        for value in (False, True)
    )
    x, outputs, gradients = case.input(64).requires_grad_(), [], []
    for form in (layer, inplace):
        given = 2 * x
        outputs.append(form(given))
        gradients.append(torch.autograd.grad(outputs[-1].sum(), x)[0])
    assert outputs[1] is given, "the output is another tensor"
    assert torch.equal(*outputs)
    assert torch.equal(*gradients)
    outputs = [vmap(form, randomness="different")(x.detach().clone()) for form in (layer, inplace)]
    assert torch.equal(*outputs)


@every_independent_mask
@every_p
def test_definition(case: Case, p):
    check_definition(case, p)


@every_independent_mask
@every_p
def test_evaluation(case: Case, p):
    check_evaluation(case, p)


@every_mask
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_nan_and_infinity(case: Case, value):
    check_nan_and_infinity(case, value)


@every_mask
@every_dtype
def test_memory(case: Case, dtype):
    check_memory(case, dtype)


@every_layer
@pytest.mark.parametrize("training", [False, True])
def test_shapes(case: Case, training):
    check_shapes(case, training)


@every_mask
@every_dtype
def test_mask_depends_on_seed_and_shape_only(case: Case, dtype):
    check_mask_depends_on_seed_and_shape_only(case, dtype)


@pytest.mark.parametrize("name", ["Dropout", "Dropout(rescale='test')", "SpatialDropout"])
@every_p
@pytest.mark.parametrize("training", [False, True])
def test_inplace(name, p, training):
    check_inplace(LAYERS[name], p, training)


ORIGINAL = LAYERS["Dropout(rescale='test')"]
MUTANTS = [
    (check_definition, RIGHT, noise.RescalesByDropRate, 0.1),
    (check_evaluation, ORIGINAL, layer.EvaluatesToTheShareDropped, 0.1),
    (check_nan_and_infinity, RIGHT, layer.MultipliesByMask, math.nan),
    (check_memory, RIGHT, layer.FloatMask, torch.float16),
    (check_shapes, RIGHT, layer.ReturnsAtLeastOneAxis, True),
    (check_inplace, RIGHT, layer.ReturnsACopy, 0.5, True),
    (check_inplace, RIGHT, layer.WritesBehindAutograd, 0.5, True),
    (check_inplace, ORIGINAL, layer.ScalesWhatItWroteAgain, 0.1, False),
    (
        check_mask_depends_on_seed_and_shape_only,
        RIGHT,
        noise.UniformsInTheDtypeOfTheInput,
        torch.float16,
    ),
]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda row: f"{row[0].__name__}-{row[2].__name__}")
def test_the_check_rejects(mutant):
    check, right, wrong, *arguments = mutant
    rejects(check, right, replace(right, make=wrong), *arguments)


def test_every_check_has_a_mutant():
    assert not without_mutant(sys.modules[__name__], (check.__name__ for check, *_ in MUTANTS))
