"""The mean of a rectified normal variable."""

import math

import torch
from torch import Tensor

FAR = 40.0  # standard deviations at which the mean is relu(mean) to the last bit of a float64


def rectified_normal_mean(mean: Tensor, variance: Tensor) -> Tensor:
    """E[max(u, 0)] of u ~ N(mean, variance), also for variance 0, with finite gradients.

        mean * Phi(mean / s) + s * phi(mean / s),    s = sqrt(variance)

    Args:
        mean: Mean of u, any shape.
        variance: Variance of u, at least 0, in the squared unit of `mean` and of its shape.
    """
    # Far from the kink, and where s = 0, the formula would divide by too small an s. The
    # branch not taken is given harmless values, because its gradient is computed all the same.
    near = mean**2 < FAR**2 * variance
    s = torch.where(near, variance, 1.0).sqrt()
    z = torch.where(near, mean, 0.0) / s
    density = torch.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    return torch.where(near, s * (z * torch.special.ndtr(z) + density), torch.relu(mean))
