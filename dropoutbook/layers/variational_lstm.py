"""VariationalLSTM: inputs and outputs of the recurrence are dropped for a whole sequence."""

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import linear

from dropoutbook.layers.parts.arguments import check_choice, probability
from dropoutbook.layers.parts.mask import draw_keep, inverted
from dropoutbook.layers.recurrent.masked_lstm import MaskedLSTM, Masks, inverse, lstm_gates
from dropoutbook.layers.recurrent.recurrence import Recurrence


def variational_lstm(
    x: np.ndarray,
    h: np.ndarray,
    c: np.ndarray,
    weights: tuple[np.ndarray, ...],
    keep: tuple[np.ndarray, np.ndarray],
    p: tuple[float, float],
) -> tuple[np.ndarray, np.ndarray]:
    """The definition of one step in training, for p < 1: h_t and c_t, same masks at every step.

    `weights` are w_ih, w_hh and the sum of both biases; `keep` and `p` are a pair, for x and h,
    a mask being (1, batch, *) if tied and (4, batch, *), one for each gate, if not.
    """
    x, h = (v * m / (1 - q) for v, m, q in zip((x, h), keep, p, strict=True))
    i, f, g, o = lstm_gates(x, h, *weights)
    c = f * c + i * g
    return o * np.tanh(c), c


def masked_linear(x: Tensor, weight: Tensor, keep: Tensor | None, p: float) -> Tensor:
    """W (x * keep / (1 - p)), where `keep` holds one mask for all gates or one for each."""
    if keep is None:
        return linear(x, weight)
    blocks = zip(keep.unbind(), weight.chunk(len(keep)), strict=True)
    return torch.cat([linear(inverted(x, mask, p), block) for mask, block in blocks], -1)


class VariationalLSTM(MaskedLSTM, fused=True):
    """An LSTM whose gates see x_t and h_(t-1) with units dropped for a whole sequence.

        training:    (i, f, o, g) = (sigmoid, sigmoid, sigmoid, tanh)
                         (W_ih (x_t * keep_x / (1 - p_input)) + b_ih
                          + W_hh (h_(t-1) * keep_h / (1 - p_hidden)) + b_hh)
        evaluation:  as in `torch.nn.LSTM`

    with keep_x ~ Bernoulli(1 - p_input), keep_h ~ Bernoulli(1 - p_hidden): one draw a unit,
    example, layer and direction at every forward pass, the same at all steps. With tied=False
    each of the four gates has its own pair of masks. The cell itself is not masked.

    Masks select: a dropped NaN or infinity of x_t or h_(t-1) becomes 0. At rate 1 the gates
    do not see x, or h, at all.

    Args:
        sizes, options: as in `torch.nn.LSTM`; dropout and proj_size only 0.
        p_input: Drop probability of the units of x, dimensionless, in [0, 1].
        p_hidden: Drop probability of the units of h, dimensionless, in [0, 1].
        tied: Whether the four gates share their masks.
        generator: Source of randomness; None means PyTorch's global one.

    Shape:
        input, hx, output: as in `torch.nn.LSTM`, `PackedSequence` included.

    Raises:
        TypeError: if a rate is not a number, `generator` not a generator, or the input neither a
            real floating-point tensor nor a `PackedSequence`.
        ValueError: if a rate is outside [0, 1] or NaN, `tied` not a bool, or a shape does not fit.

    Cost:
        On a CPU in float32 or float64 one node of autograd for the sequence: more time than
        `torch.nn.LSTM` and less memory; less time than a loop of `torch.nn.LSTMCell`, more memory.
        tied=False keeps four masked inputs, and h is read in four smaller products: slower, and
        with more memory than `torch.nn.LSTM`. The rest as `RNNDropLSTM`.

    Source:
        Gal and Ghahramani (2016), A theoretically grounded application of dropout in recurrent
        neural networks, NeurIPS. Not the variational dropout of Kingma et al. (2015), which
        learns Gaussian noise. Dropping word types and outputs are separate layers.
    """

    p_input, p_hidden = probability("p_input"), probability("p_hidden")

    def __init__(
        self, *sizes, p_input: float = 0.5, p_hidden: float = 0.5, tied: bool = True, **options
    ) -> None:
        super().__init__(*sizes, **options)
        self.p_input, self.p_hidden = p_input, p_hidden
        self.tied = check_choice("tied", tied, (False, True))

    @property
    def draws(self) -> bool:
        return self.p_input > 0 or self.p_hidden > 0

    def masks(self, x: Tensor) -> Masks:
        shape = (1 if self.tied else 4, x.shape[1])
        return Masks(
            input=draw_keep((*shape, x.shape[2]), self.p_input, x, self.generator),
            hidden=draw_keep((*shape, self.hidden_size), self.p_hidden, x, self.generator),
        )

    def recurrence(self, drawn: Masks) -> Recurrence:
        return Recurrence(hidden=drawn.hidden, factor=inverse(self.p_hidden))

    def masked_inputs(self, x: Tensor, keep: Tensor | None) -> list[Tensor]:
        return [x] if keep is None else [inverted(x, mask, self.p_input) for mask in keep]

    def input_gates(self, x: Tensor, weight: Tensor, keep: Tensor | None) -> Tensor:
        return masked_linear(x, weight, keep, self.p_input)

    def hidden_gates(self, h: Tensor, weight: Tensor, keep: Tensor | None) -> Tensor:
        return masked_linear(h, weight, keep, self.p_hidden)

    def extra_repr(self) -> str:
        return (
            f"{super().extra_repr()}, p_input={self.p_input}, p_hidden={self.p_hidden}"
            f", tied={self.tied}"
        )
