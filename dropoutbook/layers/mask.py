"""Masks: how they are drawn, and how they are applied."""

from typing import Any

import torch
from torch import Generator, Tensor


def draw_keep(
    shape: torch.Size | tuple[int, ...],
    p: float | Tensor,
    like: Tensor,
    generator: Generator | None,
) -> Tensor:
    """Draws a keep mask: True with probability 1 - p, independently for each entry.

    The uniforms are float32 whatever the dtype of `like`, because a half-precision
    uniform cannot resolve a small p. They are multiples of 2**-24, so the rate is
    exact to that much. The mask depends on the seed and on `shape` alone.

    Args:
        shape: Shape of the independent draws.
        p: Drop probability, dimensionless, in [0, 1]: one for all, or one for each entry.
        like: The tensor on whose device the mask is drawn.
        generator: Source of randomness; None means PyTorch's global one.

    Raises:
        RuntimeError: if a `generator` is asked for a mask inside a backward pass.
    """
    return torch.rand(shape, **float32_draws(like, generator)) >= p


def float32_draws(like: Tensor, generator: Generator | None) -> dict[str, Any]:
    """The options of torch.rand and torch.randn for float32 draws on the device of `like`.

    Raises:
        RuntimeError: if a `generator` is asked for draws inside a backward pass.
    """
    options = {"dtype": torch.float32, "device": like.device}
    if generator is not None:  # even generator=None would forbid symbolic shapes in a compiler
        refuse_recomputation()
        options["generator"] = generator
    return options


def refuse_recomputation() -> None:
    """Raises inside a backward pass, where checkpointing runs a forward a second time."""
    # A checkpoint rewinds PyTorch's global generators and no other, so the second forward
    # would draw another mask and the gradient would be silently wrong.
    if torch._C._current_graph_task_id() != -1:
        raise RuntimeError(
            "a layer with its own generator cannot be recomputed by activation checkpointing: "
            "only the global generator is rewound, so use generator=None here"
        )


def select(x: Tensor, keep: Tensor, inplace: bool = False) -> Tensor:
    """`x` where `keep` is True and 0 elsewhere, NaN and infinity included.

    Backward needs the mask alone, one byte an element. The output has the dtype of `x`
    and its order of axes in memory.
    """
    if inplace:
        return x.masked_fill_(~keep, 0)
    if not x.is_contiguous():  # where() takes the order of axes of the mask, its first argument
        keep = torch.ones_like(x, dtype=torch.bool) & keep
    return torch.where(keep, x, 0.0)
