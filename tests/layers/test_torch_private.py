"""What is taken from PyTorch without a promise still does what it is needed for."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.autograd import forward_ad
from torch.func import grad, vmap
from torch.nn.modules import module as hooks
from torch.utils.checkpoint import checkpoint
from torch.utils.flop_counter import FlopCounterMode

from dropoutbook.layers.parts import torch_private as private
from tests.mutants import rejects, without_mutant


def jacobian_rows(function: Callable[[Tensor], Tensor]) -> None:
    """Calls `function` with a batch of gradients."""

    class Watch(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Tensor) -> Tensor:
            return x.clone()

        @staticmethod
        def backward(ctx: Any, gradient: Tensor) -> Tensor:
            function(gradient)
            return gradient

    x = torch.ones(3, requires_grad=True)
    torch.autograd.grad(Watch.apply(x), x, torch.eye(3), is_grads_batched=True)


def check_dropouts(kind: type) -> None:
    """Every dropout of torch.nn is of that class, and nothing else is."""
    kinds = [nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout]
    assert all(isinstance(dropout(), kind) for dropout in [*kinds, nn.FeatureAlphaDropout])
    assert not isinstance(nn.Identity(), kind)


def check_autocast(is_on: Callable[[], bool]) -> None:
    assert not is_on()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert is_on()


def check_watched(is_watched: Callable[[], bool]) -> None:
    assert not is_watched()
    with FlopCounterMode(display=False):
        assert is_watched()


def check_forward_mode(is_on: Callable[[], bool]) -> None:
    assert not is_on()
    with forward_ad.dual_level():
        assert is_on()


def check_hooks(has_any: Callable[[], bool]) -> None:
    assert not has_any()
    registers = [
        hooks.register_module_forward_pre_hook,
        hooks.register_module_forward_hook,
        hooks.register_module_full_backward_hook,
    ]
    for register in registers:
        with register(lambda *_: None):  # taken off again whatever the check says
            assert has_any()


def check_backward(is_inside: Callable[[], bool]) -> None:
    """In the forward that a checkpoint runs again."""
    seen = []

    def layer(x: Tensor) -> Tensor:
        seen.append(is_inside())
        return x.sin()

    checkpoint(layer, torch.ones(3, requires_grad=True), use_reentrant=False).sum().backward()
    assert seen == [False, True]


def check_plain(is_plain: Callable[[Tensor], bool]) -> None:
    class Wrapped(Tensor):
        pass

    assert is_plain(torch.ones(3))
    assert is_plain(nn.Parameter(torch.ones(3)))
    assert not is_plain(torch.ones(3).as_subclass(Wrapped))
    batches = []
    jacobian_rows(lambda gradient: batches.append(is_plain(gradient)))
    assert batches == [False]
    graph = torch.compile(lambda x: x + is_plain(x), backend="eager", fullgraph=True)
    assert graph(torch.ones(())) == 2


def check_outside_vectorized_gradients(outside: Callable[[], AbstractContextManager]) -> None:
    """Random operators run inside it, and are refused again behind it."""

    def draws(_: Tensor) -> str:
        try:
            torch.rand(3)
        except RuntimeError:
            return "refused"
        return "drawn"

    seen = []

    def observe(gradient: Tensor) -> None:
        with outside():
            seen.append(draws(gradient))
        seen.append(draws(gradient))

    jacobian_rows(observe)
    assert seen == ["drawn", "refused"]


def check_sigmoid_backward(backward: Callable[..., Tensor]) -> None:
    check_derivative(backward, torch.sigmoid)


def check_tanh_backward(backward: Callable[..., Tensor]) -> None:
    check_derivative(backward, torch.tanh)


def check_derivative(backward: Callable[..., Tensor], function: Callable[[Tensor], Tensor]) -> None:
    """From the output, and written where it is told to."""
    x, weight = torch.randn(5, requires_grad=True), torch.randn(5)
    y = function(x)
    (expected,) = torch.autograd.grad(y, x, weight)
    place = torch.empty(5)
    backward(weight, y.detach(), grad_input=place)
    for result in (backward(weight, y.detach()), place):
        torch.testing.assert_close(result, expected)


def check_exporting(is_on: Callable[[], bool]) -> None:
    class Model(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x + is_on()

    torch.compiler.reset()
    x, compiled = torch.zeros(1), torch.compile(Model(), backend="eager", fullgraph=True)
    assert Model()(x) == compiled(x) == 0
    for strict in (False, True):
        assert torch.export.export(Model(), (x,), strict=strict).module()(x) == 1


def check_transforms(are_on: Callable[[], bool]) -> None:
    seen = []

    def function(x: Tensor) -> Tensor:
        seen.append(are_on())
        return x.sum()

    function(torch.ones(2))
    vmap(function)(torch.ones(2, 2))
    grad(function)(torch.ones(2))
    assert seen == [False, True, True]


def check_wraps(wraps: Callable[[Tensor], bool]) -> None:
    nested = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)], layout=torch.jagged)
    assert wraps(nested)
    assert not wraps(torch.ones(2))
    assert not wraps(nn.Parameter(torch.ones(2)))


def yes(*_: object) -> bool:
    return True


def no(*_: object) -> bool:
    return False


def of_no_subclass(x: Tensor) -> bool:
    return type(x) in (Tensor, nn.Parameter)


NEEDS = {  # name: (what it is needed for, what would not do)
    "DropoutNd": (check_dropouts, nn.Dropout, nn.Module),
    "autocast_is_on": (check_autocast, yes, no),
    "dispatch_is_watched": (check_watched, yes, no),
    "forward_mode_is_on": (check_forward_mode, yes, no),
    "has_any_global_hook": (check_hooks, yes, no),
    "in_backward": (check_backward, yes, no),
    "is_exporting": (check_exporting, torch.compiler.is_compiling, no),
    "is_plain": (check_plain, yes, no, of_no_subclass),
    "outside_vectorized_gradients": (check_outside_vectorized_gradients, nullcontext),
    "sigmoid_backward": (check_sigmoid_backward, private.tanh_backward),
    "tanh_backward": (check_tanh_backward, private.sigmoid_backward),
    "transforms_are_on": (check_transforms, yes, no),
    "wraps_tensors": (check_wraps, yes, no),
}


@pytest.mark.parametrize("name", NEEDS)
def test_it_does_what_it_is_needed_for(name):
    check, *wrongs = NEEDS[name]
    for wrong in wrongs:
        rejects(check, getattr(private, name), wrong)


def test_every_name_has_a_test():
    assert not without_mutant(private.__all__, NEEDS)
