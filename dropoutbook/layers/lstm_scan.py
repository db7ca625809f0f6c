"""One layer of an LSTM over time as one node of autograd, with a backward pass of its own."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn.functional import linear

from dropoutbook.layers.mask import INTEGERS

sigmoid_backward, tanh_backward = torch.ops.aten.sigmoid_backward, torch.ops.aten.tanh_backward


class Recurrence(NamedTuple):
    """Where masks act, True = kept; None where nothing is masked.

    z_t = W_ih x_t + b + W_hh select(h_(t-1), hidden)
    c_t = select(f * c_(t-1) + select(i * g, update), cell)

    What `hidden` and `update` keep is multiplied by `factor`.
    """

    hidden: Tensor | None = None  # (1 or 4 gates, batch, hidden)
    update: Tensor | None = None  # (1 or time, batch, hidden)
    cell: Tensor | None = None  # (1 or time, batch, hidden)
    factor: float = 1.0


def input_gates(xs: list[Tensor], weight: Tensor, bias: Tensor | None) -> Tensor:
    """What the inputs add to the gates, (time, batch, 4 hidden): one x for all, or one for each."""
    biases = [None] * len(xs) if bias is None else bias.chunk(len(xs))
    gates = list(map(linear, xs, weight.chunk(len(xs)), biases))
    return gates[0] if len(xs) == 1 else torch.cat(gates, -1)


def select_(x: Tensor, keep: Tensor | None) -> Tensor:
    """Drops in place what `keep`, from `bits`, has not: a NaN or an infinity becomes 0 too."""
    if keep is not None:
        x.view(keep.dtype).bitwise_and_(keep)
    return x


def bits(keep: Tensor | None, like: Tensor) -> Tensor | None:
    """Integers as long as an entry of `like`, all bits 1 where kept, 0 elsewhere."""
    return None if keep is None else keep.to(INTEGERS[like.itemsize]).neg_()


def at_steps(keep: Tensor | None, like: Tensor, steps: int) -> tuple[Tensor | None, ...]:
    return (None,) * steps if keep is None else bits(keep, like).expand(steps, -1, -1).unbind()


def views(gates: Tensor, blocks: int) -> Iterator[tuple[tuple[Tensor, ...], ...]]:
    """At each step the `blocks` of (batch, 4 hidden) that see one h, and i, f, g, o."""
    kinds = [zip(*(z.unbind() for z in gates.chunk(n, -1)), strict=True) for n in (blocks, 4)]
    return zip(*kinds, strict=True)


class LSTMScan(Function):
    """`apply(loop, masks, h, c, W_hh, W_ih, bias, *xs)`: outputs of all steps, last h, last c.

    Only what waits for the step before is inside of a loop over time. `loop` is the definition,
    a function of the input gates, h, c and W_hh, for gradients that are to have gradients.
    """

    @staticmethod
    def forward(
        ctx: Any, loop: Callable, masks: Recurrence, *inputs: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        h, c, weight, weight_ih, bias, *xs = inputs
        gates = input_gates(xs, weight_ih, bias)  # after step t its i, f, g, o
        hs, cs = (torch.cat([s[None], s.new_empty(len(gates), *s.shape)]) for s in (h, c))
        tanh, written = torch.empty_like(cs[1:]), torch.empty_like(c)
        hidden, blocks = bits(masks.hidden, h), 1 if masks.hidden is None else len(masks.hidden)
        seen = h.new_empty(blocks, *h.shape)
        weights = (weight if hidden is None else weight * masks.factor).chunk(blocks)
        update, cell = (at_steps(keep, h, len(gates)) for keep in masks[1:3])
        for t, (parts, (i, f, g, o)) in enumerate(views(gates, blocks)):
            if hidden is not None:
                torch.bitwise_and(hs[t].view(hidden.dtype), hidden, out=seen.view(hidden.dtype))
            for z, h, w in zip(parts, [hs[t]] if hidden is None else seen, weights, strict=True):
                z.addmm_(h, w.t())
            i.sigmoid_(), f.sigmoid_(), g.tanh_(), o.sigmoid_()
            torch.mul(f, cs[t], out=cs[t + 1])
            if update[t] is None:
                cs[t + 1].addcmul_(i, g)
            else:
                select_(torch.mul(i, g, out=written), update[t])
                cs[t + 1].add_(written, alpha=masks.factor)
            torch.tanh(select_(cs[t + 1], cell[t]), out=tanh[t])
            torch.mul(o, tanh[t], out=hs[t + 1])
        ctx.loop, ctx.factor, ctx.blocks = loop, masks.factor, blocks
        ctx.save_for_backward(*masks[:3], gates, hs, cs, tanh, *inputs)
        return hs[1:], hs[-1].clone(), cs[-1].clone()

    @staticmethod
    def backward(ctx: Any, dy: Tensor, dh: Tensor, dc: Tensor) -> tuple[Tensor | None, ...]:
        saved = ctx.saved_tensors  # once: a checkpoint gives them no second time
        if torch.is_grad_enabled():
            return None, None, *differentiable(ctx, saved[7:], (dy, dh, dc))
        weight_ih, _, *xs = saved[10:]
        dgates, dh, dc, dweight = backward_in_time(ctx, saved, dy, dh.clone(), dc.clone())
        pairs = zip(xs, weight_ih.chunk(len(xs)), dgates.chunk(len(xs), -1), strict=True)
        wanted, dxs, dweights = ctx.needs_input_grad[2:], [], []
        for (x, w, dz), wants in zip(pairs, wanted[5:], strict=True):
            dxs.append(dz @ w if wants else None)
            dweights.append(dz.flatten(0, 1).t() @ x.flatten(0, 1) if wanted[3] else None)
        dweight_ih = torch.cat(dweights) if wanted[3] else None
        dbias = dgates.sum((0, 1)) if wanted[4] else None
        return None, None, dh, dc, dweight, dweight_ih, dbias, *dxs


def backward_in_time(
    ctx: Any, saved: tuple[Tensor | None, ...], dy: Tensor, dh: Tensor, dc: Tensor
) -> tuple[Tensor | None, ...]:
    """The gradients by the gates of all steps before their nonlinearity, h, c and W_hh."""
    hidden, update, cell, gates, hs, cs, tanh, _, _, weight = saved[:10]
    (i, f, g, o), dgates = gates.chunk(4, -1), torch.empty_like(gates)
    di, df, dg, do = dgates.chunk(4, -1)  # at first by c, or by h the last, without dc and dh
    sigmoid_backward(g, i, grad_input=di)
    sigmoid_backward(cs[:-1], f, grad_input=df)
    tanh_backward(i, g, grad_input=dg)
    sigmoid_backward(tanh, o, grad_input=do)
    dc_by_dh = tanh_backward(o, tanh)
    if update is not None:
        for part in (di, dg):
            select_(part, bits(update, part)).mul_(ctx.factor)
    cell = at_steps(cell, dh, len(gates))
    hidden, keep = bits(hidden, dh), hidden
    factor = 1.0 if hidden is None else ctx.factor
    weights = (weight if hidden is None else weight * factor).chunk(ctx.blocks)
    by_h = torch.empty_like(dh).expand(ctx.blocks, -1, -1).clone()
    steps = list(zip(views(dgates, ctx.blocks), dgates.unflatten(-1, (4, -1)), strict=True))
    for t in reversed(range(len(gates))):
        (parts, (*_, do)), by_gate = steps[t]
        dc = select_(dc.addcmul_(dh.add_(dy[t]), dc_by_dh[t]), cell[t])
        by_gate[:, :3].mul_(dc[:, None])
        do.mul_(dh)
        dc.mul_(f[t])
        for out, dz, w in zip(by_h, parts, weights, strict=True):
            torch.mm(dz, w, out=out)
        select_(by_h, hidden)
        dh = by_h[0] if ctx.blocks == 1 else torch.sum(by_h, 0, out=dh)
    if not ctx.needs_input_grad[4]:
        return dgates, dh, dc, None
    seen = [hs[:-1]] if keep is None else [select_(hs[:-1].clone(), mask) for mask in hidden]
    pairs = zip(dgates.chunk(ctx.blocks, -1), seen, strict=True)
    by_w = [dz.flatten(0, 1).t() @ h.flatten(0, 1) for dz, h in pairs]
    return dgates, dh, dc, torch.cat(by_w).mul_(factor)


def differentiable(
    ctx: Any, inputs: tuple[Tensor | None, ...], gradients: tuple[Tensor, ...]
) -> list[Tensor | None]:
    """The gradients by h, c, W_hh, W_ih, bias and xs as autograd has them from the definition."""
    h, c, weight, weight_ih, bias, *xs = inputs
    outputs = ctx.loop(input_gates(xs, weight_ih, bias), h, c, weight)
    wanted = ctx.needs_input_grad[2:]
    leaves = [part for part, wants in zip(inputs, wanted, strict=True) if wants]
    found = iter(torch.autograd.grad(outputs, leaves, gradients, create_graph=True))
    return [next(found) if wants else None for wants in wanted]
