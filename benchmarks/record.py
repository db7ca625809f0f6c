"""A measured row as plain data, and whether its goals are met."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from benchmarks.measure import take_turns
from benchmarks.row import OURS, Absent, Bound, Contestant, Goal, Row

NOISE = 0.02  # twice the same code differs by as much

Record = dict[str, Any]


class Spread(NamedTuple):
    """Median and quartiles."""

    median: float
    low: float
    high: float


class WrongLaw(Exception):
    """The package itself does not do what a row asks for."""


def spread(values: list[float]) -> Spread:
    low, median, high = np.percentile(values, [25, 50, 75])
    return Spread(float(median), float(low), float(high))


def measured(row: Row, rounds: int = 25) -> Record:
    """Makes the contestants, checks what they do, and times those that do it.

    Raises:
        WrongLaw: if a layer of the package does something else.
    """
    made, records = {}, {}
    for name, make in row.contestants.items():
        try:
            made[name] = make()
        except Absent as error:
            records[name] = {"absent": str(error)}
    for name in list(made):
        records[name] = checked(row.name, name, made[name])
        if "refused" in records[name]:
            del made[name]
    calls = {name: contestant.call for name, contestant in made.items()}
    for name, times in take_turns(calls, rounds, row.seconds).items():
        records[name] |= {"seconds": spread(times)._asdict(), "times": times}
    record = {
        "name": row.name,
        "family": row.family,
        "work": row.work,
        "size": row.size,
        "contestants": {name: records[name] for name in row.contestants},
    }
    record["goals"] = [settled(goal, ratio_in(record, *goal[:2])) for goal in row.goals]
    record["bounds"] = [kept_to(bound, record) for bound in row.bounds]
    return record


def checked(row: str, name: str, contestant: Contestant) -> Record:
    """What a contestant does, and the memory it takes for it."""
    deviation = contestant.deviation()
    if deviation and not contestant.another_law:
        if name.startswith(OURS):
            raise WrongLaw(f"{row}: {name} {deviation}")
        return {"refused": deviation}
    law = ": ".join(filter(None, [contestant.another_law, deviation]))
    sizes = {"saved": contestant.saved, "peak": contestant.peak}
    return {"law": law} | {name: size() for name, size in sizes.items() if size is not None}


def ratio_in(record: Mapping[str, Any], ours: str, against: str) -> Spread | None:
    """How many times as long as ours the other takes, round by round; None where one is missing.

    What slows a whole round down cancels.
    """
    pair = [record["contestants"][name].get("times") for name in (against, ours)]
    if None in pair:
        return None
    return spread([theirs / mine for theirs, mine in zip(*pair, strict=True)])


def geometric_mean(ratios: list[Spread | None]) -> Spread | None:
    if None in ratios:
        return None
    return Spread(*(math.exp(np.mean(np.log(part))) for part in zip(*ratios, strict=True)))


def settled(goal: Goal, ratio: Spread | None) -> Record:
    """A goal with what was measured: met or not if both quartiles say so, or nearly."""
    if ratio is None:
        verdict = "absent"
    elif ratio.low >= goal.least:
        verdict = "met"
    else:
        verdict = "within noise" if ratio.high >= goal.least * (1 - NOISE) else "not met"
    return goal._asdict() | {"ratio": ratio and ratio._asdict(), "verdict": verdict}


def kept_to(bound: Bound, record: Record) -> Record:
    value = bound.read(record["contestants"][bound.ours])
    verdict = "met" if value <= bound.most else "not met"
    stated = {name: part for name, part in bound._asdict().items() if name != "read"}
    return stated | {"value": value, "verdict": verdict}
