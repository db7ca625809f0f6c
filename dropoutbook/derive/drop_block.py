"""DropBlock's drop rates, exactly, on a square map with seeds where the block fits."""

from collections import Counter
from collections.abc import Sequence

import sympy as sp

from dropoutbook.derive.laws import Value


def seeds_reaching(x: Value, side: Value, block: Value) -> sp.Expr:
    """How many of the side - block + 1 seeds along one axis have a block that covers entry x.

        n(x) = min(x, side - block) - max(0, x - block + 1) + 1,    x = 0, ..., side - 1

    Args:
        x: position along the axis, in entries from 0; a number or a symbol.
        side: length of the axis in entries.
        block: side of a block in entries, in [1, side].
    """
    return sp.Min(x, side - block) - sp.Max(0, x - block + 1) + 1


def paper_gamma(p: Value, side: Value, block: Value) -> sp.Expr:
    """The seed probability of Ghiasi et al. (2018), Eq. (1); their keep_prob is 1 - p."""
    return p / sp.Integer(block) ** 2 * (side / sp.Integer(side - block + 1)) ** 2


def uniform_gamma(p: Value, block: int) -> sp.Expr:
    """The seed probability at which block**2 seeds all stay unset with probability 1 - p."""
    return 1 - (1 - p) ** sp.Rational(1, block**2)


def keep_probability(gamma: Value, x: Value, y: Value, side: Value, block: Value) -> sp.Expr:
    """P(the unit at (x, y) is kept): none of the seeds that reach it is set."""
    return (1 - gamma) ** (seeds_reaching(x, side, block) * seeds_reaching(y, side, block))


def mean_drop(gamma: Value, reaching: Sequence[Value]) -> sp.Expr:
    """The probability of dropping, averaged over the units of a square map.

    Args:
        gamma: seed probability.
        reaching: for each entry along one axis, how many seeds reach it.
    """
    counts = Counter(first * second for first in reaching for second in reaching)
    kept = sp.Add(*(times * (1 - gamma) ** n for n, times in counts.items()))
    return 1 - kept / sp.Integer(len(reaching)) ** 2


def matched_gamma(p: Value, side: int, block: int, digits: int = 15) -> sp.Float:
    """The seed probability whose mean drop is p: the one root in [0, 1], by bisection.

    Each unit's drop probability increases strictly with gamma, so there is no other root.
    """
    gamma = sp.Symbol("gamma")
    reaching = [seeds_reaching(x, side, block) for x in range(side)]
    excess = mean_drop(gamma, reaching) - p
    return sp.nsolve(excess, gamma, (0, 1), solver="bisect", prec=digits, verify=False)
