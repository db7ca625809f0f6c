"""What a figure is made of. Every quantity is a number or a SymPy expression in the settings.

In texts `*p*` is in italics. In a sentence `{q:2}` is the number q with two decimals, `{q:%}` in
percent, and `{q:e}` with two digits of whatever size.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from bookpages.interactive.marks import Mark, Value


@dataclass(frozen=True)
class Slider:
    """A setting that the reader moves; expressions use the symbol of its name."""

    name: str
    label: str
    low: float
    high: float
    step: float
    start: float


@dataclass(frozen=True)
class Button:
    """A setting that counts how often the reader has pressed, from 1."""

    name: str
    label: str
    start: int = 1


@dataclass(frozen=True)
class Axis:
    """From `low` to `high`; without `high` it ends above the tallest bar. A log axis needs both."""

    label: str
    low: float
    high: float | None
    ticks: Sequence[float] = ()
    log: bool = False


@dataclass(frozen=True)
class Plot:
    """Curves and points between two axes."""

    kind: ClassVar = "plot"
    alt: str
    x: Axis
    y: Axis
    marks: Sequence[Mark]
    title: str = ""


@dataclass(frozen=True)
class Map:
    """A probability for each unit (x, y) of a square; `mean` is its mean's name in a sentence."""

    kind: ClassVar = "map"
    alt: str
    side: int
    value: Value
    label: str
    mean: str
    title: str = ""


@dataclass(frozen=True)
class Network:
    """A fully connected network under sampled masks; layers from the bottom up, the last is kept.

    The masks are drawn from the setting `draw`, a unit being kept with probability `keep`.
    A sentence can use the numbers of units and edges that are left, `units_left` and `edges_left`,
    and their means over all draws up to the last, `mean_units` and `mean_edges`.
    """

    kind: ClassVar = "network"
    alt: str
    layers: Sequence[int]
    keep: Value
    title: str = ""


@dataclass(frozen=True)
class Figure:
    """Controls, pictures, and a sentence that says the result; `later` follows from draw 2 on."""

    controls: Sequence[Slider | Button]
    panels: Sequence[Plot | Map | Network]
    sentence: str
    numbers: Mapping[str, Value] = field(default_factory=dict)
    constants: Mapping[str, Sequence[float]] = field(default_factory=dict)
    later: str = ""
