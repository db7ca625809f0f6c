"""Contestants that are layers: a forward pass, or one with its backward pass."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from benchmarks.measure import peak_bytes, saved_bytes
from benchmarks.row import Contestant

Layer = Callable[[Tensor], Tensor]


def forward(layer: Layer, x: Tensor, deviation: Callable[[], str], **more: Any) -> Contestant:
    """Calls `layer` on `x`, which wants no gradient."""
    return Contestant(lambda: layer(x), deviation, **more)


def forward_backward(
    layer: Layer,
    x: Tensor,
    deviation: Callable[[], str],
    parameters: Sequence[Tensor] = (),
    memory: bool = False,
    **more: Any,
) -> Contestant:
    """Calls `layer` on `x`, then finds the gradients by `x` and the parameters.

    With `memory`, the bytes kept between the two and the peak of both are measured.
    """
    leaves = [x.detach().clone().requires_grad_(), *parameters]
    gradient = torch.ones_like(layer(leaves[0]).detach())

    def both() -> tuple[Tensor, ...]:
        return torch.autograd.grad(layer(leaves[0]), leaves, gradient)

    if memory:
        more["saved"] = lambda: saved_bytes(lambda: layer(leaves[0]), leaves)
        more["peak"] = lambda: peak_bytes(both)
    return Contestant(both, deviation, **more)
