"""The steps of an LSTM, forwards and backwards, in place in a few buffers."""

from typing import NamedTuple

import torch
from torch import Tensor

from dropoutbook.layers.parts.mask import INTEGERS
from dropoutbook.layers.parts.torch_private import sigmoid_backward, tanh_backward
from dropoutbook.layers.recurrent.masks import Mask, Masks


class Forward(NamedTuple):
    """One step, as views of what all steps have in memory."""

    blocks: tuple[Tensor, ...]  # of gates, each with an h of its own: (batch, 4 hidden / blocks)
    i: Tensor
    f: Tensor
    g: Tensor
    o: Tensor
    h_before: Tensor
    c_before: Tensor
    h: Tensor
    c: Tensor
    tanh: Tensor
    update: Tensor | None  # masks, from `bits`
    cell: Tensor | None


class Backward(NamedTuple):
    """One step backwards, likewise."""

    blocks: tuple[Tensor, ...]  # of the gradient by the gates
    by_c: Tensor  # i, f, g: (batch, 3, hidden)
    by_h: Tensor  # o
    dy: Tensor
    dc_by_dh: Tensor
    f: Tensor
    cell: Tensor | None


def forward_steps(
    gates: Tensor, h: Tensor, c: Tensor, weight: Tensor, masks: Masks
) -> tuple[Tensor, Tensor, Tensor]:
    """h and c before the first and after each step, (time + 1, batch, hidden), and tanh c_t.

    `gates` hold W_ih x_t + b, and in the end i, f, g, o.
    """
    hs, cs = (gates.new_empty(len(gates) + 1, *h.shape) for _ in range(2))
    hs[0], cs[0], tanh, written = h, c, torch.empty_like(cs[1:]), torch.empty_like(cs[0])
    hidden = None if masks.hidden is None else bits(masks.hidden, gates)
    weights = [w.t() for w in blocks_of(weight, masks.hidden)]
    seen = hs.new_empty(len(weights), *h.shape)
    for step in forward_views(gates, hs, cs, tanh, masks):
        if hidden is not None:
            torch.bitwise_and(step.h_before.view(hidden.dtype), hidden, out=seen.view(hidden.dtype))
        inputs = [step.h_before] if hidden is None else seen
        for block, x, w in zip(step.blocks, inputs, weights, strict=True):
            block.addmm_(x, w)
        step.i.sigmoid_(), step.f.sigmoid_(), step.g.tanh_(), step.o.sigmoid_()
        torch.mul(step.f, step.c_before, out=step.c)
        if masks.update is None:
            step.c.addcmul_(step.i, step.g)
        else:
            select_(torch.mul(step.i, step.g, out=written), step.update)
            step.c.add_(written, alpha=factor(masks.update))
        scale_(select_(step.c, step.cell), masks.cell)
        torch.tanh(step.c, out=step.tanh)
        torch.mul(step.o, step.tanh, out=step.h)
    return hs, cs, tanh


def backward_steps(
    masks: Masks,
    gates: Tensor,
    hs: Tensor,
    cs: Tensor,
    tanh: Tensor,
    weight: Tensor,
    dy: Tensor,
    dh: Tensor,
    dc: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
    """The gradients by the gates of all steps before sigmoid and tanh, by the first h and c."""
    dgates, dc_by_dh = slopes(masks, gates, cs, tanh)
    dh, dc = dh.clone(), dc.clone()
    hidden = None if masks.hidden is None else bits(masks.hidden, gates)
    weights = blocks_of(weight, masks.hidden)
    seen = dh.new_empty(len(weights), *dh.shape)
    for step in reversed(backward_views(dgates, gates, dy, dc_by_dh, masks)):
        select_(dc.addcmul_(dh.add_(step.dy), step.dc_by_dh), step.cell)
        scale_(dc, masks.cell)
        step.by_c.mul_(dc[:, None])
        step.by_h.mul_(dh)
        dc.mul_(step.f)
        for out, block, w in zip(seen, step.blocks, weights, strict=True):
            torch.mm(block, w, out=out)
        select_(seen, hidden)
        dh = seen[0] if len(seen) == 1 else torch.sum(seen, 0, out=dh)
    return dgates, dh, dc


def slopes(masks: Masks, gates: Tensor, cs: Tensor, tanh: Tensor) -> tuple[Tensor, Tensor]:
    """What dc (i, f, g) and dh (o) are multiplied by to give the gates', and dh to give dc."""
    dgates = torch.empty_like(gates)
    (i, f, g, o), (di, df, dg, do) = gates.chunk(4, -1), dgates.chunk(4, -1)
    sigmoid_backward(g, i, grad_input=di)
    sigmoid_backward(cs[:-1], f, grad_input=df)
    tanh_backward(i, g, grad_input=dg)
    sigmoid_backward(tanh, o, grad_input=do)
    if masks.update is not None:
        keep = bits(masks.update, gates)
        for slope in (di, dg):
            scale_(select_(slope, keep), masks.update)
    return dgates, tanh_backward(o, tanh)


def forward_views(
    gates: Tensor, hs: Tensor, cs: Tensor, tanh: Tensor, masks: Masks
) -> list[Forward]:
    """The steps in turn."""
    parts = (*gates.chunk(4, -1), hs[:-1], cs[:-1], hs[1:], cs[1:], tanh)
    columns = (part.unbind() for part in parts)
    keeps = (at_steps(mask, gates) for mask in (masks.update, masks.cell))
    blocks = by_block(gates, masks.hidden)
    return list(map(Forward._make, zip(blocks, *columns, *keeps, strict=True)))


def backward_views(
    dgates: Tensor, gates: Tensor, dy: Tensor, dc_by_dh: Tensor, masks: Masks
) -> list[Backward]:
    """The steps in turn, from the first."""
    by_gate = dgates.unflatten(-1, (4, -1))
    forget = gates.chunk(4, -1)[1]
    parts = (by_gate[..., :3, :], by_gate[..., 3, :], dy, dc_by_dh, forget)
    columns = (part.unbind() for part in parts)
    blocks, cell = by_block(dgates, masks.hidden), at_steps(masks.cell, gates)
    return list(map(Backward._make, zip(blocks, *columns, cell, strict=True)))


def by_block(gates: Tensor, hidden: Mask | None) -> list[tuple[Tensor, ...]]:
    """At each step the blocks of gates that see one h: (batch, 4 hidden / blocks)."""
    count = 1 if hidden is None else len(hidden.keep)
    return list(zip(*(block.unbind() for block in gates.chunk(count, -1)), strict=True))


def blocks_of(weight: Tensor, hidden: Mask | None) -> tuple[Tensor, ...]:
    """The rows of W_hh for each block, times the factor of what is kept of h."""
    return (weight,) if hidden is None else (weight * factor(hidden)).chunk(len(hidden.keep))


def hidden_inputs(hs: Tensor, hidden: Mask | None) -> list[Tensor]:
    """The h that each block of gates has seen, of all steps."""
    if hidden is None:
        return [hs[:-1]]
    return [select_(hs[:-1] * factor(hidden), keep) for keep in bits(hidden, hs)]


def factor(mask: Mask) -> float:
    return 1.0 if mask.factor is None else mask.factor


def scale_(x: Tensor, mask: Mask | None) -> Tensor:
    """Multiplies in place by the factor of what is kept."""
    return x if mask is None or mask.factor is None else x.mul_(mask.factor)


def at_steps(mask: Mask | None, like: Tensor) -> tuple[Tensor | None, ...]:
    """The masks of the steps, from `bits`."""
    steps = len(like)
    return (None,) * steps if mask is None else bits(mask, like).expand(steps, -1, -1).unbind()


def bits(mask: Mask, like: Tensor) -> Tensor:
    """Integers as long as an entry of `like`, all bits 1 where kept, 0 elsewhere."""
    return mask.keep.to(INTEGERS[like.itemsize]).neg_()


def select_(x: Tensor, keep: Tensor | None) -> Tensor:
    """Drops in place what `keep`, from `bits`, has not: a NaN or an infinity becomes 0 too."""
    if keep is not None:
        x.view(keep.dtype).bitwise_and_(keep)
    return x
