"""Statistical assertions, each with its false-alarm rate and its power.

Every check compares with an exact law, and n is the number of independent draws. A right
layer fails a check with probability FALSE_ALARM = 6e-7 where the statistic is normal (7e-7 by
the exact binomial for the mean of 8192 draws at p = 0.1, the fewest used). A wrong layer whose
expectation is off by 7.3 standard errors is caught 99 times in 100.
"""

import math
from collections.abc import Callable

import torch
from scipy import stats
from torch import Tensor

DEVICES = ("cpu", *(["cuda"] if torch.cuda.is_available() else []))

MAX_Z = 5.0  # standard errors
FALSE_ALARM = 2 * stats.norm.sf(MAX_Z)
ROUNDING = 1e-12  # float64; matters only where the variance is 0, as (y - 1)**2 has at p = 0.5


def assert_mean(draws: Tensor, mean: float, variance: float) -> None:
    """The sample mean is within MAX_Z standard errors of `mean`, at every position.

    Args:
        draws: Independent draws along the first axis, shape (n, *); the mean is checked at
            each position of the other axes. 98304 draws of a mask at p = 0.1 find an error
            of 0.007 in the rate 99 times in 100; 8192 find 0.024.
        mean: The exact expectation, in the unit of the draws.
        variance: The exact variance of one draw.
    """
    error = (draws.double().mean(dim=0) - mean).abs().max().item()
    limit = MAX_Z * math.sqrt(variance / len(draws)) + ROUNDING
    assert error <= limit, f"mean off by {error:.3g}, allowed {limit:.3g} (n = {len(draws)})"


def assert_rate(dropped: Tensor, p: float) -> None:
    """The share of True is compatible with `p`, by the exact binomial test.

    Safe where a normal approximation is not: at p = 0.001 and n = 98304 it accepts between
    53 and 151 drops, so a rate of 0.002 is caught more than 99 times in 100.
    """
    count, n = int(dropped.sum()), dropped.numel()
    pvalue = stats.binomtest(count, n, p).pvalue
    assert pvalue >= FALSE_ALARM, f"{count} of {n} dropped at p = {p}: p-value {pvalue:.2g}"


def assert_uncorrelated(first: Tensor, second: Tensor, mean: float, variance: float) -> None:
    """Draws at the same index of `first` and `second` have covariance 0.

    The products of independent centred draws are uncorrelated and have variance
    variance**2, so a correlation of 7.3 / sqrt(n) is found 99 times in 100.
    """
    products = (first.double() - mean) * (second.double() - mean)
    assert_mean(products.flatten(), 0.0, variance**2)


def assert_independent_neighbours(draws: Tensor, lags: int, mean: float, variance: float) -> None:
    """Draws that lie 1, 2, ..., `lags` entries apart in memory order have covariance 0."""
    flat = draws.flatten()
    for lag in range(1, lags + 1):
        assert_uncorrelated(flat[:-lag], flat[lag:], mean, variance)


def assert_refused(call: Callable[[], object], error: type[Exception], *words: str) -> None:
    """`call` raises exactly `error`, with a message that contains each of `words`."""
    caught = None
    try:
        call()
    except Exception as raised:
        caught = raised
    assert type(caught) is error, f"{caught!r} instead of {error.__name__}"
    missing = [word for word in words if word not in str(caught)]
    assert not missing, f"the message {str(caught)!r} does not name {missing}"
