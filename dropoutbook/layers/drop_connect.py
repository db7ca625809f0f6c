"""DropConnect: every connection of every example is kept or dropped on its own."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from dropoutbook.layers.parts.activations import ACTIVATIONS
from dropoutbook.layers.parts.arguments import (
    check_choice,
    check_features,
    check_floating,
    check_generator,
    check_integer,
    probability,
)
from dropoutbook.layers.parts.leaf import NotScriptable, leaf
from dropoutbook.layers.parts.mask import draw_keep, draw_normal, select
from dropoutbook.layers.parts.masked_linear import masked_linear
from dropoutbook.layers.parts.rectified_normal import rectified_normal_mean
from dropoutbook.layers.stochastic import Stochastic

CLOSED_FORMS = {"identity": lambda mean, variance: mean, "relu": rectified_normal_mean}
SAMPLES = 100  # where there is no closed form and no number was asked for


def drop_connect(
    v: np.ndarray, weight: np.ndarray, bias: np.ndarray, p: float, rng: np.random.Generator
) -> np.ndarray:
    """The definition in training, before the activation, for inputs v of shape (batch, in).

    The bias is the weight of one more input, which is 1.
    """
    inputs = np.concatenate([v, np.ones((len(v), 1))], axis=1)
    connections = np.concatenate([weight, bias[:, None]], axis=1)
    keep = rng.random((len(v), *connections.shape)) >= p
    return np.einsum("noi,oi,ni->no", keep, connections, inputs)


class DropConnect(NotScriptable, Stochastic, nn.Linear):
    """A linear layer whose connections are dropped one by one, with the activation that follows.

        training:    r = a(u),      u = (M * W) v + m * b,  entries of M, m ~ Bernoulli(1 - p)
        evaluation:  r = E[a(u)],   u ~ N(mean, variance), the two moments of the sum above

    One M and one m for every example, biases included. Nothing is rescaled in training; the
    evaluation has the factor 1 - p in its moments. The normal law replaces the sum over all
    masks; E[a(u)] is in closed form for "identity", where it is exact, and for "relu", otherwise
    the mean of a(u) over sampled u. At p = 0 the layer is a(Linear), at p = 1 it is a(0).

    A dropped connection contributes 0 even where its input is NaN or infinite; evaluation is plain
    arithmetic. The arithmetic is in float32 or wider, under autocast too.

    Args:
        in_features: Length of an input, at least 1.
        out_features: Length of an output, at least 1.
        bias: Whether there is one.
        p: Drop probability of a connection, dimensionless, in [0, 1].
        activation: "identity", "relu", "sigmoid" or "tanh".
        samples: How many u the evaluation draws, at least 1; None means the closed form where
            there is one, and 100 elsewhere. Sampling makes the evaluation random.
        generator: Source of randomness; None means PyTorch's global one. For its limits see
            `Dropout`.
        device, dtype: Of the parameters, as in `torch.nn.Linear`.

    Its parameters are those of `torch.nn.Linear`, weight (out_features, in_features) and bias
    (out_features,), with the same initial law and the same `state_dict`.

    Shape:
        input: (*, in_features), real floating point.
        output: (*, out_features), with the dtype and device of the input.

    Cost:
        A product and a random byte per connection and example, where `torch.nn.Linear` is a
        matrix product; `WeightDrop` on one, one mask per batch, costs little more than that. On a
        CPU masks are drawn a few examples at a time and once more in backward, so that memory is
        that of a linear layer. Elsewhere, and under `torch.compile` or `torch.func`, backward keeps
        batch * out_features * in_features bytes, the forward needs some twelve times as much for a
        moment, and the gradient of a dropped connection whose input is NaN is NaN instead of 0.

    Moments of u, given v, with k = 1 - p:
        E[u] = k (W v + b),  Var[u] = p k ((W * W)(v * v) + b * b).

    Raises:
        TypeError: if an argument is of the wrong kind, or the input not a real floating-point
            tensor.
        ValueError: if `p` is outside [0, 1] or NaN, another argument not an allowed value, or
            the input's last axis not `in_features` long.
        RuntimeError: if a layer with its own `generator` is recomputed in a backward pass.

    Source:
        Wan et al. (2013), Regularization of neural networks using DropConnect, ICML 30. Their p
        is the probability of keeping.
    """

    p = probability("p")

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        p: float = 0.5,
        *,
        activation: str = "relu",
        samples: int | None = None,
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
        self.p = p
        self.activation = check_choice("activation", activation, tuple(ACTIVATIONS))
        self.samples = None if samples is None else check_integer("samples", samples, least=1)
        self.generator = check_generator(generator)

    @leaf
    def forward(self, input: Tensor) -> Tensor:
        check_floating(input)
        check_features(input, self.in_features)
        with without_autocast(input.device.type):
            v, weight, bias = self._at_least_float32(input)
            if self.p == 0:
                r = self.activate(functional.linear(v, weight, bias))
            elif self.training:
                r = self.activate(self.drop(v, weight, bias))
            else:
                r = self.expect(*self.moments(v, weight, bias))
        return r.to(input.dtype)

    def activate(self, u: Tensor) -> Tensor:
        return ACTIVATIONS[self.activation](u)

    def drop(self, v: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """u in training."""
        u = masked_linear(v, weight, self.p, self.generator)
        if bias is None:
            return u
        return u + select(bias, draw_keep(u.shape, self.p, v, self.generator))

    def moments(self, v: Tensor, weight: Tensor, bias: Tensor | None) -> tuple[Tensor, Tensor]:
        """Mean and variance of u over all masks."""
        k = 1 - self.p
        squares = functional.linear(v**2, weight**2, None if bias is None else bias**2)
        return k * functional.linear(v, weight, bias), self.p * k * squares

    def expect(self, mean: Tensor, variance: Tensor) -> Tensor:
        """E[a(u)] of u ~ N(mean, variance)."""
        if self.samples is None and self.activation in CLOSED_FORMS:
            return CLOSED_FORMS[self.activation](mean, variance)
        # the square root has no derivative at 0, where there is nothing to sample
        s = torch.where(variance > 0, variance, 1.0).sqrt() * (variance > 0)
        shape = (self.samples or SAMPLES, *mean.shape)
        z = draw_normal(shape, mean, self.generator)
        return self.activate(mean + s * z).mean(0)

    def _at_least_float32(self, input: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        dtype = torch.promote_types(input.dtype, self.weight.dtype)
        dtype = torch.promote_types(dtype, torch.float32)
        bias = None if self.bias is None else self.bias.to(dtype)
        return input.to(dtype), self.weight.to(dtype), bias

    def extra_repr(self) -> str:
        sampled = "" if self.samples is None else f", samples={self.samples}"
        return f"{super().extra_repr()}, p={self.p}, activation={self.activation!r}{sampled}"


def without_autocast(device: str) -> AbstractContextManager[Any]:
    """Inside, autocast is off on the device; "meta" has none."""
    return nullcontext() if device == "meta" else torch.autocast(device, enabled=False)
