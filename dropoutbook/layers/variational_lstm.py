"""VariationalLSTM: inputs and outputs of the recurrence are dropped for a whole sequence."""

import numpy as np
import torch
from torch import Generator, Tensor

from dropoutbook.layers.parts.arguments import check_choice, probability
from dropoutbook.layers.parts.mask import draw_keep
from dropoutbook.layers.recurrent.masked_lstm import MaskedLSTM, lstm_gates
from dropoutbook.layers.recurrent.masks import Mask, Masks, inverse


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


class VariationalLSTM(MaskedLSTM):
    """An LSTM whose gates see x_t and h_(t-1) with units dropped for a whole sequence.

        training:    (i, f, o, g) = (sigmoid, sigmoid, sigmoid, tanh)
                         (W_ih (x_t * keep_x / (1 - p_input)) + b_ih
                          + W_hh (h_(t-1) * keep_h / (1 - p_hidden)) + b_hh)
        evaluation:  as in `torch.nn.LSTM`

    with keep_x ~ Bernoulli(1 - p_input), keep_h ~ Bernoulli(1 - p_hidden): one draw per unit,
    example, layer and direction at every forward pass, the same at all steps. With tied=False
    each of the four gates has its own pair of masks. The cell itself is not masked.

    A sequence that is fed in pieces, with hx handed on, has new masks in each piece, so that in
    training it is not the sequence fed at once.

    Masks select: a dropped NaN or infinity of x_t or h_(t-1) becomes 0. At rate 1 the gates
    do not see x, or h, at all.

    Args:
        input_size, hidden_size, num_layers, bias, batch_first, bidirectional, device, dtype: as in
            `torch.nn.LSTM`.
        dropout: Drop probability of the outputs of every layer but the last, in [0, 1].
        proj_size: only 0.
        p_input: Drop probability of the units of x, dimensionless, in [0, 1].
        p_hidden: Drop probability of the units of h, dimensionless, in [0, 1].
        tied: Whether the four gates share their masks.
        p: no argument of this layer; it is there to say so.
        generator: Source of randomness; None means PyTorch's global one. For its limits see
            `Dropout`.

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
        p_input: float = 0.5,
        p_hidden: float = 0.5,
        tied: bool = True,
        p: None = None,
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
        if p is not None:
            raise TypeError(
                f"VariationalLSTM has the rates p_input, p_hidden and no p, got p={p!r}"
            )
        self.p_input, self.p_hidden = p_input, p_hidden
        self.tied = check_choice("tied", tied, (False, True))

    @property
    def draws(self) -> bool:
        return self.p_input > 0 or self.p_hidden > 0 or self.draws_between_layers

    def masks(self, x: Tensor) -> Masks:
        gates, batch, features = 1 if self.tied else 4, x.shape[1], x.shape[2]
        keep_x = draw_keep((gates, batch, features), self.p_input, x, self.generator)
        keep_h = draw_keep((gates, batch, self.hidden_size), self.p_hidden, x, self.generator)
        return Masks(
            input=Mask(keep_x, inverse(self.p_input)),
            hidden=Mask(keep_h, inverse(self.p_hidden)),
        )

    def extra_repr(self) -> str:
        return (
            f"{super().extra_repr()}, p_input={self.p_input}, p_hidden={self.p_hidden}"
            f", tied={self.tied}"
        )
