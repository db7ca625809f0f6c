"""What the LSTMs with dropout share: the loop over time, and the places where masks act."""

from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import linear

from dropoutbook.layers.recurrent.kernel_scan import KernelScan, kernel_works
from dropoutbook.layers.recurrent.lstm import LSTM, State
from dropoutbook.layers.recurrent.recurrence import Recurrence
from dropoutbook.layers.recurrent.scan import LSTMScan, scan_works
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


class Masks(NamedTuple):
    """The masks of one layer in one direction, True = kept; None where nothing is masked."""

    input: Tensor | None = None  # (1 or 4 gates, batch, feature)
    hidden: Tensor | None = None  # (1 or 4 gates, batch, hidden)
    cell: Tensor | None = None  # (1 or time, batch, hidden)


def inverse(p: float) -> float:
    """The factor of what is kept: 1 / (1 - p), or 1 where nothing is."""
    return 1.0 if p == 1 else 1 / (1 - p)


class MaskedLSTM(Stochastic, LSTM):
    """The frame of the LSTMs with dropout; without masks it is `torch.nn.LSTM`.

        i, f, o = sigmoid(.),  g = tanh(.)  of  W_ih x_t + b_ih + W_hh h_(t-1) + b_hh
        c_t = f * c_(t-1) + i * g
        h_t = o * tanh(c_t)

    A subclass says which masks there are (`masks`) and where they act (`input_gates`,
    `hidden_gates`, `cell`). Each layer and each direction of each forward pass in training
    draws its own; evaluation has none. With fused=True a class declares, for itself
    and not for its subclasses, that it evaluates as nn.LSTM, whose kernel may then be used, and
    that `recurrence` says the same as the three methods, so that LSTMScan may run it.
    """

    def __init_subclass__(cls, fused: bool = False) -> None:
        super().__init_subclass__()
        cls.fused = fused

    def masks(self, x: Tensor) -> Masks:
        """The masks of one layer and direction, whose input is x (time, batch, feature)."""
        raise NotImplementedError

    def recurrence(self, drawn: Masks) -> Recurrence:
        """Where the masks act in a recurrence that is fused."""
        return Recurrence()

    def masked_inputs(self, x: Tensor, keep: Tensor | None) -> list[Tensor]:
        """What the gates see of the inputs of all steps: one for all gates, or one for each."""
        return [x]

    def input_gates(self, x: Tensor, weight: Tensor, keep: Tensor | None) -> Tensor:
        """What the inputs of all steps add to the gates, (time, batch, 4 hidden)."""
        return linear(x, weight)

    def hidden_gates(self, h: Tensor, weight: Tensor, keep: Tensor | None) -> Tensor:
        """What the last output adds to the gates, (batch, 4 hidden)."""
        return linear(h, weight)

    def cell(self, i: Tensor, f: Tensor, g: Tensor, c: Tensor, keep: Tensor | None) -> Tensor:
        """The new cell from the gates and the last cell, each (batch, hidden)."""
        return f * c + i * g

    def scan(
        self, x: Tensor, h: Tensor, c: Tensor, index: int, active: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        weight_ih, weight_hh, *biases = self.all_weights[index]
        drawn = self.masks(x) if self.training else Masks()
        backwards = self.bidirectional and index % 2 == 1
        if active is None and self.fused and scan_works(x, h, c, *self.all_weights[index]):
            return self._fused_scan(x, h, c, self.all_weights[index], drawn, backwards)
        gates = self.input_gates(x, weight_ih, drawn.input) + sum(biases)
        return self._loop(gates, h, c, weight_hh, drawn, active, backwards)

    def _fused_scan(
        self, x: Tensor, h: Tensor, c: Tensor, weights: list[Tensor], drawn: Masks, backwards: bool
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The same, by KernelScan or LSTMScan."""
        weight_ih, weight_hh, *biases = weights
        if backwards:  # the scan runs forwards
            cell = None if drawn.cell is None else drawn.cell.flip(0)
            x, drawn = x.flip(0), drawn._replace(cell=cell)
        masks, loop = self.recurrence(drawn), partial(self._loop, drawn=drawn)
        xs, bias = self.masked_inputs(x, drawn.input), sum(biases) if biases else None
        arguments = loop, masks, h, c, weight_hh, weight_ih, bias, *xs
        result = KernelScan.apply(*arguments) if kernel_works(masks, x) else None
        if result is None or not result[0].detach().sum().isfinite():  # shut gates pass a NaN
            result = LSTMScan.apply(*arguments)
        y, h, c = result
        return y.flip(0) if backwards else y, h, c

    def _loop(
        self,
        gates: Tensor,
        h: Tensor,
        c: Tensor,
        weight_hh: Tensor,
        drawn: Masks,
        active: Tensor | None = None,
        backwards: bool = False,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The steps, one by one, from what the inputs add to the gates."""
        gates = gates.unbind()
        keep = [None] * len(gates) if drawn.cell is None else drawn.cell.expand(len(gates), -1, -1)
        y, steps = [h] * len(gates), range(len(gates))
        for t in reversed(steps) if backwards else steps:
            before = h, c
            hidden = self.hidden_gates(h, weight_hh, drawn.hidden)
            i, f, g, o = (gates[t] + hidden).chunk(4, -1)
            c = self.cell(i.sigmoid(), f.sigmoid(), g.tanh(), c, keep[t])
            h = o.sigmoid() * c.tanh()
            if active is not None:  # padding leaves the state as it was
                h, c = (torch.where(active[t], *pair) for pair in zip((h, c), before, strict=True))
            y[t] = h
        return torch.stack(y), h, c

    def _layers(
        self, x: Tensor, hx: State | None, active: Tensor | None = None
    ) -> tuple[Tensor, State]:
        if not (self.fused and _kernel_works(self.training, active)):
            return super()._layers(x, hx, active)
        options = (self.bias, self.num_layers, 0.0, False, self.bidirectional, False)
        weights = [weight for weights in self.all_weights for weight in weights]
        y, *state = torch.lstm(x, self._initial(hx, x), weights, *options)
        return y, tuple(state)


def _kernel_works(training: bool, active: Tensor | None) -> bool:
    """Whether PyTorch's kernel can be used: it has no vmap, and on GPUs no gradient here."""
    return not (
        training
        or active is not None
        or torch.is_grad_enabled()
        or torch._C._is_any_autocast_enabled()
        or torch.compiler.is_compiling()
        or torch._C._are_functorch_transforms_active()
    )
