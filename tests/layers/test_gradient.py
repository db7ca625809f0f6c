"""The gradient: the forward's mask, its factor, the second derivative, the memory it keeps."""

import math

import pytest
import torch
from torch.autograd import gradcheck, gradgradcheck
from torch.autograd.graph import saved_tensors_hooks

from tests.layers.cases import Case, every_dtype, every_layer, every_mask, every_p


@every_layer
@every_p
def test_gradient_is_the_noise_of_the_forward(case: Case, p):
    x = torch.ones(64, *case.example, dtype=torch.float64, requires_grad=True)
    y = case.seeded(p)(x)
    (gradient,) = torch.autograd.grad(y.sum(), x)
    torch.testing.assert_close(gradient, y.detach(), rtol=1e-15, atol=0)


@every_layer
@every_p
def test_gradient_agrees_with_finite_differences(case: Case, p):
    x = case.input(batch=2).requires_grad_()
    assert gradcheck(lambda x: case.seeded(p)(x), x, raise_exception=False)


@every_layer
@every_p
def test_second_gradient_agrees_with_finite_differences(case: Case, p):
    x = case.input(batch=2).requires_grad_()
    assert gradgradcheck(lambda x: case.seeded(p)(x) ** 3, x, raise_exception=False)


@every_layer
@pytest.mark.parametrize("p", [0.1, 0.5])
def test_gradient_of_the_evaluation(case: Case, p):
    x = case.input(batch=2).requires_grad_()
    assert gradcheck(case.make(p).eval(), x, raise_exception=False)


@every_mask
@every_dtype
def test_backward_keeps_one_byte_an_element_or_one_factor_a_draw(case: Case, dtype):
    x, saved = case.input(dtype=dtype).requires_grad_(), []

    def record(tensor):
        saved.append(tensor.numel() * tensor.element_size())
        return tensor

    with saved_tensors_hooks(record, lambda tensor: tensor):
        case.make(0.5)(x)
    most = x.numel() if case.selects else len(x) * math.prod(case.draws) * max(4, x.itemsize)
    assert sum(saved) <= most, f"{sum(saved)} bytes for {x.numel()} elements"
