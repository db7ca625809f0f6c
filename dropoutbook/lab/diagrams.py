"""Networks drawn from their masks."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import Circle
from numpy.typing import ArrayLike

from dropoutbook.lab.plots import BLUE

RADIUS = 0.3  # of a unit; neighbors are 1 apart
LAYER_GAP = 2.4


def draw_network(ax: Axes, keep: Sequence[ArrayLike]) -> None:
    """A fully connected network from the bottom up: kept units solid, dropped ones crossed out.

    An edge is drawn exactly where both of its ends are kept.

    Args:
        ax: where to draw; its axes are hidden.
        keep: for each layer, inputs first, (unit,) with 1 = kept and 0 = dropped.

    Raises:
        ValueError: if there is no layer, or a layer is not a row of zeros and ones.
    """
    masks = [_checked_mask(mask, layer) for layer, mask in enumerate(keep)]
    if not masks:
        raise ValueError("keep must hold at least one layer, got none")
    centers = [_centers(len(mask), layer) for layer, mask in enumerate(masks)]
    edges = [
        (start, end)
        for layer in range(len(masks) - 1)
        for start in centers[layer][masks[layer]]
        for end in centers[layer + 1][masks[layer + 1]]
    ]
    ax.add_collection(LineCollection(edges, colors="gray", linewidths=0.8, zorder=1))
    for mask, places in zip(masks, centers, strict=True):
        for kept, place in zip(mask, places, strict=True):
            _draw_unit(ax, place, kept)
    ax.set_aspect("equal")
    ax.autoscale_view()
    ax.axis("off")


def _checked_mask(mask: ArrayLike, layer: int) -> np.ndarray:
    values = np.asarray(mask)
    if values.ndim != 1 or values.size == 0 or not np.isin(values, (0, 1)).all():
        raise ValueError(f"keep[{layer}] must be a row of zeros and ones, got {mask!r}")
    return values.astype(bool)


def _centers(units: int, layer: int) -> np.ndarray:
    across = np.arange(units) - (units - 1) / 2
    return np.column_stack([across, np.full(units, layer * LAYER_GAP)])


def _draw_unit(ax: Axes, center: np.ndarray, kept: bool) -> None:
    look = {"facecolor": BLUE, "edgecolor": BLUE} if kept else {"fill": False, "edgecolor": "gray"}
    style = "solid" if kept else "dashed"
    x, y = center
    ax.add_patch(Circle((x, y), RADIUS, linestyle=style, zorder=2, **look))
    if not kept:
        arm = RADIUS / 2**0.5
        cross = [[(x - arm, y - arm), (x + arm, y + arm)], [(x - arm, y + arm), (x + arm, y - arm)]]
        ax.add_collection(LineCollection(cross, colors="gray", linewidths=1, zorder=3))
