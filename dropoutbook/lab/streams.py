"""Every purpose of a seed has a random stream of its own; this is the table of them."""

import numpy as np

PURPOSES = ("labels", "weights", "order", "test", "split", "masks")


def stream(seed: int, purpose: str) -> np.random.Generator:
    """What `purpose` draws from under `seed`: no other purpose or seed draws the same numbers.

    Neither does `np.random.default_rng(seed)`, which `default_rng([seed, 0])` would repeat.

    Args:
        seed: a non-negative integer.
        purpose: "labels", which to make wrong; "weights", those of the start; "order", that of
            examples in training, or training sequences; "test", test sequences; "split", which
            examples are trained on; "masks", those of dropout.

    Raises:
        ValueError: if there is no such purpose, or `seed` is negative.
    """
    if purpose not in PURPOSES:
        raise ValueError(f"purpose must be one of {PURPOSES}, got {purpose!r}")
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(PURPOSES.index(purpose),)))
