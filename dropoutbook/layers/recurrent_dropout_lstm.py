"""RecurrentDropoutLSTM: what is written to the cell is dropped, never what it holds."""

import numpy as np
from torch import Tensor

from dropoutbook.layers.parts.arguments import check_choice, probability
from dropoutbook.layers.parts.mask import draw_keep, inverted
from dropoutbook.layers.recurrent.masked_lstm import MaskedLSTM, Masks, inverse, lstm_gates
from dropoutbook.layers.recurrent.recurrence import Recurrence


def recurrent_dropout_lstm(
    x: np.ndarray,
    h: np.ndarray,
    c: np.ndarray,
    weights: tuple[np.ndarray, ...],
    keep: np.ndarray,
    p: float,
) -> tuple[np.ndarray, np.ndarray]:
    """The definition of one step in training, for p < 1: h_t and c_t.

    `weights` are w_ih, w_hh and the sum of both biases; `keep` is (batch, hidden), 1 = kept,
    the same at every step or not.
    """
    i, f, g, o = lstm_gates(x, h, *weights)
    c = f * c + i * g * keep / (1 - p)
    return o * np.tanh(c), c


class RecurrentDropoutLSTM(MaskedLSTM, fused=True):
    """An LSTM in which each update of the cell is dropped with probability p.

        training:    c_t = f * c_(t-1) + i * g * keep / (1 - p),    keep ~ Bernoulli(1 - p)
        evaluation:  c_t = f * c_(t-1) + i * g,                     as in `torch.nn.LSTM`

    One draw a unit, example, layer and direction at every forward pass and, with per_step=True,
    at every step. An update is masked once, when it is written, and stays as it is from then on:
    given the gates E[c_t] is that of evaluation, whether masks are fixed over time or not.

    The mask selects: a dropped NaN or infinity of i * g becomes 0. At p = 1 nothing is written:
    the cell keeps c_0 * prod f.

    Args:
        sizes, options: as in `torch.nn.LSTM`; dropout and proj_size only 0.
        p: Drop probability, dimensionless, in [0, 1].
        per_step: Whether each step of a sequence has a mask of its own.
        generator: Source of randomness; None means PyTorch's global one.

    Shape:
        input, hx, output: as in `torch.nn.LSTM`, `PackedSequence` included.

    Raises:
        TypeError: if `p` is not a number, `generator` not a generator, or the input neither a
            real floating-point tensor nor a `PackedSequence`.
        ValueError: if `p` is outside [0, 1] or NaN, `per_step` not a bool, or a shape does not fit.

    Cost:
        On a CPU in float32 or float64 one node of autograd for the sequence: more time than
        `torch.nn.LSTM` and less memory; less time than a loop of `torch.nn.LSTMCell`, more memory.
        Backward keeps one byte a unit, with per_step=True at every step. The rest as
        `RNNDropLSTM`.

    Source:
        Semeniuta et al. (2016), Recurrent dropout without memory loss, COLING 1757-1766. Their
        code scales by 1 - p in evaluation; here the inverse factor is in training.
    """

    p = probability("p")

    def __init__(self, *sizes, p: float = 0.5, per_step: bool = False, **options) -> None:
        super().__init__(*sizes, **options)
        self.p = p
        self.per_step = check_choice("per_step", per_step, (False, True))

    def masks(self, x: Tensor) -> Masks:
        steps, batch = x.shape[:2]
        draws = (steps if self.per_step else 1, batch, self.hidden_size)
        keep = draw_keep(draws, self.p, x, self.generator)
        return Masks(cell=keep)

    def recurrence(self, drawn: Masks) -> Recurrence:
        return Recurrence(update=drawn.cell, factor=inverse(self.p))

    def cell(self, i: Tensor, f: Tensor, g: Tensor, c: Tensor, keep: Tensor | None) -> Tensor:
        update = i * g
        return f * c + (update if keep is None else inverted(update, keep, self.p))

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, p={self.p}, per_step={self.per_step}"
