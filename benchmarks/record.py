"""Measured rows as plain data, and whether their goals are met."""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from benchmarks import process
from benchmarks.row import Bound, Goal, Row

NOISE = 0.02  # medians of the same code differ by as much

Record = dict[str, Any]


class Ratio(NamedTuple):
    """How many times as long as ours another takes: median by median, slowest by slowest."""

    median: float
    slowest: float


class Job(NamedTuple):
    """What one process does: a contestant in one row, or in all rows of a sweep."""

    family: str
    contestant: str
    rows: tuple[str, ...]


def jobs(rows: Sequence[Row]) -> list[Job]:
    """All contestants of a row side by side."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        group = row.name if row.size is None else "all sizes"
        for name in row.contestants:
            groups.setdefault((row.family, name, group), []).append(row.name)
    return [Job(family, name, tuple(rows)) for (family, name, _), rows in groups.items()]


def measured(
    rows: Sequence[Row],
    processes: int,
    start: Callable[..., Mapping[str, Any]] = process.start,
) -> list[Record]:
    """Checks in a process what each contestant does, and times it in as many more.

    The contestants take turns: each has had one process before one has a second. Every other
    round goes backwards, so that a machine that slows down does so for all.

    Raises:
        Failed: if a process does, also one in which the package breaks a law.
    """
    found: dict[tuple[str, str], Record] = {}
    todo = jobs(rows)
    with tqdm(total=len(todo) * (1 + processes), desc=rows[0].family, unit="process") as bar:
        for job in todo:
            for row, answer in start("check", *job).items():
                found[row, job.contestant] = answer
            bar.update()
        for turn in range(processes):
            for family, name, names in todo[:: -1 if turn % 2 else 1]:
                right = [row for row in names if "law" in found[row, name]]
                for row, seconds in (start("time", family, name, right) if right else {}).items():
                    found[row, name].setdefault("times", []).append(seconds)
                bar.update()
    by_row = [{who: found[row.name, who] for who in row.contestants} for row in rows]
    return [recorded(*pair) for pair in zip(rows, by_row, strict=True)]


def recorded(row: Row, contestants: Mapping[str, Record]) -> Record:
    """A row with what was found of its contestants."""
    for found in contestants.values():
        if "times" in found:
            median, slowest = statistics.median(found["times"]), max(found["times"])
            found["seconds"] = {"median": median, "slowest": slowest}
    stated = ("name", "family", "work", "size", "weak")
    record = {name: getattr(row, name) for name in stated} | {"contestants": contestants}
    record["goals"] = [settled(goal, ratio_in(record, *goal[:2])) for goal in row.goals]
    record["bounds"] = [kept_to(bound, record) for bound in row.bounds]
    return record


def ratio_in(record: Mapping[str, Any], ours: str, against: str) -> Ratio | None:
    """How many times as long as ours the other takes; None where one is missing."""
    pair = [record["contestants"][name].get("seconds") for name in (against, ours)]
    if None in pair:
        return None
    theirs, mine = pair
    return Ratio(*(theirs[part] / mine[part] for part in Ratio._fields))


def geometric_mean(ratios: Sequence[Ratio | None]) -> Ratio | None:
    if None in ratios:
        return None
    return Ratio(*(math.exp(np.mean(np.log(part))) for part in zip(*ratios, strict=True)))


def settled(goal: Goal, ratio: Ratio | None) -> Record:
    """A goal with what was measured: met or missed if by more than NOISE."""
    if ratio is None:
        verdict = "absent"
    else:
        reached = ratio.median / goal.least
        if goal.slowest is not None:
            reached = min(reached, ratio.slowest / goal.slowest)
        clear = abs(reached - 1) > NOISE
        verdict = ("met" if reached > 1 else "not met") if clear else "within noise"
    return goal._asdict() | {"ratio": ratio and ratio._asdict(), "verdict": verdict}


def kept_to(bound: Bound, record: Record) -> Record:
    value = bound.read(record["contestants"][bound.ours])
    verdict = "met" if value <= bound.most else "not met"
    stated = {name: part for name, part in bound._asdict().items() if name != "read"}
    return stated | {"value": value, "verdict": verdict}
