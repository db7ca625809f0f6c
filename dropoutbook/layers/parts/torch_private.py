"""Everything that the package takes from PyTorch without a promise that it stays.

One place to mend when PyTorch changes; each name has a test of what it is needed for.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.autograd import forward_ad
from torch.nn.modules.dropout import _DropoutNd as DropoutNd
from torch.nn.modules.module import _has_any_global_hook as has_any_global_hook
from torch.utils._python_dispatch import is_traceable_wrapper_subclass as wraps_tensors

__all__ = [
    "DropoutNd",
    "autocast_is_on",
    "dispatch_is_watched",
    "forward_mode_is_on",
    "has_any_global_hook",
    "in_backward",
    "is_exporting",
    "is_plain",
    "outside_vectorized_gradients",
    "sigmoid_backward",
    "tanh_backward",
    "transforms_are_on",
    "wraps_tensors",
]

sigmoid_backward = torch.ops.aten.sigmoid_backward
tanh_backward = torch.ops.aten.tanh_backward


def transforms_are_on() -> bool:
    """Whether a transform of `torch.func` is active."""
    return torch._C._are_functorch_transforms_active()


def autocast_is_on() -> bool:
    """Whether autocast is on for any device."""
    return torch._C._is_any_autocast_enabled()


def dispatch_is_watched() -> bool:
    """Whether a `TorchDispatchMode` sees all operators, as a tracer does."""
    return torch._C._len_torch_dispatch_stack() > 0


def forward_mode_is_on() -> bool:
    """Whether `torch.autograd.forward_ad` is at work."""
    return forward_ad._current_level >= 0


def in_backward() -> bool:
    """Whether this code runs inside a backward pass, as what checkpointing recomputes does."""
    return torch._C._current_graph_task_id() != -1


def is_exporting() -> bool:
    """Whether `torch.export` is at work.

    In a graph of `torch.compile`, older versions take `torch.compiler.is_exporting` for true.
    """
    return torch.compiler._is_exporting_flag


def is_plain(x: Tensor) -> bool:
    """Whether `x` holds its entries itself: no subclass, and no batch of vectorized gradients."""
    if type(x) not in (Tensor, torch.nn.Parameter):
        return False
    return torch.compiler.is_compiling() or not torch._C._functorch.is_legacy_batchedtensor(x)


@contextmanager
def outside_vectorized_gradients() -> Iterator[None]:
    """Inside, random operators are allowed although a batch of gradients is under way."""
    torch._C._vmapmode_decrement_nesting()
    try:
        yield
    finally:
        torch._C._vmapmode_increment_nesting()
