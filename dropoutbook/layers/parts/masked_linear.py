"""A linear map with a mask for every example, whose masks are never all in memory."""

from collections.abc import Iterable, Iterator
from typing import Any

import torch
from torch import Generator, Tensor

from dropoutbook.layers.parts.mask import draw_keep, on_cpu, refuse_recomputation, select
from dropoutbook.layers.parts.random_bytes import draw
from dropoutbook.layers.parts.torch_private import is_plain, outside_vectorized_gradients

CHUNK = 2**18  # connections at a time; a few arrays of them stay in a core's cache


def masked_linear(v: Tensor, weight: Tensor, p: float, generator: Generator | None) -> Tensor:
    """sum over j of M[o, j] * weight[o, j] * v[j], with its own M ~ Bernoulli(1 - p) for each v.

    On a CPU it works through a few examples at a time, and backward draws the masks again from
    the state that the generator had. The plain definition does the rest: it keeps the masks.

    Args:
        v: (*, in), of the dtype of `weight`.
        weight: (out, in).

    Returns:
        (*, out).
    """
    if on_cpu(v) and on_cpu(weight) and not torch.compiler.is_compiling():
        if generator is not None:
            refuse_recomputation()
        u = MaskedLinear.apply(v.reshape(-1, v.shape[-1]), weight, p, generator)
        return u.view(*v.shape[:-1], len(weight))
    products = weight * v.unsqueeze(-2)
    return select(products, draw_keep(products.shape, p, v, generator)).sum(-1)


class MaskedLinear(torch.autograd.Function):
    """`masked_linear` of v (batch, in), chunk by chunk."""

    @staticmethod
    def forward(
        ctx: Any, v: Tensor, weight: Tensor, p: float, generator: Generator | None
    ) -> Tensor:
        generator = torch.default_generator if generator is None else generator
        ctx.save_for_backward(v, weight)
        ctx.save_for_forward(v, weight)
        ctx.p, ctx.state = p, generator.get_state()
        u = v.new_empty(len(v), len(weight))
        for rows, keep in masks(v, weight, p, generator):
            products = weight * v[rows].unsqueeze(1)
            torch.sum(select(products, keep), -1, out=u[rows])
        return u

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor, None, None]:
        v, weight = ctx.saved_tensors
        drawn: Iterable[tuple[slice, Tensor]] = masks(v, weight, ctx.p, again(ctx.state))
        if not is_plain(gradient):  # a batch of gradients, in which nothing may draw
            with outside_vectorized_gradients():
                drawn = list(drawn)
        of_v, of_weight = [v[:0]], torch.zeros_like(weight)
        for rows, keep in drawn:
            outer = gradient[rows].unsqueeze(2)
            if ctx.needs_input_grad[0]:
                of_v.append(select(weight * outer, keep).sum(1))
            if ctx.needs_input_grad[1]:
                of_weight = of_weight + select(v[rows].unsqueeze(1) * outer, keep).sum(0)
        return torch.cat(of_v) if ctx.needs_input_grad[0] else None, of_weight, None, None

    @staticmethod
    def jvp(ctx: Any, of_v: Tensor, of_weight: Tensor, *_: None) -> Tensor:
        v, weight = ctx.saved_tensors
        of_u = [v.new_empty(0, len(weight))]
        for rows, keep in masks(v, weight, ctx.p, again(ctx.state)):
            products = weight * of_v[rows].unsqueeze(1) + of_weight * v[rows].unsqueeze(1)
            of_u.append(select(products, keep).sum(-1))
        return torch.cat(of_u)


def again(state: Tensor) -> Generator:
    """A generator that draws once more what was drawn from `state` on."""
    generator = Generator()
    generator.set_state(state)
    return generator


def masks(
    v: Tensor, weight: Tensor, p: float, generator: Generator
) -> Iterator[tuple[slice, Tensor]]:
    """The examples of each chunk, and their masks (examples, out, in)."""
    count = max(1, CHUNK // weight.numel())
    for start in range(0, len(v), count):
        rows = slice(start, min(start + count, len(v)))
        yield rows, draw((rows.stop - rows.start, *weight.shape), p, generator)
