"""How much of a dropped unit its neighbors give away."""

import torch
from torch import Tensor


def patch_covariance(map: Tensor, side: int) -> Tensor:
    """The covariance of the units in side x side windows, taken over all windows of a map.

    Args:
        map: (height, width), each at least `side`.
        side: of the window, in units.

    Shape:
        returns (side**2, side**2), units in row order.
    """
    windows = map.unfold(0, side, 1).unfold(1, side, 1)
    return torch.cov(windows.flatten(2).flatten(0, 1).T)


def recoverable_share(covariance: Tensor, keep: Tensor) -> Tensor:
    """The share of a dropped middle unit's variance that the kept units of its window determine.

    It is the R**2 of the best linear predictor that knows the mask,

        c_S' C_SS^(-1) c_S / c_mm,

    with S the kept units, m the middle one, C their covariance and c_S its column; 0 where
    nothing is kept.

    Args:
        covariance: (unit, unit), positive definite.
        keep: (mask, unit), True = kept; the middle unit is dropped in each mask.

    Shape:
        returns (mask,), in [0, 1].

    Raises:
        ValueError: if a mask keeps the middle unit.
    """
    middle = len(covariance) // 2
    if keep[:, middle].any():
        raise ValueError("keep must drop the middle unit in every mask")
    column = covariance[middle]
    kept = keep.to(covariance.dtype)
    # what is dropped is cut loose: no covariance with the rest, none with the middle unit
    pairs = kept.unsqueeze(1) * kept.unsqueeze(2)
    cut = covariance * pairs + torch.diag_embed(1 - kept)
    weights = torch.linalg.solve(cut, column * kept)
    return (weights * column * kept).sum(1) / column[middle]
