"""The table of LSTMs with dropout, and how to read their masks from outside."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest
import torch
from torch import Generator, Tensor, nn

from dropoutbook import RecurrentDropoutLSTM, RNNDropLSTM, VariationalLSTM
from dropoutbook.layers.recurrent_dropout_lstm import recurrent_dropout_lstm
from dropoutbook.layers.rnn_drop_lstm import rnn_drop_lstm
from dropoutbook.layers.variational_lstm import variational_lstm

TIME, BATCH, FEATURE, HIDDEN = 5, 6, 3, 4
NEVER = -1e3  # a gate with this bias is 0 exactly


@dataclass(frozen=True)
class Case:
    """What an LSTM claims.

    Args:
        make: Builds the layer: `make(input_size, hidden_size, ..., p=, generator=)`.
        step: The NumPy definition, `step(x, h, c, weights, keep, p)`, returns h and c.
        read: The masks of a layer of one direction, (time, *), by its inputs' shape.
        fixed: Whether a mask lasts for the sequence.
        tied: Whether the gates share a mask; None if the masks are not on gate inputs.
    """

    make: Callable[..., nn.Module]
    step: Callable[..., tuple[np.ndarray, np.ndarray]]
    read: Callable[[nn.Module, int, int], Tensor]
    fixed: bool = True
    tied: bool | None = None

    @property
    def rates(self) -> tuple[str, ...]:
        """The attributes that hold the rates."""
        return ("p",) if self.tied is None else ("p_input", "p_hidden")

    def seeded(self, p: float, *sizes, seed: int = 0, **options) -> nn.Module:
        """The layer in float64 with known weights and masks from a generator of its own."""
        options = {"p": p, "generator": Generator().manual_seed(seed)} | options
        layer = self.make(*(sizes or (FEATURE, HIDDEN)), dtype=torch.float64, **options)
        weights = Generator().manual_seed(1)
        with torch.no_grad():
            for weight in layer.parameters():
                weight.uniform_(-1, 1, generator=weights)
        return layer

    def masks(self, p: float, time: int = TIME, batch: int = BATCH, seed: int = 0) -> Tensor:
        """The masks that a seeded layer draws for such an input."""
        return self.read(self.seeded(p, seed=seed), time, batch)


def read_cell(layer: nn.Module, time: int, batch: int) -> Tensor:
    """(time, batch, hidden): a layer that forgets all shows what is written at each step."""
    y, _ = forgetful(layer)(torch.ones(time, batch, FEATURE, dtype=torch.float64))
    return y.detach() != 0


def forgetful(layer: nn.Module) -> nn.Module:
    """The layer with constant gates: f = 0, the others not."""
    with torch.no_grad():
        for name, weight in layer.named_parameters():
            weight.fill_(0.0 if name.startswith("weight") else 1.0)
            if name.startswith("bias"):
                weight.view(4, -1)[1] = NEVER
    return layer


def read_gates(layer: nn.Module, time: int, batch: int) -> Tensor:
    """(time, gate, batch, feature + hidden): a dropped input has no gradient.

    Of the masks on h only the first is read, through h_0; it stands for all steps.
    """
    state, keep = layer.generator.get_state(), []
    # small, because a saturated gate has no gradient either
    weights = [0.01 * weight.detach() for weight in layer.all_weights[0][:2]]
    for gate in range(4):
        with torch.no_grad():
            for weight, value in zip(layer.all_weights[0][:2], weights, strict=True):
                weight.zero_().view(4, HIDDEN, -1)[gate] = value.view(4, HIDDEN, -1)[gate]
        layer.generator.set_state(state)
        keep.append(_gate_inputs_with_gradient(layer, time, batch))
    return torch.stack(keep, dim=1)


def _gate_inputs_with_gradient(layer: nn.Module, time: int, batch: int) -> Tensor:
    x, (h, c) = inputs(time, batch)
    x.requires_grad_(), h.requires_grad_()
    y, _ = layer(x, (h, c))
    seen_x, seen_h = torch.autograd.grad((y * y.detach().sin()).sum(), (x, h))
    return torch.cat([seen_x != 0, (seen_h != 0).expand(time, -1, -1)], dim=-1)


def inputs(time: int = TIME, batch: int = BATCH, states: int = 1) -> tuple[Tensor, tuple]:
    """x and (h_0, c_0), all entries distinct."""
    draws = partial(torch.randn, generator=Generator().manual_seed(2), dtype=torch.float64)
    return draws(time, batch, FEATURE), (
        draws(states, batch, HIDDEN),
        draws(states, batch, HIDDEN),
    )


def variational(*sizes, p: float = 0.5, **options) -> VariationalLSTM:
    return VariationalLSTM(*sizes, p_input=p, p_hidden=p, **options)


def variational_step(x, h, c, weights, keep, p):
    return variational_lstm(x, h, c, weights, (keep[..., :FEATURE], keep[..., FEATURE:]), (p, p))


def rnn_drop_step(x, h, c, weights, keep, p):
    return rnn_drop_lstm(x, h, c, weights, keep)


LSTMS = {
    "RNNDropLSTM": Case(RNNDropLSTM, rnn_drop_step, read_cell),
    "RecurrentDropoutLSTM": Case(RecurrentDropoutLSTM, recurrent_dropout_lstm, read_cell),
    "RecurrentDropoutLSTM(per_step=True)": Case(
        partial(RecurrentDropoutLSTM, per_step=True), recurrent_dropout_lstm, read_cell, fixed=False
    ),
    "VariationalLSTM": Case(variational, variational_step, read_gates, tied=True),
    "VariationalLSTM(tied=False)": Case(
        partial(variational, tied=False), variational_step, read_gates, tied=False
    ),
}

every_lstm = pytest.mark.parametrize("case", LSTMS.values(), ids=LSTMS.keys())
