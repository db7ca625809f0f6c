"""Which setting of an arm goes on: the one that is best on the images to choose on."""

from collections.abc import Iterable
from itertools import product
from typing import Any

import numpy as np

Row = dict[str, Any]


def cases(**axes: Iterable[Any]) -> list[Row]:
    """All combinations of some values, the last name innermost."""
    return [dict(zip(axes, point, strict=True)) for point in product(*axes.values())]


def best(rows: Iterable[Row], *names: str, by: str) -> Row:
    """The values of `names` whose rows have the least mean of the last reading of `by`."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(repr([row[name] for name in names]), []).append(row)
    if not groups:
        raise ValueError("rows must be at least one, got none")
    group = min(groups.values(), key=lambda group: np.mean([row[by][-1] for row in group]))
    return {name: group[0][name] for name in names}
