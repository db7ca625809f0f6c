"""RNNDropLSTM: units of the cell are dropped for a whole sequence."""

import numpy as np
from torch import Tensor

from dropoutbook.layers.parts.arguments import probability
from dropoutbook.layers.parts.mask import draw_keep, select
from dropoutbook.layers.recurrent.masked_lstm import MaskedLSTM, Masks, lstm_gates
from dropoutbook.layers.recurrent.recurrence import Recurrence


def rnn_drop_lstm(
    x: np.ndarray, h: np.ndarray, c: np.ndarray, weights: tuple[np.ndarray, ...], keep: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The definition of one step in training: h_t and c_t, with the same `keep` at every step.

    `weights` are w_ih, w_hh and the sum of both biases; `keep` is (batch, hidden), 1 = kept.
    """
    i, f, g, o = lstm_gates(x, h, *weights)
    c = (f * c + i * g) * keep
    return o * np.tanh(c), c


class RNNDropLSTM(MaskedLSTM, fused=True):
    """An LSTM in which each unit of the cell is dropped with probability p for a whole sequence.

        training:    c_t = (f * c_(t-1) + i * g) * keep,    keep ~ Bernoulli(1 - p)
        evaluation:  c_t =  f * c_(t-1) + i * g,            as in `torch.nn.LSTM`

    One draw a unit, example, layer and direction; new ones at every forward pass. Evaluation has
    no factor. A kept unit is not scaled in training: keep**j = keep, so an input from j steps ago
    reaches c_t with the weight prod f, the same as in evaluation. Taking the expectation
    (1 - p) * c_t at each step gives (1 - p)**(j + 1) * prod f instead, and with it the memory that
    training built is lost. For the same reason a state that is handed on to another window, as
    hx, is masked once more by that window's draw.

    The mask selects: a dropped NaN or infinity of the cell becomes 0. At p = 1 cell and output
    are 0, and so are all gradients.

    Args:
        sizes, options: as in `torch.nn.LSTM`; dropout and proj_size only 0.
        p: Drop probability, dimensionless, in [0, 1].
        generator: Source of randomness; None means PyTorch's global one.

    Shape:
        input, hx, output: as in `torch.nn.LSTM`, `PackedSequence` included.

    Raises:
        TypeError: if `p` is not a number, `generator` not a generator, or the input neither a
            real floating-point tensor nor a `PackedSequence`.
        ValueError: if `p` is outside [0, 1] or NaN, or a shape does not fit.

    Cost:
        On a CPU in float32 the kernel of `torch.nn.LSTM` does the work, with one more input for
        each example of the batch, which shuts the input gates of its dropped units: about the time
        of `torch.nn.LSTM` unless the batch is much larger than the input. In float64 it is one node
        of autograd for the sequence: more time than `torch.nn.LSTM` and less memory; less time than
        a loop of `torch.nn.LSTMCell`, more memory. A `PackedSequence`, another device or dtype,
        autocast and a compiler take a loop of single operations. Evaluation without gradients is
        that of `torch.nn.LSTM`.

    Source:
        Moon et al. (2015), RNNDROP: a novel dropout for RNNs in ASR, ASRU; the form is that of
        Krueger et al. (2017), Zoneout, ICLR, who write c_(t-1) and the mask outside.
    """

    p = probability("p")

    def __init__(self, *sizes, p: float = 0.5, **options) -> None:
        super().__init__(*sizes, **options)
        self.p = p

    def masks(self, x: Tensor) -> Masks:
        keep = draw_keep((1, x.shape[1], self.hidden_size), self.p, x, self.generator)
        return Masks(cell=keep)

    def recurrence(self, drawn: Masks) -> Recurrence:
        return Recurrence(cell=drawn.cell)

    def cell(self, i: Tensor, f: Tensor, g: Tensor, c: Tensor, keep: Tensor | None) -> Tensor:
        c = f * c + i * g
        return c if keep is None else select(c, keep)

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, p={self.p}"
