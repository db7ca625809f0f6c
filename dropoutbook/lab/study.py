"""The results of a study that was carried out, as a page reads them."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

Row = Mapping[str, Any]


def read_study(path: str | Path) -> dict[str, Any]:
    """What `make study` wrote: its "protocol", and in "rows" one network each, with every reading.

    Args:
        path: such as "studies/mnist.json", from the root of the repository; it is looked for in
            the folder that a notebook runs in and in the one above.

    Raises:
        FileNotFoundError: if it is in neither.
    """
    for folder in (Path(), Path("..")):
        if (folder / path).is_file():
            return json.loads((folder / path).read_text("utf8"))
    raise FileNotFoundError(f"path must lie in {Path().absolute()} or above it, got {str(path)!r}")


def where(rows: Iterable[Row], **values: Any) -> list[Row]:
    """The rows that have all these values.

    Raises:
        ValueError: if there is none.
    """
    found = [row for row in rows if all(row.get(name) == v for name, v in values.items())]
    if not found:
        raise ValueError(f"values must be those of a row, got {values}")
    return found


def readings(rows: Iterable[Row], score: str, stop: str | None = None) -> np.ndarray:
    """The last value of a score in each row, or the one where `stop` is least: early stopping.

    Args:
        rows: each with lists of equal lengths under `score` and `stop`; sorted here by their
            "seed", so that those of two arms are pairs.
        score: such as "test_error".
        stop: such as "choice_error".
    """
    ordered = sorted(rows, key=lambda row: row["seed"])
    places = [int(np.argmin(row[stop])) if stop else -1 for row in ordered]
    return np.array([row[score][place] for row, place in zip(ordered, places, strict=True)])


def tuned(
    rows: Iterable[Row], *names: str, by: str, place: int | None = None
) -> tuple[dict[str, Any], int]:
    """The setting with the least mean of a score over its rows, and at which reading.

    Args:
        rows: those of tuning.
        names: what makes a setting, such as "p" and "weight_decay".
        by: the score that chooses, such as "choice_error".
        place: the reading that counts, -1 for the last; None lets it be chosen with the setting.

    Raises:
        ValueError: if there are no rows.
    """
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(repr([row.get(name) for name in names]), []).append(row)
    if not groups:
        raise ValueError("rows must be at least one, got none")
    best = None
    for group in groups.values():
        curve = np.mean([row[by] for row in group], axis=0)
        at = int(np.argmin(curve)) if place is None else place
        if best is None or curve[at] < best[0]:
            best = curve[at], {name: group[0].get(name) for name in names}, at
    assert best
    return best[1], best[2]


def final(
    rows: Iterable[Row],
    arm: str,
    *,
    length: int = -1,
    stop: str | None = None,
    tuned_on: Row | None = None,
    **fixed: Any,
) -> list[Row]:
    """The reported networks of an arm; if they have several rates of learning, the tuned one.

    Args:
        rows: those of a study whose stages are "tuning" and "final".
        arm: its name.
        length: which of the numbers of steps, in their order; -1 is the longest.
        stop: the score that stops a training early, and so chooses the rate of learning; None
            trains to the end, and chooses by the last "choice_error".
        fixed: what the rows have in common, such as size=1000.
        tuned_on: the same for the rows of tuning, if it is something else.
    """
    rows = list(rows)
    found = where(rows, stage="final", arm=arm, **fixed)
    found = where(found, steps=sorted({row["steps"] for row in found})[length])
    if len({row["learning_rate"] for row in found}) > 1:
        tried = where(rows, stage="tuning", arm=arm, **(tuned_on or fixed))
        by, place = (stop, None) if stop else ("choice_error", -1)
        found = where(found, **tuned(tried, "learning_rate", by=by, place=place)[0])
    return found


def beside_none(
    rows: Iterable[Row], arms: Iterable[str], **fixed: Any
) -> dict[str, dict[str, np.ndarray]]:
    """Error and likelihood of some arms at their end, and of "none" read in three ways.

    Args:
        rows, fixed: as in `final`, and its other arguments.
        arms: their names.

    Returns:
        name of an arm -> head of a column -> one value a seed, for `tables.comparison`.
    """
    rows = list(rows)
    ways = {"at its end": None, "stopped on error": "choice_error"}
    ways |= {"stopped on likelihood": "choice_nll"}
    found = {arm: _columns(final(rows, arm, **fixed)) for arm in arms}
    for way, stop in ways.items():
        found[f"none, {way}"] = _columns(final(rows, "none", stop=stop, **fixed), stop)
    return found


def _columns(rows: list[Row], stop: str | None = None) -> dict[str, np.ndarray]:
    heads = {"test_error": "test error, %", "test_nll": "NLL"}
    return {head: readings(rows, score, stop) for score, head in heads.items()}
