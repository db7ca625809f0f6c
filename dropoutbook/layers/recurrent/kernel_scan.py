"""One layer of an LSTM by PyTorch's own kernel, with units of the cell dropped by shut gates."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from dropoutbook.layers.parts.mask import select
from dropoutbook.layers.recurrent.recurrence import Recurrence
from dropoutbook.layers.recurrent.scan import differentiable

SHUT = -1e30  # added to an input gate, it makes the sigmoid exactly 0


def kernel_works(masks: Recurrence, x: Tensor) -> bool:
    """Whether KernelScan can stand for `masks`: at most one mask, of the cell, for all steps."""
    alone = masks.hidden is None and masks.update is None
    fixed = masks.cell is None or len(masks.cell) == 1
    return alone and fixed and x.dtype == torch.float32 and torch.backends.mkldnn.is_available()


class KernelScan(Function):
    """`LSTMScan` in the fused kernel, for masks that `kernel_works` with.

    Backward is the kernel's own. It has no derivative, so for gradients that are to have
    gradients `loop`, the definition, is differentiated.
    """

    @staticmethod
    def forward(
        ctx: Any, loop: Callable, masks: Recurrence, *inputs: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        leaves = [None if part is None else part.detach() for part in inputs]
        ctx.wanted = [i for i, wanted in enumerate(ctx.needs_input_grad[2:]) if wanted]
        with torch.set_grad_enabled(bool(ctx.wanted)):
            for i in ctx.wanted:
                leaves[i].requires_grad_()
            ctx.outputs = shut_gates(masks.cell, *leaves)
        ctx.loop, ctx.leaves = loop, leaves
        ctx.save_for_backward(*inputs)
        return tuple(output.detach() for output in ctx.outputs)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        inputs = ctx.saved_tensors  # raises if an input was changed since
        if torch.is_grad_enabled():
            return None, None, *differentiable(ctx, None, (), inputs, gradients)
        leaves = [ctx.leaves[i] for i in ctx.wanted]
        found = torch.autograd.grad(ctx.outputs, leaves, gradients, retain_graph=True)
        by_index = dict(zip(ctx.wanted, found, strict=True))
        return None, None, *(by_index.get(i) for i in range(len(inputs)))


def shut_gates(
    keep: Tensor | None,
    h: Tensor,
    c: Tensor,
    weight_hh: Tensor,
    weight_ih: Tensor,
    bias: Tensor | None,
    x: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
    """The kernel, in which a dropped unit of the cell starts at 0 and has its input gate shut.

    Then c_t = f * 0 + 0 * g stays 0. A gate is shut for one example alone by one more input for
    each example, which is 1 for that example and 0 for the others.
    """
    if keep is not None:
        keep, (steps, batch, _), hidden = keep[0], x.shape, weight_hh.shape[1]
        columns = weight_ih.new_zeros(4 * hidden, batch)
        columns[:hidden] = SHUT * ~keep.t()
        one_hot = torch.eye(batch, dtype=x.dtype).expand(steps, -1, -1)
        x, weight_ih, c = (
            torch.cat((x, one_hot), -1),
            torch.cat((weight_ih, columns), 1),
            select(c, keep),
        )
    biases = [] if bias is None else [bias, torch.zeros_like(bias)]
    weights, state = [weight_ih, weight_hh, *biases], (h.unsqueeze(0), c.unsqueeze(0))
    y, h, c = torch.lstm(x, state, weights, bool(biases), 1, 0.0, True, False, False)
    return y, h[0], c[0]
