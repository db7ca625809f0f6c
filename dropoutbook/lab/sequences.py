"""Sequences whose class is decided by a symbol long before the end; chance is 25 %."""

import numpy as np
import torch
from torch import Tensor

SYMBOLS = 6
CLASSES = 4


def temporal_order(
    rng: np.random.Generator, examples: int, length: int = 24
) -> tuple[Tensor, Tensor]:
    """Which two symbols came, in which order?

    One of the symbols 0 and 1 stands somewhere in the first quarter of the steps, one of them,
    drawn anew, somewhere in the second, and distractors everywhere else: 2 to 5 at random.

    Args:
        rng: source of randomness.
        examples: sequences to draw.
        length: steps in each, a multiple of 4.

    Shape:
        x: (time, example, 6), one-hot, float64.
        y: (example), 2 * first + second, int64.

    Raises:
        ValueError: if `length` is not a positive multiple of 4.
    """
    quarter = _quarter(length)
    symbols = rng.integers(2, SYMBOLS, (length, examples))
    first, second = rng.integers(0, 2, (2, examples))
    for start, symbol in ((0, first), (quarter, second)):
        symbols[start + rng.integers(0, quarter, examples), np.arange(examples)] = symbol
    return one_hot(symbols), torch.from_numpy(2 * first + second)


def delayed_recall(
    rng: np.random.Generator, examples: int, length: int = 24
) -> tuple[Tensor, Tensor]:
    """Which of the symbols 0 to 3 came first? Distractors follow: 4 and 5 at random.

    Args, Shape, Raises: as in `temporal_order`; y is the first symbol.
    """
    _quarter(length)
    symbols = rng.integers(CLASSES, SYMBOLS, (length, examples))
    symbols[0] = rng.integers(0, CLASSES, examples)
    return one_hot(symbols), torch.from_numpy(symbols[0].copy())


def one_hot(symbols: np.ndarray) -> Tensor:
    """Symbols as unit vectors on a new last axis, float64."""
    return torch.from_numpy(np.eye(SYMBOLS)[symbols])


def _quarter(length: int) -> int:
    if isinstance(length, bool) or length < 4 or length % 4 != 0:
        raise ValueError(f"length must be a positive multiple of 4, got {length!r}")
    return int(length) // 4
