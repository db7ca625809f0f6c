"""The results as a table of text."""

from collections.abc import Iterator
from typing import Any

HEADER = ("work", "ours", "against", "goal", "medians", "slowest", "verdict")


def goal_lines(record: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """One line per goal and bound of a row, in the order of HEADER."""
    for goal in record["goals"]:
        asked = (goal["least"], goal["slowest"])
        yield (
            record["work"],
            goal["ours"],
            goal["against"],
            " and ".join(f"≥ {times(least)}" for least in asked if least is not None),
            *(("", "") if goal["ratio"] is None else map(times, goal["ratio"].values())),
            goal["verdict"],
        )
    for bound in record["bounds"]:
        most, value = (amount(bound[key], bound["unit"]) for key in ("most", "value"))
        head = (record["work"], bound["ours"], bound["what"])
        yield *head, f"≤ {most}", value, "", bound["verdict"]


def times(value: float) -> str:
    return f"{value:.2f}×" if value < 10 else f"{value:.0f}×"


def amount(value: float, unit: str) -> str:
    return f"{value / 2**20:.1f} MiB" if unit == "bytes" else f"{value:.3g} {unit}"


def left_out(records: list[dict[str, Any]]) -> dict[str, str]:
    """Why a contestant was not timed, by name: absent here, or refused for what it does."""
    return {
        name: f"{why}: {found[why]}"
        for record in records
        for name, found in record["contestants"].items()
        for why in ("absent", "refused")
        if why in found
    }


def text(records: list[dict[str, Any]]) -> str:
    """The table, and below it who is missing."""
    lines = [HEADER, *(line for record in records for line in goal_lines(record))]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    table = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join(table + [f"{name}: {why}" for name, why in left_out(records).items()])
