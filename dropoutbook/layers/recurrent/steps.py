"""The steps of an LSTM, forwards and backwards, in place in a few buffers."""

import torch
from torch import Tensor

from dropoutbook.layers.recurrent.recurrence import Recurrence, at_steps, bits, select_, views

sigmoid_backward, tanh_backward = torch.ops.aten.sigmoid_backward, torch.ops.aten.tanh_backward


def forward_steps(
    gates: Tensor, h: Tensor, c: Tensor, weight: Tensor, masks: Recurrence
) -> tuple[Tensor, Tensor, Tensor]:
    """h and c before the first and after each step, (time + 1, batch, hidden), and tanh c_t.

    `gates` hold W_ih x_t + b, and in the end i, f, g, o.
    """
    hs, cs = (gates.new_empty(len(gates) + 1, *h.shape) for _ in range(2))
    hs[0], cs[0], tanh, written = h, c, torch.empty_like(cs[1:]), torch.empty_like(cs[0])
    hidden, seen = bits(masks.hidden, gates), hs.new_empty(masks.blocks, *h.shape)
    weights = [w.t() for w in masks.scaled(weight).chunk(masks.blocks)]
    update, cell = (at_steps(keep, gates, len(gates)) for keep in (masks.update, masks.cell))
    states = zip(*(part.unbind() for part in (hs[:-1], cs[:-1], hs[1:], cs[1:], tanh)), strict=True)
    steps = zip(views(gates, masks.blocks), states, update, cell, strict=True)
    for (parts, (i, f, g, o)), (h_before, c_before, h, c, tanh_c), keep_update, keep_cell in steps:
        if hidden is not None:
            torch.bitwise_and(h_before.view(hidden.dtype), hidden, out=seen.view(hidden.dtype))
        for z, x, w in zip(parts, [h_before] if hidden is None else seen, weights, strict=True):
            z.addmm_(x, w)
        i.sigmoid_(), f.sigmoid_(), g.tanh_(), o.sigmoid_()
        torch.mul(f, c_before, out=c)
        if keep_update is None:
            c.addcmul_(i, g)
        else:
            c.add_(select_(torch.mul(i, g, out=written), keep_update), alpha=masks.factor)
        torch.tanh(select_(c, keep_cell), out=tanh_c)
        torch.mul(o, tanh_c, out=h)
    return hs, cs, tanh


def backward_steps(
    masks: Recurrence,
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
    dgates, dc_by_dh = factors(masks, gates, cs, tanh)
    dh, dc, hidden = dh.clone(), dc.clone(), bits(masks.hidden, gates)
    weights = masks.scaled(weight).chunk(masks.blocks)
    seen = dh.new_empty(masks.blocks, *dh.shape)
    by_gate = dgates.unflatten(-1, (4, -1))
    forget, cell = gates.chunk(4, -1)[1], at_steps(masks.cell, gates, len(gates))
    parts = [parts for parts, _ in views(dgates, masks.blocks)]
    states = (by_gate[..., :3, :], by_gate[..., 3, :], dy, dc_by_dh, forget)
    states = zip(*(part.unbind() for part in states), cell, parts, strict=True)
    for by_c, by_h, y, factor, f, keep, parts in reversed(list(states)):
        select_(dc.addcmul_(dh.add_(y), factor), keep)
        by_c.mul_(dc[:, None])
        by_h.mul_(dh)
        dc.mul_(f)
        for out, dz, w in zip(seen, parts, weights, strict=True):
            torch.mm(dz, w, out=out)
        select_(seen, hidden)
        dh = seen[0] if masks.blocks == 1 else torch.sum(seen, 0, out=dh)
    return dgates, dh, dc


def factors(masks: Recurrence, gates: Tensor, cs: Tensor, tanh: Tensor) -> tuple[Tensor, Tensor]:
    """What dc (i, f, g) and dh (o) are multiplied by to give the gates', and dh to give dc."""
    dgates = torch.empty_like(gates)
    (i, f, g, o), (di, df, dg, do) = gates.chunk(4, -1), dgates.chunk(4, -1)
    sigmoid_backward(g, i, grad_input=di)
    sigmoid_backward(cs[:-1], f, grad_input=df)
    tanh_backward(i, g, grad_input=dg)
    sigmoid_backward(tanh, o, grad_input=do)
    if masks.update is not None:
        keep = bits(masks.update, gates)
        select_(di, keep).mul_(masks.factor)
        select_(dg, keep).mul_(masks.factor)
    return dgates, tanh_backward(o, tanh)
