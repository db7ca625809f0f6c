"""Masks: how they are drawn, and how they are applied."""

from typing import Any

import torch
from torch import Generator, Tensor

from dropoutbook.layers.parts.random_bytes import SMALL, draw, draw_compiled

INTEGERS = {2: torch.int16, 4: torch.int32, 8: torch.int64}  # by bytes an entry


def draw_keep(
    shape: torch.Size | tuple[int, ...],
    p: float | Tensor,
    like: Tensor,
    generator: Generator | None,
) -> Tensor:
    """Draws a keep mask: True with probability 1 - p, independently for each entry.

    On a CPU, in eager mode and in compiled graphs, a large mask with one p for all comes from
    `random_bytes`: its rate is exact. Elsewhere, under transforms of `torch.func`, and for a p an
    entry, float32 uniforms are compared, whatever the dtype of `like`, because a half-precision
    uniform cannot resolve a small p; they are multiples of 2**-24, so the rate is exact to that
    much. The mask depends on the seed, on `shape`, and on which of the two ways is taken.

    Args:
        shape: Shape of the independent draws.
        p: Drop probability, dimensionless, in [0, 1]: one for all, or one for each entry.
        like: The tensor on whose device the mask is drawn.
        generator: Source of randomness; None means PyTorch's global one.

    Raises:
        RuntimeError: if a `generator` is asked for a mask inside a backward pass.
    """
    if isinstance(p, Tensor) or not on_cpu(like):
        return torch.rand(shape, **float32_draws(like, generator)) >= p
    if generator is not None:
        refuse_recomputation()
    elif torch.compiler.is_compiling():
        return draw_compiled(shape, p)
    return draw(shape, p, generator)


def on_cpu(x: Tensor) -> bool:
    """Whether `x` is an ordinary tensor in memory, and no transform of `torch.func` is active."""
    plain = type(x) in (Tensor, torch.nn.Parameter)
    return plain and x.device.type == "cpu" and not torch._C._are_functorch_transforms_active()


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


def select(x: Tensor, keep: Tensor, factor: float | None = None) -> Tensor:
    """`x` where `keep` is True, times `factor` if there is one, and 0 elsewhere.

    A dropped NaN or infinity is 0 too. Backward needs the mask alone, one byte an element. The
    output has the dtype of `x` and its order of axes in memory.
    """
    if on_cpu(x) and not torch.compiler.is_compiling() and x.numel() >= SMALL:
        return SelectBits.apply(x, keep, factor)
    if not x.is_contiguous():  # where() takes the order of axes of the mask, its first argument
        keep = torch.ones_like(x, dtype=torch.bool) & keep
    kept = torch.where(keep, x, 0.0)
    return kept if factor is None else kept.mul_(factor)


class SelectBits(torch.autograd.Function):
    """`select` for `on_cpu`: the bits of `x`, as an integer, times 0 or 1.

    Where torch.where branches at each entry, this is a product that the processor vectorizes.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, keep: Tensor, factor: float | None) -> Tensor:
        ctx.save_for_backward(keep)
        ctx.save_for_forward(keep)
        ctx.factor = factor
        integer = INTEGERS[x.itemsize]
        kept = (x.view(integer) * keep.view(torch.int8).to(integer)).view(x.dtype)
        return kept if factor is None else kept.mul_(factor)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        return select(gradient, *ctx.saved_tensors, ctx.factor), None, None

    @staticmethod
    def jvp(ctx: Any, tangent: Tensor, *_: None) -> Tensor:
        return select(tangent, *ctx.saved_tensors, ctx.factor)


def inverted(x: Tensor, keep: Tensor, p: float) -> Tensor:
    """`x` / (1 - p) where kept and 0 elsewhere; at p = 1 nothing is kept."""
    return select(x, keep, None if p == 1 else 1 / (1 - p))
