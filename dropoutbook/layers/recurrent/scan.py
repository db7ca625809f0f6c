"""One layer of an LSTM over time as one node of autograd, with a backward pass of its own."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn.functional import linear

from dropoutbook.layers.parts.torch_private import is_plain
from dropoutbook.layers.recurrent.masks import Mask, Masks
from dropoutbook.layers.recurrent.steps import backward_steps, forward_steps, hidden_inputs


class LSTMScan(Function):
    """`apply(loop, masks, h, c, W_hh, W_ih, bias, *xs)`: outputs of all steps, last h, last c.

    Only what waits for the step before is inside of a loop over time; the products with W_ih and
    the gradients of the weights are one product for all steps. `xs` are the masked inputs, one for
    all gates or one for each. `loop` is the definition, a function of the input gates, h, c and
    W_hh, for gradients that are to have gradients, and for many gradients at once.
    """

    @staticmethod
    def forward(
        ctx: Any, loop: Callable[..., Any], masks: Masks, *inputs: Any
    ) -> tuple[Tensor, Tensor, Tensor]:
        h, c, weight, weight_ih, bias, *xs = inputs
        gates = input_gates(xs, weight_ih, bias)
        hs, cs, tanh = forward_steps(gates, h, c, weight, masks)
        acting = masks[1:]  # the inputs are masked already
        ctx.loop = loop
        ctx.factors = [None if mask is None else mask.factor for mask in acting]
        keeps = [None if mask is None else mask.keep for mask in acting]
        ctx.save_for_backward(*keeps, gates, hs, cs, tanh, *inputs)
        return hs[1:], hs[-1].clone(), cs[-1].clone()

    @staticmethod
    def backward(ctx: Any, dy: Tensor, dh: Tensor, dc: Tensor) -> tuple[Tensor | None, ...]:
        saved = ctx.saved_tensors  # once: a checkpoint gives them no second time
        pairs = zip(saved[:3], ctx.factors, strict=True)
        masks = Masks(None, *(None if keep is None else Mask(keep, f) for keep, f in pairs))
        steps, inputs = saved[3:7], saved[7:]
        gradients = dy, dh, dc
        if torch.is_grad_enabled() or not all(map(is_plain, gradients)):
            return None, None, *by_autograd(ctx, inputs, gradients)
        return None, None, *by_hand(ctx, masks, steps, inputs, gradients)


def input_gates(xs: list[Tensor], weight: Tensor, bias: Tensor | None) -> Tensor:
    """What the inputs add to the gates, (time, batch, 4 hidden): one x for all, or one for each."""
    biases = [None] * len(xs) if bias is None else bias.chunk(len(xs))
    gates = list(map(linear, xs, weight.chunk(len(xs)), biases))
    return gates[0] if len(xs) == 1 else torch.cat(gates, -1)


def by_hand(
    ctx: Any,
    masks: Masks,
    steps: tuple[Tensor, Tensor, Tensor, Tensor],
    inputs: tuple[Any, ...],
    gradients: tuple[Tensor, Tensor, Tensor],
) -> list[Tensor | None]:
    """The gradients by h, c, W_hh, W_ih, bias and xs."""
    _, _, weight, weight_ih, _, *xs = inputs
    _, _, by_weight, by_weight_ih, by_bias, *by_xs = ctx.needs_input_grad[2:]
    dgates, dh, dc = backward_steps(masks, *steps, weight, *gradients)
    blocks = zip(weight_ih.chunk(len(xs)), dgates.chunk(len(xs), -1), by_xs, strict=True)
    return [
        dh,
        dc,
        weight_gradient(dgates, hidden_inputs(steps[1], masks.hidden)) if by_weight else None,
        weight_gradient(dgates, xs) if by_weight_ih else None,
        dgates.sum((0, 1)) if by_bias else None,
        *(dz @ w if wanted else None for w, dz, wanted in blocks),
    ]


def weight_gradient(dgates: Tensor, seen: list[Tensor]) -> Tensor:
    """The gradient by a weight whose blocks have seen these inputs of all steps."""
    blocks = zip(dgates.chunk(len(seen), -1), seen, strict=True)
    products = [dz.flatten(0, 1).t() @ x.flatten(0, 1) for dz, x in blocks]
    return products[0] if len(products) == 1 else torch.cat(products)


def by_autograd(
    ctx: Any, inputs: tuple[Any, ...], gradients: tuple[Tensor, ...]
) -> list[Tensor | None]:
    """The same from the definition: with gradients of their own, and for many at once."""
    h, c, weight, weight_ih, bias, *xs = inputs
    wanted, twice = ctx.needs_input_grad[2:], torch.is_grad_enabled()
    with torch.enable_grad():
        outputs = ctx.loop(input_gates(xs, weight_ih, bias), h, c, weight)
    leaves = [part for part, wants in zip(inputs, wanted, strict=True) if wants]
    found = iter(torch.autograd.grad(outputs, leaves, gradients, create_graph=twice))
    return [next(found) if wants else None for wants in wanted]
