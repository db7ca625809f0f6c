"""What the LSTMs with dropout share: the loop over time, and the choice of a quicker way."""

from functools import partial

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import linear

from dropoutbook.layers.parts.mask import on_cpu
from dropoutbook.layers.parts.torch_private import (
    autocast_is_on,
    forward_mode_is_on,
    transforms_are_on,
)
from dropoutbook.layers.recurrent.lstm import LSTM
from dropoutbook.layers.recurrent.masks import Mask, Masks, at_each_step, drop, for_each_gate
from dropoutbook.layers.recurrent.scan import LSTMScan
from dropoutbook.layers.stochastic import Stochastic


def lstm_gates(
    x: np.ndarray, h: np.ndarray, w_ih: np.ndarray, w_hh: np.ndarray, b: np.ndarray
) -> tuple[np.ndarray, ...]:
    """The definition of the gates i, f, g, o, in this order, each (batch, hidden).

    x and h are (batch, *) or, with an input for each gate, (4, batch, *); b is the sum of biases.
    """
    blocks = [w.reshape(4, -1, w.shape[1]).swapaxes(1, 2) for w in (w_ih, w_hh)]
    i, f, g, o = x @ blocks[0] + h @ blocks[1] + b.reshape(4, 1, -1)
    i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
    return i, f, np.tanh(g), o


class MaskedLSTM(Stochastic, LSTM):
    """The frame of the LSTMs with dropout; without masks it is `torch.nn.LSTM`.

        i, f, o = sigmoid(.),  g = tanh(.)  of  W_ih x_t + b_ih + W_hh h_(t-1) + b_hh
        c_t = f * c_(t-1) + i * g
        h_t = o * tanh(c_t)

    A subclass says which masks there are: `masks`, and no more. Each layer and each direction of
    each forward pass in training draws its own; evaluation has none. Who overrides a part of the
    loop, `input_gates`, `hidden_gates` or `cell`, has that loop; all others a quicker way to the
    same numbers where there is one.
    """

    p: float

    @property
    def draws(self) -> bool:
        return self.p > 0 or self.draws_between_layers

    def masks(self, x: Tensor) -> Masks:
        """The masks of one layer and direction, whose input is x (time, batch, feature)."""
        raise NotImplementedError

    def input_gates(self, x: Tensor, weight: Tensor, mask: Mask | None) -> Tensor:
        """What the inputs of all steps add to the gates, (time, batch, 4 hidden)."""
        return masked_gates(x, weight, mask)

    def hidden_gates(self, h: Tensor, weight: Tensor, mask: Mask | None) -> Tensor:
        """What the last output adds to the gates, (batch, 4 hidden)."""
        return masked_gates(h, weight, mask)

    def cell(
        self,
        i: Tensor,
        f: Tensor,
        g: Tensor,
        c: Tensor,
        update: Mask | None = None,
        cell: Mask | None = None,
    ) -> Tensor:
        """The new cell from the gates and the last cell, each (batch, hidden)."""
        return drop(f * c + drop(i * g, update), cell)

    def scan(
        self, x: Tensor, h: Tensor, c: Tensor, weights: list[Tensor], active: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        masks = self.masks(x) if self.training else Masks()
        way = self._way(x, h, c, *weights) if active is None else "loop"
        weight_ih, weight_hh, *biases = weights
        if way == "kernel":
            state = (h.unsqueeze(0), c.unsqueeze(0))
            y, h, c = torch.lstm(x, state, weights, bool(biases), 1, 0.0, False, False, False)
            return y, h[0], c[0]
        if way == "scan":
            xs = [drop(x, mask) for mask in for_each_gate(masks.input)]
            bias = sum(biases) if biases else None
            loop = partial(self._loop, masks=masks)
            return LSTMScan.apply(loop, masks, h, c, weight_hh, weight_ih, bias, *xs)
        gates = self.input_gates(x, weight_ih, masks.input) + sum(biases)
        return self._loop(gates, h, c, weight_hh, masks, active)

    def _way(self, *tensors: Tensor) -> str:
        """The quickest way that works: PyTorch's "kernel", "scan", or "loop"."""
        parts = ("input_gates", "hidden_gates", "cell")
        if any(getattr(type(self), name) is not getattr(MaskedLSTM, name) for name in parts):
            return "loop"
        if torch.compiler.is_compiling() or autocast_is_on() or transforms_are_on():
            return "loop"
        if not self.training and not torch.is_grad_enabled():
            return "kernel"  # on GPUs it would have no gradients in evaluation
        dtypes = {tensor.dtype for tensor in tensors}
        plain = dtypes in ({torch.float32}, {torch.float64}) and all(map(on_cpu, tensors))
        return "scan" if plain and not forward_mode_is_on() else "loop"

    def _loop(
        self,
        gates: Tensor,
        h: Tensor,
        c: Tensor,
        weight_hh: Tensor,
        masks: Masks,
        active: Tensor | None = None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The steps, one by one, from what the inputs add to the gates."""
        steps, y = len(gates), []
        update, cell = (at_each_step(mask, steps) for mask in (masks.update, masks.cell))
        for t in range(steps):
            before = h, c
            hidden = self.hidden_gates(h, weight_hh, masks.hidden)
            i, f, g, o = (gates[t] + hidden).chunk(4, -1)
            c = self.cell(i.sigmoid(), f.sigmoid(), g.tanh(), c, update[t], cell[t])
            h = o.sigmoid() * c.tanh()
            if active is not None:  # padding leaves the state as it was
                h, c = (torch.where(active[t], *pair) for pair in zip((h, c), before, strict=True))
            y.append(h)
        return torch.stack(y), h, c


def masked_gates(x: Tensor, weight: Tensor, mask: Mask | None) -> Tensor:
    """W drop(x, mask), with one mask for all gates or one for the block of rows of each."""
    masks = for_each_gate(mask)
    blocks = zip(masks, weight.chunk(len(masks)), strict=True)
    gates = [linear(drop(x, mask), block) for mask, block in blocks]
    return gates[0] if len(gates) == 1 else torch.cat(gates, -1)
