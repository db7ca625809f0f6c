"""Spatial dropout: whole channels are kept or dropped."""

import numpy as np
import torch
from torch import Tensor

from dropoutbook.layers.parts.activation_dropout import ActivationDropout
from dropoutbook.layers.parts.arguments import check_rank
from dropoutbook.layers.parts.mask import draw_keep


def spatial_dropout(x: np.ndarray, p: float, rng: np.random.Generator) -> np.ndarray:
    """The definition in training, for p < 1: one draw for each map x[n, c]."""
    keep = rng.random((*x.shape[:2], *(1 for _ in x.shape[2:]))) >= p
    return np.where(keep, x / (1 - p), 0.0)


class SpatialDropout(ActivationDropout):
    """Drops whole channels with probability p and divides the others by 1 - p.

        training y[n, c] = x[n, c] * keep[n, c] / (1 - p),    evaluation y = x

    with keep ~ Bernoulli(1 - p), one draw for each example and channel, shared by all positions.
    The noise is a factor, 0 or 1 / (1 - p), as in `torch.nn.Dropout2d`: a NaN stays NaN, and an
    infinity in a dropped channel becomes NaN. Where y = x the input itself is returned, as at
    p = 0. At p = 1 the output and the gradient are 0.

    Args:
        p: Drop probability of a channel, dimensionless, in [0, 1].
        inplace: Whether to write the output over the input.
        generator: Source of randomness; None means PyTorch's global one. For its limits see
            `Dropout`.

    Shape:
        input: (N, C, *), at least one axis after the channels. A single example without a batch
            axis is refused where its rank shows it, for (C, L); of rank 3 and more it cannot be
            told from a batch, so give (C, H, W) a batch axis with `unsqueeze(0)`.
        output: as the input, with its dtype, device and order of axes in memory.

    Cost:
        One draw per channel, and one pass over the input, as in `torch.nn.Dropout2d`; a mask that
        selects, as in `Dropout`, would take two. Backward keeps one factor per channel.

    Moments, given x:
        E[y] = x,    Cov[y_i, y_j] = x_i x_j p / (1 - p) within a channel, 0 between channels.

    Raises:
        TypeError: if `p` is not a number, `generator` not a generator, or the input
            not a real floating-point tensor.
        ValueError: if `p` is outside [0, 1] or NaN, `inplace` not a bool, or the input has
            fewer than three axes.
        RuntimeError: if a layer with its own `generator` is recomputed in a backward pass.

    Source:
        Tompson et al. (2015), Efficient object localization using convolutional networks, CVPR,
        section 3.2. The same rule as `torch.nn.Dropout1d`, `Dropout2d` and `Dropout3d`.
    """

    def check_input(self, input: Tensor) -> None:
        super().check_input(input)
        check_rank(input, 3, None, "(N, C, *) with at least one axis after the channels")

    def drop(self, x: Tensor) -> Tensor:
        channels = (*x.shape[:2], *(1 for _ in x.shape[2:]))
        keep = draw_keep(channels, self.p, x, self.generator)
        wide = torch.promote_types(x.dtype, torch.float32)  # half precision would round the factor
        noise = keep.to(wide).mul_(0 if self.p == 1 else 1 / (1 - self.p))
        y = (x * noise).to(x.dtype)
        return x.copy_(y) if self.inplace else y
