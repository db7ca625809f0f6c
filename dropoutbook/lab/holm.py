"""Many tests at once."""

from collections.abc import Sequence

import numpy as np


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
    p_values = np.asarray(p_values, dtype=float)
    if p_values.ndim != 1 or p_values.size == 0 or not np.all((p_values >= 0) & (p_values <= 1)):
        raise ValueError(f"p_values must be one or more numbers in [0, 1], got {p_values}")
    order = np.argsort(p_values)
    scaled = p_values[order] * np.arange(len(order), 0, -1)
    adjusted = np.empty_like(scaled)
    adjusted[order] = np.minimum(np.maximum.accumulate(scaled), 1)
    return adjusted
