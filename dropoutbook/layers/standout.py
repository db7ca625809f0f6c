"""Standout: each unit is kept with a probability that grows with its own pre-activation."""

import numpy as np
import torch
from torch import Generator, Tensor, nn

from dropoutbook.layers.parts.activations import ACTIVATIONS
from dropoutbook.layers.parts.arguments import (
    check_choice,
    check_features,
    check_finite,
    check_floating,
    check_generator,
    check_integer,
)
from dropoutbook.layers.parts.leaf import NotScriptable, leaf
from dropoutbook.layers.parts.mask import draw_keep, select
from dropoutbook.layers.stochastic import Stochastic


def standout(z: np.ndarray, alpha: float, beta: float, rng: np.random.Generator) -> np.ndarray:
    """The definition in training: relu(z), kept with probability 1 / (1 + exp(-alpha z - beta))."""
    drop = 1 / (1 + np.exp(alpha * z + beta))
    keep = rng.random(z.shape) >= drop
    return np.where(keep, np.maximum(z, 0.0), 0.0)


class Standout(NotScriptable, Stochastic, nn.Linear):
    """A linear layer whose units are kept the more likely, the larger their pre-activation.

        z = W x + b,  q = sigmoid(alpha * z + beta)
        training y = m * a(z) with m ~ Bernoulli(q), one draw per entry;  evaluation y = q * a(z)

    q is the probability of keeping; evaluation is the exact mean over m. The rule of q shares
    W and b with the layer itself, the paper's short cut for a second network with weights of its
    own. In training no gradient flows through q: it only shaped the draw. In evaluation y is a
    plain function of z, and its gradient has both factors.
    `alpha=0` makes it ordinary dropout in the original form, with drop probability
    p = sigmoid(-beta); p = 0.5 is beta = 0. A negative `alpha` drops the large units.
    A unit whose z is NaN is never dropped, so that a NaN shows; one with q = 0, which an infinite
    z can reach, is 0 in training.

    Args:
        in_features: Size of the last axis of the input.
        out_features: Units.
        bias: Whether there is a b.
        alpha: Slope of the rule in units of 1 / z, finite.
        beta: Offset of the rule, dimensionless, finite.
        activation: a, one of "identity", "relu", "sigmoid", "tanh".
        generator: Source of randomness; None means PyTorch's global one. For its limits see
            `Dropout`.
        device, dtype: Of the parameters, as in `torch.nn.Linear`.

    Shape:
        input: (*, in_features), real floating point.
        output: (*, out_features). `.weight` and `.bias` are those of `torch.nn.Linear`, and its
            checkpoints load. The uniforms are float32, q is float32 or wider.

    Cost:
        That of `torch.nn.Linear`, a sigmoid, and a uniform draw for each unit: each has a rate of
        its own, which the random bytes of `Dropout` cannot serve. Backward keeps one byte per unit
        for the mask.

    Raises:
        TypeError: if `alpha` or `beta` is not a number, a size not an integer, `generator` not a
            generator, or the input not a real floating-point tensor.
        ValueError: if `alpha` or `beta` is not finite, a size below 1, `bias` or `activation` not
            an allowed value, or the last axis of the input has another size.
        RuntimeError: if a layer with its own `generator` is recomputed in a backward pass.

    Source:
        Ba and Frey (2013), Adaptive dropout for training deep neural networks, NIPS 26. Their m
        is 1 where a unit is kept, as here; their belief network has weights pi, here alpha * W.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        alpha: float = 1.0,
        beta: float = 0.0,
        activation: str = "relu",
        generator: Generator | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(
            check_integer("in_features", in_features, least=1),
            check_integer("out_features", out_features, least=1),
            check_choice("bias", bias, (False, True)),
            device=device,
            dtype=dtype,
        )
        self.alpha = check_finite("alpha", alpha)
        self.beta = check_finite("beta", beta)
        self.activation = check_choice("activation", activation, tuple(ACTIVATIONS))
        self.generator = check_generator(generator)

    @property
    def draws(self) -> bool:
        return True

    @leaf
    def forward(self, input: Tensor) -> Tensor:
        check_floating(input)
        check_features(input, self.in_features)
        z = super().forward(input)
        active = ACTIVATIONS[self.activation](z)
        if not self.training:
            return active * torch.sigmoid(self.alpha * z + self.beta)
        return select(active, draw_keep(z.shape, self.drop_probability(z), z, self.generator))

    def drop_probability(self, z: Tensor) -> Tensor:
        """1 - q for each entry of the pre-activation, in float32 or wider, and 0 for NaN."""
        z = z.detach().to(torch.promote_types(z.dtype, torch.float32))
        return torch.sigmoid(-self.alpha * z - self.beta).nan_to_num(0.0)

    def extra_repr(self) -> str:
        rule = f"alpha={self.alpha}, beta={self.beta}, activation={self.activation!r}"
        return f"{super().extra_repr()}, {rule}"
