"""The form of the output: dtype, shape, order of axes in memory."""

import pytest
import torch

from tests.layers.cases import Case, every_dtype, every_layer, every_mask, reversed_strides


@every_layer
@every_dtype
@pytest.mark.parametrize("training", [False, True])
def test_dtype_is_kept(case: Case, dtype, training):
    assert case.make(0.1).train(training)(case.input(dtype=dtype)).dtype == dtype


@every_layer
@pytest.mark.parametrize("training", [False, True])
def test_every_shape_works(case: Case, training):
    for shape in case.shapes:
        assert case.make(0.5).train(training)(torch.ones(shape)).shape == shape


@every_layer
@pytest.mark.parametrize("training", [False, True])
def test_strides_are_kept(case: Case, training):
    for x in (
        reversed_strides(case.input()),
        case.input().contiguous(memory_format=torch.channels_last),
    ):
        assert not x.is_contiguous()
        y = case.make(0.1).train(training)(x)
        assert y.stride() == x.stride()


@every_mask
@every_dtype
def test_the_mask_depends_on_seed_and_shape_only(case: Case, dtype):
    x = case.input()
    keep = case.seeded(0.5)(x) != 0
    assert torch.equal(case.seeded(0.5)(x.to(dtype)) != 0, keep)
    assert torch.equal(case.seeded(0.5)(reversed_strides(x)) != 0, keep)
