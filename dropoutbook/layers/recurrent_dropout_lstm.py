"""RecurrentDropoutLSTM: what is written to the cell is dropped, never what it holds."""

import numpy as np
import torch
from torch import Generator, Tensor

from dropoutbook.layers.parts.arguments import check_choice, probability
from dropoutbook.layers.parts.mask import draw_keep
from dropoutbook.layers.recurrent.masked_lstm import MaskedLSTM, lstm_gates
from dropoutbook.layers.recurrent.masks import Mask, Masks, inverse


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


class RecurrentDropoutLSTM(MaskedLSTM):
    """An LSTM in which each update of the cell is dropped with probability p.

        training:    c_t = f * c_(t-1) + i * g * keep / (1 - p),    keep ~ Bernoulli(1 - p)
        evaluation:  c_t = f * c_(t-1) + i * g,                     as in `torch.nn.LSTM`

    One draw per unit, example, layer and direction at every forward pass and, with per_step=True,
    at every step. An update is masked once, when it is written, and stays as it is from then on:
    given the gates E[c_t] is that of evaluation, whether masks are fixed over time or not.

    A sequence that is fed in pieces, with hx handed on, has new masks in each piece; what the cell
    holds is masked no second time, and its expectation given the gates is the same.

    The mask selects: a dropped NaN or infinity of i * g becomes 0. At p = 1 nothing is written:
    the cell keeps c_0 * prod f.

    Args:
        input_size, hidden_size, num_layers, bias, batch_first, bidirectional, device, dtype: as in
            `torch.nn.LSTM`.
        dropout: Drop probability of the outputs of every layer but the last, in [0, 1].
        proj_size: only 0.
        p: Drop probability, dimensionless, in [0, 1].
        per_step: Whether each step of a sequence has a mask of its own.
        generator: Source of randomness; None means PyTorch's global one. For its limits see
            `Dropout`.

    Shape:
        input, hx, output: as in `torch.nn.LSTM`, `PackedSequence` included.

    Raises:
        TypeError: if `p` is not a number, `generator` not a generator, or the input neither a
            real floating-point tensor nor a `PackedSequence`.
        ValueError: if `p` is outside [0, 1] or NaN, `per_step` not a bool, or a shape does not fit.

    Cost:
        On a CPU in float32 or float64 one node of autograd for the sequence: more time than
        `torch.nn.LSTM` and less memory; less time than a loop of `torch.nn.LSTMCell`, more memory.
        Backward keeps one byte per unit, with per_step=True at every step. The rest as
        `RNNDropLSTM`.

    Source:
        Semeniuta et al. (2016), Recurrent dropout without memory loss, COLING 1757-1766. Their
        code scales by 1 - p in evaluation; here the inverse factor is in training.
    """

    p = probability("p")

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        *,
        p: float = 0.5,
        per_step: bool = False,
        generator: Generator | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            proj_size,
            generator=generator,
            device=device,
            dtype=dtype,
        )
        self.p = p
        self.per_step = check_choice("per_step", per_step, (False, True))

    def masks(self, x: Tensor) -> Masks:
        steps, batch = x.shape[:2]
        shape = (steps if self.per_step else 1, batch, self.hidden_size)
        return Masks(update=Mask(draw_keep(shape, self.p, x, self.generator), inverse(self.p)))

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, p={self.p}, per_step={self.per_step}"
