"""Where the masks of an LSTM act: what a layer says of itself, and all that it says."""

from typing import NamedTuple

from torch import Tensor

from dropoutbook.layers.parts.mask import select


class Mask(NamedTuple):
    """What is kept (True), and the factor that it is multiplied by; None stands for 1."""

    keep: Tensor
    factor: float | None = None


class Masks(NamedTuple):
    """The masks of one layer in one direction; None where nothing is masked.

        z_t = W_ih drop(x_t, input) + W_hh drop(h_(t-1), hidden) + b
        c_t = drop(f * c_(t-1) + drop(i * g, update), cell)

    Where `input` and `hidden` hold one mask for each gate, each block of rows of the weights sees
    its own.

    Shape:
        input: (1 or 4 gates, batch, feature).
        hidden: (1 or 4 gates, batch, hidden).
        update, cell: (1 or time, batch, hidden).
    """

    input: Mask | None = None
    hidden: Mask | None = None
    update: Mask | None = None
    cell: Mask | None = None


def drop(x: Tensor, mask: Mask | None) -> Tensor:
    """What is kept of `x`, times the factor; a dropped NaN or infinity becomes 0 too."""
    return x if mask is None else select(x, *mask)


def for_each_gate(mask: Mask | None) -> list[Mask | None]:
    """The masks of the blocks of gates, one for all or four."""
    return [None] if mask is None else [Mask(keep, mask.factor) for keep in mask.keep]


def at_each_step(mask: Mask | None, steps: int) -> list[Mask | None]:
    """The masks of the steps, one for all or one each."""
    if mask is None:
        return [None] * steps
    return [Mask(keep, mask.factor) for keep in mask.keep.expand(steps, -1, -1)]


def inverse(p: float) -> float | None:
    """The factor of what is kept: 1 / (1 - p), or none where nothing is."""
    return None if p == 1 else 1 / (1 - p)
