"""Which setting of an arm goes on: the one that is best on the images to choose on."""

from collections.abc import Iterable
from itertools import product
from typing import Any

from dropoutbook.lab.study import tuned

Row = dict[str, Any]


def cases(**axes: Iterable[Any]) -> list[Row]:
    """All combinations of some values, the last name innermost."""
    return [dict(zip(axes, point, strict=True)) for point in product(*axes.values())]


def best(rows: Iterable[Row], *names: str, by: str) -> Row:
    """The values of `names` whose rows have the least mean of the last reading of `by`."""
    return tuned(rows, *names, by=by, place=-1)[0]
