"""A layer under test: how it is made, what it claims, and the inputs that it sees."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Generator, Tensor, nn

LARGE = 2**15  # entries; PyTorch and this package take other ways than for a few
DRAWS = 2**12  # examples of which a law is estimated
RATES = (0.1, 0.5, 0.9)  # 0.5 alone hides keep and drop exchanged


@dataclass(frozen=True)
class Case:
    """The arguments of `check_dropout`, and one of the two inputs."""

    make: Callable[..., nn.Module]
    example: Tensor
    size: str
    shared: tuple[int, ...]
    drops: bool
    independent: bool
    evaluation: str
    rates: tuple[str, ...]
    backends: tuple[str, ...]

    @property
    def ps(self) -> tuple[float, ...]:
        """The rates to try."""
        return RATES if self.rates else (0.5,)

    def layer(self, p: float = 0.5, **options: Any) -> nn.Module:
        """A layer in training, of dtype and device of the example, always of the same weights."""
        torch.manual_seed(1)
        return self.make(p, **options).to(self.example).train()

    def seeded(self, p: float = 0.5, seed: int = 0) -> nn.Module:
        """A layer with a generator of its own."""
        return self.layer(p, generator=Generator(self.example.device).manual_seed(seed))

    def alike(self) -> Tensor:
        """The first example as often as there are examples."""
        return self.example[:1].repeat(len(self.example), *[1] * (self.example.ndim - 1))

    def independent_examples(self) -> Tensor:
        """`alike`, or one of it where all examples have one draw."""
        return self.alike()[: 1 if 0 in self.shared else None]

    def rows(self, y: Tensor) -> Tensor:
        """One entry per draw of each example: shape (examples, draws)."""
        return y[tuple(slice(1 if n in self.shared else None) for n in range(y.ndim))].flatten(1)

    def draws(self, *layers: Callable[..., Any]) -> list[Tensor]:
        """What each layer draws in calls in turn: (calls, examples, draws), in float64.

        The examples are alike, so that all that differs is the mask.
        """
        x = self.independent_examples()
        calls = max(2, -(-DRAWS // len(x)))
        torch.manual_seed(2)
        rounds = [[self.rows(output(layer, x)).double() for layer in layers] for _ in range(calls)]
        return [torch.stack(outputs) for outputs in zip(*rounds, strict=True)]


def output(layer: Callable[..., Any], *inputs: Tensor) -> Tensor:
    """What a layer returns, or the first of what it returns, without its history."""
    return first(layer(*inputs)).detach()


def first(returned: Any) -> Tensor:
    """The tensor, or the first of a tuple."""
    return returned[0] if isinstance(returned, tuple) else returned


def after_seed(layer: Callable[..., Any], x: Tensor, seed: int = 0) -> Tensor:
    """What the layer returns with the global generator at `seed`."""
    torch.manual_seed(seed)
    return first(layer(x))


def value_and_gradient(layer: Callable[..., Any], x: Tensor) -> tuple[Tensor, Tensor]:
    """The output after seed 0, and the gradient of the sum of its sines."""
    x = x.detach().clone().requires_grad_()
    y = after_seed(layer, x)
    y.sin().sum().backward()
    assert x.grad is not None, "no gradient reaches the input"
    return y.detach(), x.grad
