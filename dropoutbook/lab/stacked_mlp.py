"""Many networks in one: every weight carries a leading seed axis."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from dropoutbook import Dropout
from dropoutbook.lab.streams import stream


class StackedMLP(nn.Module):
    """S independent ReLU networks, evaluated together by batched matrix products.

        h_0 = x,    h_l = relu(W_l drop_l(h_(l-1)) + b_l),    logits = W_L drop_L(h_(L-1)) + b_L

    Weights start as N(0, 2 / inputs) (He et al. 2015), drawn from each seed's own stream, so they
    depend on neither the rates nor the other seeds; biases start at zero.

    Args:
        widths: units in each layer, from the inputs to the classes.
        rates: drop probability on the input of each weight layer; one fewer than `widths`.
        seeds: one network for each.
        dropout: called as dropout(p, generator=generator); makes the dropout layers.
        generator: source of the dropout masks; None means PyTorch's global one.

    Shape:
        x: (seed, example, widths[0]), float64.
        logits: (seed, example, widths[-1]).

    Raises:
        ValueError: if the number of rates does not fit, or a rate is refused by `dropout`.
    """

    def __init__(
        self,
        widths: Sequence[int],
        rates: Sequence[float],
        seeds: Sequence[int],
        *,
        dropout: Callable[..., nn.Module] = Dropout,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        if len(rates) != len(widths) - 1:
            raise ValueError(f"rates must have {len(widths) - 1} entries, got {tuple(rates)}")
        streams = [stream(seed, "weights") for seed in seeds]
        self.weights, self.biases = nn.ParameterList(), nn.ParameterList()
        for fan_in, fan_out in zip(widths, widths[1:], strict=False):
            draws = np.stack([rng.standard_normal((fan_in, fan_out)) for rng in streams])
            self.weights.append(torch.from_numpy(draws * (2 / fan_in) ** 0.5))
            self.biases.append(torch.zeros(len(streams), 1, fan_out, dtype=torch.float64))
        self.dropouts = nn.ModuleList(dropout(p, generator=generator) for p in rates)

    def hidden(self, x: Tensor, layer: int) -> Tensor:
        """Activations of hidden layer `layer` (1 is the first; 0 is `x`), before their dropout."""
        for index in range(layer):
            x = functional.relu(self._affine(x, index))
        return x

    def output(self, h: Tensor, layer: int) -> Tensor:
        """Logits from the activations `h` of hidden layer `layer`: what `hidden` left to do."""
        last = len(self.weights) - 1
        for index in range(layer, last):
            h = functional.relu(self._affine(h, index))
        return self._affine(h, last)

    def forward(self, x: Tensor) -> Tensor:
        return self.output(x, 0)

    def predict(self, x: Tensor) -> Tensor:
        """The class of the largest logit, (seed, example)."""
        with torch.no_grad():
            return self(x).argmax(-1)

    def error(self, x: Tensor, y: Tensor) -> Tensor:
        """Wrong predictions for each seed, in percent of the examples, (seed,)."""
        return percent_wrong(self.predict(x), y)

    def _affine(self, h: Tensor, index: int) -> Tensor:
        return torch.baddbmm(self.biases[index], self.dropouts[index](h), self.weights[index])


def percent_wrong(predicted: Tensor, y: Tensor) -> Tensor:
    """Predictions that differ from `y`, in percent of the last axis."""
    return 100 * (predicted != y).double().mean(-1)
