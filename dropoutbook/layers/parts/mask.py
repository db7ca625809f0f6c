"""Masks: how they are drawn, and how they are applied."""

from typing import Any

import torch
from torch import Generator, Tensor

from dropoutbook.layers.parts import random_normal
from dropoutbook.layers.parts.random_bytes import SMALL, draw, draw_compiled
from dropoutbook.layers.parts.torch_private import (
    dispatch_is_watched,
    in_backward,
    is_plain,
    transforms_are_on,
    wraps_tensors,
)

INTEGERS = {2: torch.int16, 4: torch.int32, 8: torch.int64}  # by bytes per entry
CHUNK = 2**17  # entries selected at a time; their mask, as integers, stays in the cache


def draw_keep(
    shape: torch.Size | tuple[int, ...],
    p: float | Tensor,
    like: Tensor,
    generator: Generator | None,
) -> Tensor:
    """Draws a keep mask: True with probability 1 - p, independently for each entry.

    On a CPU, in eager mode and in compiled graphs, a large mask with one p for all comes from
    `random_bytes`: its rate is exact. Elsewhere, under transforms of `torch.func`, and for a p per
    entry, float32 uniforms are compared, whatever the dtype of `like`, because a half-precision
    uniform cannot resolve a small p; they are multiples of 2**-24, so the rate is exact to that
    much. The mask depends on the seed, on `shape`, and on which of the two ways is taken.

    Args:
        shape: Shape of the independent draws.
        p: Drop probability, dimensionless, in [0, 1]: one for all, or one for each entry.
        like: The tensor on whose device the mask is drawn; where it is a `DTensor` or a jagged
            nested tensor, so is the mask.
        generator: Source of randomness; None means PyTorch's global one.

    Raises:
        TypeError: if a `generator` is asked for a mask that is not an ordinary tensor.
        RuntimeError: if a `generator` is asked for a mask inside a backward pass.
    """
    if isinstance(p, Tensor) or not on_cpu(like):
        return draw_uniform(shape, like, generator) >= p
    if generator is not None:
        refuse_recomputation()
    elif torch.compiler.is_compiling():
        return draw_compiled(shape, p)
    return draw(shape, p, generator)


def on_cpu(x: Tensor) -> bool:
    """Whether `x` is an ordinary tensor in memory, which nothing but a compiler looks into.

    What traces operators would take the number of hits of one draw for a constant.
    """
    if not is_plain(x) or x.device.type != "cpu" or transforms_are_on():
        return False
    if torch.compiler.is_compiling():
        return True
    return not torch.jit.is_tracing() and not dispatch_is_watched()


def draw_uniform(
    shape: torch.Size | tuple[int, ...], like: Tensor, generator: Generator | None
) -> Tensor:
    """Independent float32 uniforms in [0, 1), on the device of `like` and of its kind.

    Raises:
        TypeError, RuntimeError: as `draw_keep`.
    """
    if not wraps_tensors(like):
        return torch.rand(shape, **float32_draws(like, generator))
    if generator is not None:
        raise TypeError(
            f"generator must be None for an input of type {type(like).__name__}, which draws from "
            "the generators of its own"
        )
    # rand_like alone is never merged with its equal in a compiled graph; randn_like would be
    empty = like if shape == like.shape else like.new_empty(shape)
    return torch.rand_like(empty, dtype=torch.float32)


def draw_normal(
    shape: torch.Size | tuple[int, ...], like: Tensor, generator: Generator | None
) -> Tensor:
    """Independent float32 standard normal draws, on the device of `like` and of its kind.

    On a CPU they come from `random_normal` and are the same on each, except under transforms of
    `torch.func`, where the last bits of PyTorch's own depend on the CPU.

    Raises:
        TypeError, RuntimeError: as `draw_keep`.
    """
    if wraps_tensors(like):
        radius, angle = (draw_uniform(shape, like, generator) for _ in range(2))
        return (-2 * torch.log1p(-radius)).sqrt() * torch.cos(2 * torch.pi * angle)  # Box, Muller
    if not on_cpu(like):
        return torch.randn(shape, **float32_draws(like, generator))
    if generator is not None:
        refuse_recomputation()
    elif torch.compiler.is_compiling():
        return random_normal.draw_compiled(shape)
    return random_normal.draw(shape, generator)


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
    if in_backward():
        raise RuntimeError(
            "a layer with its own generator cannot be recomputed by activation checkpointing: "
            "only the global generator is rewound, so use generator=None here"
        )


def select(x: Tensor, keep: Tensor, factor: float | None = None) -> Tensor:
    """`x` where `keep` is True, times `factor` if there is one, and 0 elsewhere.

    A dropped NaN or infinity is 0 too. Backward needs the mask alone, one byte per entry. The
    output has the dtype of `x` and its order of axes in memory.
    """
    quick = on_cpu(x) and not torch.compiler.is_compiling() and x.itemsize in INTEGERS
    if quick and x.numel() >= SMALL:
        return SelectBits.apply(x, keep, factor)
    if not wraps_tensors(x) and not x.is_contiguous():
        # where() takes the order of axes of the mask, its first argument
        keep = torch.ones_like(x, dtype=torch.bool) & keep
    kept = torch.where(keep, x, 0.0)
    if factor is None:
        return kept
    if x.itemsize == 1:  # float8 has no arithmetic
        return (kept.float() * factor).to(x.dtype)
    return kept.mul_(factor)


class SelectBits(torch.autograd.Function):
    """`select` for `on_cpu`: the bits of `x`, as an integer, times 0 or 1.

    Where torch.where branches at each entry, this is a product that the processor vectorizes.
    It needs no memory for more than the output and a chunk.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, keep: Tensor, factor: float | None) -> Tensor:
        ctx.save_for_backward(keep)
        ctx.save_for_forward(keep)
        ctx.factor = factor
        return select_bits(x, keep, factor)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        (keep,) = ctx.saved_tensors
        return select(gradient, keep, ctx.factor), None, None

    @staticmethod
    def jvp(ctx: Any, tangent: Tensor, *_: None) -> Tensor:
        (keep,) = ctx.saved_tensors
        return select(tangent, keep, ctx.factor)


def select_bits(x: Tensor, keep: Tensor, factor: float | None) -> Tensor:
    """`select`, chunk by chunk."""
    kept = torch.empty_like(x)  # dense, in the order of axes of x
    if not same_memory(x, kept):
        x = kept.copy_(x)
    if not same_memory(keep, kept):
        keep = torch.empty_like(kept, dtype=torch.bool).copy_(keep)
    integer = INTEGERS[x.itemsize]
    chunks = [
        in_memory_order(tensor.view(dtype)).split(CHUNK)
        for tensor, dtype in ((x, integer), (keep, torch.int8), (kept, integer))
    ]
    scratch = torch.empty_like(chunks[0][0])
    for bits, mask, product in zip(*chunks, strict=True):
        torch.mul(bits, scratch[: len(mask)].copy_(mask), out=product)
        if factor is not None:
            product.view(x.dtype).mul_(factor)
    return kept


def same_memory(x: Tensor, y: Tensor) -> bool:
    """Whether the entries of both lie in the same order, without gaps if those of `y` do."""
    return x.shape == y.shape and x.stride() == y.stride() and not x.is_neg()


def in_memory_order(x: Tensor) -> Tensor:
    """The entries of a dense tensor, as one axis."""
    return x.as_strided((x.numel(),), (1,))


def inverted(x: Tensor, keep: Tensor, p: float) -> Tensor:
    """`x` / (1 - p) where kept and 0 elsewhere; at p = 1 nothing is kept."""
    return select(x, keep, None if p == 1 else 1 / (1 - p))
