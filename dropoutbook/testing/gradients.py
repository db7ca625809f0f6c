"""Derivatives belong to the mask of the output: backward, forward, twice, in batches."""

import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd import gradcheck, gradgradcheck
from torch.func import functional_call

from dropoutbook.testing.case import Case, after_seed


def gradient(case: Case) -> None:
    """the gradient of the input and of every parameter agrees with finite differences"""
    for p in case.ps:
        check(case, gradcheck, case.layer(p))


def gradient_in_evaluation(case: Case) -> None:
    """so does that of the evaluation"""
    check(case, gradcheck, case.layer().eval())


def second_gradient(case: Case) -> None:
    """the second gradient agrees with finite differences"""
    check(case, gradgradcheck, case.layer(), torch.sin)


def forward_derivative(case: Case) -> None:
    """the derivative in forward mode agrees with finite differences"""
    check(case, gradcheck, case.layer(), check_forward_ad=True, check_backward_ad=False)


def batched_gradients(case: Case) -> None:
    """many gradients at once agree with one after another"""
    check(case, gradcheck, case.layer(), check_batched_grad=True)


def check(
    case: Case,
    checker: Callable[..., bool],
    layer: torch.nn.Module,
    then: Callable[[Tensor], Tensor] = lambda y: y,
    **options: Any,
) -> None:
    """Every call from the same seed, in float64, along a random direction."""
    parameters = dict(layer.double().named_parameters())
    inputs = [case.example.double(), *parameters.values()]
    leaves = [value.detach().clone().requires_grad_() for value in inputs]

    def function(x: Tensor, *values: Tensor) -> Tensor:
        given = dict(zip(parameters, values, strict=True))
        return then(after_seed(lambda x: functional_call(layer, given, (x,)), x))

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*torch.jit.script")  # PyTorch's own
        assert checker(function, leaves, fast_mode=True, **options)
