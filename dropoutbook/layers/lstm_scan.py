"""One layer of an LSTM over time as one node of autograd, with a backward pass of its own."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function, forward_ad

from dropoutbook.layers.mask import on_cpu
from dropoutbook.layers.recurrence import (
    Recurrence,
    at_steps,
    bits,
    input_gates,
    select_,
    views,
)

sigmoid_backward, tanh_backward = torch.ops.aten.sigmoid_backward, torch.ops.aten.tanh_backward


def scan_works(*tensors: Tensor) -> bool:
    """Whether LSTMScan can be used: eager, in memory, one dtype, no forward-mode derivative."""
    return not (
        torch.compiler.is_compiling()
        or torch._C._is_any_autocast_enabled()
        or forward_ad._current_level >= 0
        or any(not on_cpu(tensor) for tensor in tensors)
        or {tensor.dtype for tensor in tensors} not in ({torch.float32}, {torch.float64})
    )


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
        hs, cs = (gates.new_empty(len(gates) + 1, *h.shape) for _ in range(2))
        hs[0], cs[0], tanh, written = h, c, torch.empty_like(cs[1:]), torch.empty_like(cs[0])
        hidden, blocks = bits(masks.hidden, h), 1 if masks.hidden is None else len(masks.hidden)
        weights = (weight if hidden is None else weight * masks.factor).chunk(blocks)
        transposed, seen = [w.t() for w in weights], h.new_empty(blocks, *h.shape)
        update, cell = (at_steps(keep, h, len(gates)) for keep in masks[1:3])
        states = zip(*(part.unbind() for part in (hs, cs, hs[1:], cs[1:], tanh)), strict=False)
        steps = zip(views(gates, blocks), states, update, cell, strict=True)
        for (parts, (i, f, g, o)), (h_before, c_before, h, c, tanh_c), written_keep, keep in steps:
            if hidden is not None:
                torch.bitwise_and(h_before.view(hidden.dtype), hidden, out=seen.view(hidden.dtype))
            inputs_h = [h_before] if hidden is None else seen
            for z, seen_h, w in zip(parts, inputs_h, transposed, strict=True):
                z.addmm_(seen_h, w)
            i.sigmoid_(), f.sigmoid_(), g.tanh_(), o.sigmoid_()
            torch.mul(f, c_before, out=c)
            if written_keep is None:
                c.addcmul_(i, g)
            else:
                select_(torch.mul(i, g, out=written), written_keep)
                c.add_(written, alpha=masks.factor)
            torch.tanh(select_(c, keep), out=tanh_c)
            torch.mul(o, tanh_c, out=h)
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
    by_gate = (z.unbind() for z in (dgates.unflatten(-1, (4, -1))[..., :3, :], do))
    states = zip(*by_gate, *(part.unbind() for part in (dy, dc_by_dh, f)), cell, strict=True)
    steps = zip((parts for parts, _ in views(dgates, ctx.blocks)), states, strict=True)
    for parts, (by_c, by_o, y, a, f, keep_c) in reversed(list(steps)):
        select_(dc.addcmul_(dh.add_(y), a), keep_c)
        by_c.mul_(dc[:, None])
        by_o.mul_(dh)
        dc.mul_(f)
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
