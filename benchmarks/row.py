"""A row of the table: one piece of work, who does it, and what is to be reached."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

OURS = "dropoutbook"
AT_WORST = 1 / 3  # the goal where a fast path loses: at most three times as long


class Absent(Exception):
    """A contestant that cannot be installed, loaded or run here; says why."""


@dataclass(frozen=True)
class Contestant:
    """Who does the work.

    Args:
        call: Does it once.
        deviation: Says what it does instead of the work asked for, "" if nothing else; called
            before the clock starts. A contestant that deviates is refused.
        another_law: What is known to differ. Such a contestant is timed all the same, and its
            deviation stands beside its time.
        saved: Bytes kept for backward, if that counts.
        peak: Bytes allocated at most at one time, if that counts.
    """

    call: Callable[[], Any]
    deviation: Callable[[], str]
    another_law: str = ""
    saved: Callable[[], int] | None = None
    peak: Callable[[], int] | None = None


class Goal(NamedTuple):
    """`ours` is to be at least `least` times as fast as `against`, by the medians of all processes.

    By the slowest process of each, it is to be at least `slowest` times as fast, if that is given.
    """

    ours: str
    against: str
    least: float
    slowest: float | None = None


class Bound(NamedTuple):
    """A quantity of ours, read from its measured record, is to be at most `most`."""

    ours: str
    what: str
    unit: str
    most: float
    read: Callable[[Mapping[str, Any]], float]


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Args:
        name: Unique, in lower case.
        family: The group it is asked for by, the name of a module of `benchmarks.rows`.
        work: What is done, for readers.
        contestants: By name, functions that make them; one that raises `Absent` is left out, and
            said so.
        goals, bounds: What is to be reached; none in a sweep.
        size: Of a sweep, the number on its horizontal axis.
        weak: Why a fast path should lose here, if it should.
    """

    name: str
    family: str
    work: str
    contestants: Mapping[str, Callable[[], Contestant]]
    goals: Sequence[Goal] = ()
    bounds: Sequence[Bound] = ()
    size: int | None = None
    weak: str = ""
