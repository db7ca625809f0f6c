"""Comparisons of two arms that share their seeds, each printed as one line; many tests at once."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats


class PairedDifference(NamedTuple):
    """Mean of a - b over pairs, with the t interval [low, high]; in the unit of a and b."""

    mean: float
    low: float
    high: float
    pairs: int
    confidence: float

    def __str__(self) -> str:
        interval = f"{self.confidence:.0%} interval {self.low:+.2f} to {self.high:+.2f}"
        return f"mean difference {self.mean:+.2f}, {interval}, {self.pairs} pairs"

    def sentence(self, a: str, b: str, unit: str = "points") -> str:
        """Which of two named arms is lower, as far as the interval can tell."""
        interval = f"{100 * self.confidence:g} % interval {self.low:+.2f} to {self.high:+.2f}"
        found = f"({self.mean:+.2f} {unit}, {interval}, {self.pairs} pairs)"
        if self.low <= 0 <= self.high:
            return f"{a} and {b} cannot be told apart {found}"
        return f"{a} is {'lower' if self.high < 0 else 'higher'} than {b} {found}"


class SignTest(NamedTuple):
    """How many pairs have a > b; ties are left out of `pairs`; two-sided p value."""

    greater: int
    pairs: int
    p_value: float

    def __str__(self) -> str:
        return f"greater in {self.greater} of {self.pairs} pairs, two-sided p = {self.p_value:.2g}"


class Equivalence(NamedTuple):
    """Two one-sided tests of |mean of a - b| < margin at level `alpha`, and their interval."""

    mean: float
    low: float
    high: float
    margin: float
    alpha: float
    p_value: float

    @property
    def equivalent(self) -> bool:
        """The interval lies inside (-margin, margin); the same as p_value < alpha."""
        return -self.margin < self.low and self.high < self.margin

    def __str__(self) -> str:
        verdict = "shown" if self.equivalent else "not shown"
        interval = f"{1 - 2 * self.alpha:.0%} interval {self.low:+.2f} to {self.high:+.2f}"
        return f"equivalence within {self.margin:g} {verdict}: {self.mean:+.2f}, {interval}"


def paired_difference(a: ArrayLike, b: ArrayLike, confidence: float = 0.95) -> PairedDifference:
    """Mean of a - b with Student's t interval over pairs; for differences near normal.

    Args:
        a, b: (pair,), finite, in one unit; entry i of both comes from the same seed.
        confidence: coverage of the interval, in (0, 1).

    Raises:
        ValueError: if a and b are no pairs, fewer than two, not finite, or `confidence` is off.
    """
    a, b = _checked_pairs(a, b)
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be in (0, 1), got {confidence!r}")
    half = stats.sem(a - b) * stats.t.ppf((1 + confidence) / 2, len(a) - 1)
    mean = float(np.mean(a - b))
    return PairedDifference(mean, float(mean - half), float(mean + half), len(a), confidence)


def sign_test(a: ArrayLike, b: ArrayLike) -> SignTest:
    """Exact two-sided test of P(a > b) = P(a < b); assumes no shape of the differences.

    Args:
        a, b: as in `paired_difference`.

    Raises:
        ValueError: as in `paired_difference`, and if every pair is tied.
    """
    a, b = _checked_pairs(a, b)
    greater, pairs = int(np.sum(a > b)), int(np.sum(a != b))
    if pairs == 0:
        raise ValueError("a and b must differ in at least one pair, got ties only")
    return SignTest(greater, pairs, float(stats.binomtest(greater, pairs).pvalue))


def tost(a: ArrayLike, b: ArrayLike, margin: float, alpha: float = 0.05) -> Equivalence:
    """Two one-sided t tests: is the mean of a - b inside (-margin, margin)?

    Args:
        a, b: as in `paired_difference`.
        margin: chosen before the data are seen, > 0, in the unit of a and b.
        alpha: level of each of the two tests, in (0, 0.5).

    Raises:
        ValueError: as in `paired_difference`, and if `margin` or `alpha` is out of range.
    """
    a, b = _checked_pairs(a, b)
    if not 0 < margin < np.inf:
        raise ValueError(f"margin must be positive and finite, got {margin!r}")
    if not 0 < alpha < 0.5:
        raise ValueError(f"alpha must be in (0, 0.5), got {alpha!r}")
    mean, low, high, *_ = paired_difference(a, b, 1 - 2 * alpha)
    error, distance = stats.sem(a - b), margin - abs(mean)
    # differences without spread leave nothing to doubt
    p_value = stats.t.sf(distance / error, len(a) - 1) if error > 0 else distance <= 0
    return Equivalence(mean, low, high, float(margin), alpha, float(p_value))


def holm(p_values: Sequence[float]) -> np.ndarray:
    """Holm's step-down adjustment: rejecting where it is below alpha bounds the error of the table.

        adjusted_(i) = max over j <= i of min(1, (m - j + 1) p_(j)),    p_(1) <= ... <= p_(m)

    Args:
        p_values: (m,), each in [0, 1].

    Raises:
        ValueError: if there is none, or one is outside [0, 1], NaN included.

    Source:
        Holm (1979), A simple sequentially rejective multiple test procedure, Scand. J. Stat. 6.
    """
    p = np.asarray(p_values, dtype=float)
    if p.ndim != 1 or p.size == 0 or not np.all((p >= 0) & (p <= 1)):
        raise ValueError(f"p_values must be one or more numbers in [0, 1], got {p}")
    order = np.argsort(p)
    scaled = p[order] * np.arange(len(order), 0, -1)
    adjusted = np.empty_like(scaled)
    adjusted[order] = np.minimum(np.maximum.accumulate(scaled), 1)
    return adjusted


def _checked_pairs(a: ArrayLike, b: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.ndim != 1 or a.shape != b.shape or len(a) < 2:
        raise ValueError(f"a and b must be two or more pairs, got shapes {a.shape} and {b.shape}")
    for name, values in (("a", a), ("b", b)):
        if not np.isfinite(values).all():
            raise ValueError(f"{name} must be finite, got {values}")
    return a, b
