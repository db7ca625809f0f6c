"""RNNDropLSTM: units of the cell are dropped for a whole sequence."""

import numpy as np
import torch
from torch import Generator, Tensor

from dropoutbook.layers.parts.arguments import probability
from dropoutbook.layers.parts.mask import draw_keep
from dropoutbook.layers.recurrent.masked_lstm import MaskedLSTM, lstm_gates
from dropoutbook.layers.recurrent.masks import Mask, Masks


def rnn_drop_lstm(
    x: np.ndarray, h: np.ndarray, c: np.ndarray, weights: tuple[np.ndarray, ...], keep: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The definition of one step in training: h_t and c_t, with the same `keep` at every step.

    `weights` are w_ih, w_hh and the sum of both biases; `keep` is (batch, hidden), 1 = kept.
    """
    i, f, g, o = lstm_gates(x, h, *weights)
    c = (f * c + i * g) * keep
    return o * np.tanh(c), c


class RNNDropLSTM(MaskedLSTM):
    """An LSTM in which each unit of the cell is dropped with probability p for a whole sequence.

        training:    c_t = (f * c_(t-1) + i * g) * keep,    keep ~ Bernoulli(1 - p)
        evaluation:  c_t =  f * c_(t-1) + i * g,            as in `torch.nn.LSTM`

    One draw per unit, example, layer and direction; new ones at every forward pass. Evaluation has
    no factor. A kept unit is not scaled in training: keep**j = keep, so an input from j steps ago
    reaches c_t with the weight prod f, the same as in evaluation. Taking the expectation
    (1 - p) * c_t at each step gives (1 - p)**(j + 1) * prod f instead, and with it the memory that
    training built is lost.

    A sequence that is fed in pieces, with hx handed on, has new masks in each piece, and these mask
    the cell once more: a unit survives n pieces with probability (1 - p)**n.

    The mask selects: a dropped NaN or infinity of the cell becomes 0. At p = 1 cell and output
    are 0, and so are all gradients.

    Args:
        input_size, hidden_size, num_layers, bias, batch_first, bidirectional, device, dtype: as in
            `torch.nn.LSTM`.
        dropout: Drop probability of the outputs of every layer but the last, in [0, 1].
        proj_size: only 0.
        p: Drop probability, dimensionless, in [0, 1].
        generator: Source of randomness; None means PyTorch's global one. For its limits see
            `Dropout`.

    Shape:
        input, hx, output: as in `torch.nn.LSTM`, `PackedSequence` included.

    Raises:
        TypeError: if `p` is not a number, `generator` not a generator, or the input neither a
            real floating-point tensor nor a `PackedSequence`.
        ValueError: if `p` is outside [0, 1] or NaN, or a shape does not fit.

    Cost:
        On a CPU in float32 or float64 one node of autograd for the sequence: more time than
        `torch.nn.LSTM` and less memory; less time than a loop of `torch.nn.LSTMCell`, more memory.
        Backward keeps one byte per unit. A `PackedSequence`, another device or dtype, autocast, a
        compiler and transforms take a loop of single operations. Evaluation without gradients is
        that of `torch.nn.LSTM`.

    Source:
        Moon et al. (2015), RNNDROP: a novel dropout for RNNs in ASR, ASRU; the form is that of
        Krueger et al. (2017), Zoneout, ICLR, who write c_(t-1) and the mask outside.
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

    def masks(self, x: Tensor) -> Masks:
        shape = (1, x.shape[1], self.hidden_size)
        return Masks(cell=Mask(draw_keep(shape, self.p, x, self.generator)))

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, p={self.p}"
