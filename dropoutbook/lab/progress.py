"""A bar for what may take long."""

from collections.abc import Iterable
from typing import TypeVar

from tqdm import tqdm

Item = TypeVar("Item")


def progress(items: Iterable[Item], unit: str, **options: int) -> Iterable[Item]:
    """`items`, with a bar from the third second on; with none where TQDM_DISABLE=1 is set.

    Args:
        items: what to go through.
        unit: what one item is called.
        options: `initial` and `total`, as in tqdm.
    """
    return tqdm(items, unit=unit, delay=3, leave=False, **options)
