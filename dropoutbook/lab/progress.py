"""A bar for what may take long."""

from collections.abc import Iterable
from typing import Any

from tqdm import tqdm


def progress(items: Iterable[Any], unit: str, **options: int) -> Iterable[Any]:
    """`items`, with a bar from the third second on; with none where TQDM_DISABLE=1 is set.

    Args:
        items: what to go through.
        unit: what one item is called.
        options: `initial` and `total`, as in tqdm.
    """
    return tqdm(items, unit=unit, delay=3, leave=False, **options)
