"""What an LSTM remembers: how an input reaches later steps, and a loss the earlier ones."""

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap
from torch.nn import functional

from dropoutbook.lab.sequence_reader import SequenceReader, Weights

IMPULSE = 1e-9  # so small that each tanh is linear to rounding, and a growth by 1e6 still is


def impulse_response(
    layer: nn.Module, forget: float, lags: int = 41, cells: int = 20_000
) -> np.ndarray:
    """The cell at each step after an impulse at the first, in multiples of the impulse.

    The weights of `layer` are overwritten: i = 1, f = `forget`, o = 1/2 at every step, and the
    candidate g is the input. Each of the cells is an example of its own, with its own masks.

    Args:
        layer: an LSTM with one input and one hidden unit, in float64.
        forget: the forget gate, in (0, 1).
        lags: steps to follow, the first being lag 0.
        cells: independent cells.

    Returns:
        The response, (lag, cell).
    """
    with torch.no_grad():
        for weight in layer.parameters():
            weight.zero_()
        weight, bias = layer.get_parameter("weight_ih_l0"), layer.get_parameter("bias_ih_l0")
        weight[2] = 1  # of g
        bias[0], bias[1] = 40, math.log(forget / (1 - forget))  # i, f
        x = torch.zeros(lags, cells, 1, dtype=torch.float64)
        x[0] = IMPULSE
        return (layer(x)[0][..., 0] / (0.5 * IMPULSE)).numpy()


def gradient_flow(
    recurrent: Callable[..., nn.Module], weights: Weights, x: Tensor, y: Tensor
) -> np.ndarray:
    """The norm of the gradient of the loss at the input of each step, in training mode.

    Args:
        recurrent: makes the layer, as for `SequenceReader`.
        weights: of readers, (seed, ...).
        x, y: sequences (time, example, 6) and their classes, the same for all seeds.

    Returns:
        Logarithm of the mean norm over the examples, (seed, time), in nats.
    """
    reader = SequenceReader(recurrent).train()

    def loss(x: Tensor, weights: Weights) -> Tensor:
        return functional.cross_entropy(functional_call(reader, weights, x), y)

    gradient = vmap(grad(loss), in_dims=(None, 0), randomness="different")(x, weights)
    return gradient.norm(dim=-1).mean(-1).log().numpy()
