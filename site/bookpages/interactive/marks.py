"""What a plot shows. Every quantity is a number or a SymPy expression in the settings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import sympy as sp

Value = sp.Expr | float


@dataclass(frozen=True)
class Line:
    """y against the symbol x."""

    kind: ClassVar = "line"
    label: str
    y: Value


@dataclass(frozen=True)
class Band:
    """Everything between two curves against the symbol x."""

    kind: ClassVar = "band"
    label: str
    low: Value
    high: Value


@dataclass(frozen=True)
class Dot:
    """A point that the settings move; it has the look of the mark before it, and no label."""

    kind: ClassVar = "dot"
    x: Value
    y: Value


@dataclass(frozen=True)
class Span:
    """A range of the x axis with a point in it, drawn at the height y."""

    kind: ClassVar = "span"
    label: str
    low: Value
    middle: Value
    high: Value
    y: float


@dataclass(frozen=True)
class Stems:
    """The probability of each of a few values."""

    kind: ClassVar = "stems"
    label: str
    law: Sequence[tuple[Value, Value]]


@dataclass(frozen=True)
class Sums:
    """The law of a sum of independent terms, by going through all their outcomes, as a histogram.

    Term i is terms[i] times a draw from `law`, and there are `count` of them. A sentence can use
    `rectified`, the mean of the sum's positive part.
    """

    kind: ClassVar = "sums"
    label: str
    terms: Sequence[float]
    count: Value
    law: Sequence[tuple[Value, Value]]
    width: float  # of a bar


Mark = Line | Band | Dot | Span | Stems | Sums
