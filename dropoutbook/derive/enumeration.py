"""All 2^n masks of n units, in floating point: the oracle that shares no code with SymPy."""

from collections.abc import Callable, Iterator

import numpy as np

MAX_UNITS = 24  # 2^24 masks are seconds to minutes of work, whatever the function
CHUNK = 2**14  # masks handed over at a time; what function makes of them is its own affair


def enumerate_expectation(
    function: Callable[[np.ndarray], np.ndarray], keep: np.ndarray | list[float]
) -> np.ndarray:
    """The exact mean of function(mask) over independent gates, by visiting every mask.

    Args:
        function: Maps masks of shape (masks, n), 0.0 or 1.0 and 1 = kept, to values of
            shape (masks, ...).
        keep: Probability of keeping each unit, shape (n,), each in [0, 1], n at most 24.

    Cost:
        2**n masks, at most 2**14 at a time; memory for these, and for the values of `function`.

    Returns:
        The mean, shape (...), in float64.

    Raises:
        ValueError: if `keep` is not one row of probabilities, or too long to enumerate, or if
            `function` does not return one value, of whatever shape, for each mask.
    """
    keep = np.asarray(keep, dtype=float)
    if keep.ndim != 1 or not np.all((keep >= 0) & (keep <= 1)):
        raise ValueError(f"keep must be one row of numbers in [0, 1], got {keep}")
    if keep.size > MAX_UNITS:
        raise ValueError(f"keep must have at most {MAX_UNITS} entries, got {keep.size}")
    means = (
        np.tensordot(
            np.where(masks == 1, keep, 1 - keep).prod(axis=1), _values(function, masks), axes=1
        )
        for masks in _all_masks(keep.size)
    )
    return sum(means, start=np.zeros(()))


def _values(function: Callable[[np.ndarray], np.ndarray], masks: np.ndarray) -> np.ndarray:
    """What `function` makes of masks, if it is one value for each."""
    values = np.asarray(function(masks))
    if values.ndim == 0 or len(values) != len(masks):
        raise ValueError(
            f"function must map masks of shape {masks.shape} to values of shape "
            f"({len(masks)}, ...), got shape {values.shape}"
        )
    return values


def _all_masks(n: int) -> Iterator[np.ndarray]:
    """Every row of {0, 1}^n once, in chunks of shape (at most CHUNK, n)."""
    for start in range(0, 2**n, CHUNK):
        numbers = np.arange(start, min(start + CHUNK, 2**n))
        yield ((numbers[:, None] >> np.arange(n)) & 1).astype(float)
