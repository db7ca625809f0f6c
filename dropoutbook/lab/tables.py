"""Tables as Markdown, for cells that write what a run decides."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from dropoutbook.lab.statistics import paired_difference


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; its first column is of words, the others are of numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def comparison(arms: Mapping[str, Mapping[str, ArrayLike]], baseline: str, digits: int = 2) -> str:
    """Each arm's mean of each score, and how far it is from the baseline, seed by seed.

    Args:
        arms: name of an arm -> head of a column -> one value a seed. A column that the baseline
            shares gets another one beside it, the mean difference with its 95 % t interval.
        baseline: the arm that the others are compared with.
        digits: digits behind the point.
    """
    names = list(dict.fromkeys(name for scores in arms.values() for name in scores))
    head = ["", *(cell for name in names for cell in (name, f"minus {baseline}"))]
    rows = []
    for arm, scores in arms.items():
        row = [arm]
        for name in names:
            against = "" if arm == baseline else _apart(scores[name], arms[baseline][name], digits)
            row += [f"{np.asarray(scores[name], float).mean():.{digits}f}", against]
        rows.append(row)
    return table(head, rows)


def _apart(a: ArrayLike, b: ArrayLike, digits: int) -> str:
    mean, low, high, *_ = paired_difference(a, b)
    return f"{mean:+.{digits}f} ({low:+.{digits}f} to {high:+.{digits}f})"
