"""How masks act in the recurrence of an LSTM, in place and in views of its gates."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import linear

from dropoutbook.layers.parts.mask import INTEGERS


class Recurrence(NamedTuple):
    """Where masks act, True = kept; None where nothing is masked.

    z_t = W_ih x_t + b + W_hh select(h_(t-1), hidden)
    c_t = select(f * c_(t-1) + select(i * g, update), cell)

    What `hidden` and `update` keep is multiplied by `factor`.
    """

    hidden: Tensor | None = None  # (1 or 4 gates, batch, hidden)
    update: Tensor | None = None  # (1 or time, batch, hidden)
    cell: Tensor | None = None  # (1 or time, batch, hidden)
    factor: float = 1.0

    @property
    def blocks(self) -> int:
        """How many blocks of gates there are, each with an h of its own."""
        return 1 if self.hidden is None else len(self.hidden)

    def scaled(self, weight: Tensor) -> Tensor:
        """W_hh times the factor, if that is of h."""
        return weight if self.hidden is None else weight * self.factor

    def hidden_inputs(self, hs: Tensor) -> list[Tensor]:
        """The h that each block of gates has seen, of all steps."""
        if self.hidden is None:
            return [hs[:-1]]
        masks = bits(self.hidden, hs)
        return [select_(hs[:-1] * self.factor, mask) for mask in masks]


def input_gates(xs: list[Tensor], weight: Tensor, bias: Tensor | None) -> Tensor:
    """What the inputs add to the gates, (time, batch, 4 hidden): one x for all, or one for each."""
    biases = [None] * len(xs) if bias is None else bias.chunk(len(xs))
    gates = list(map(linear, xs, weight.chunk(len(xs)), biases))
    return gates[0] if len(xs) == 1 else torch.cat(gates, -1)


def select_(x: Tensor, keep: Tensor | None) -> Tensor:
    """Drops in place what `keep`, from `bits`, has not: a NaN or an infinity becomes 0 too."""
    if keep is not None:
        x.view(keep.dtype).bitwise_and_(keep)
    return x


def bits(keep: Tensor | None, like: Tensor) -> Tensor | None:
    """Integers as long as an entry of `like`, all bits 1 where kept, 0 elsewhere."""
    return None if keep is None else keep.to(INTEGERS[like.itemsize]).neg_()


def at_steps(keep: Tensor | None, like: Tensor, steps: int) -> tuple[Tensor | None, ...]:
    return (None,) * steps if keep is None else bits(keep, like).expand(steps, -1, -1).unbind()


def views(gates: Tensor, blocks: int) -> Iterator[tuple[tuple[Tensor, ...], ...]]:
    """At each step the `blocks` of (batch, 4 hidden) that see one h, and i, f, g, o."""
    kinds = [zip(*(z.unbind() for z in gates.chunk(n, -1)), strict=True) for n in (blocks, 4)]
    return zip(*kinds, strict=True)
