"""Gaussian dropout: every entry is multiplied by normal noise of its own."""

import numpy as np
from torch import Generator, Tensor

from dropoutbook.layers.parts.activation_dropout import ActivationDropout
from dropoutbook.layers.parts.arguments import probability
from dropoutbook.layers.parts.mask import draw_normal


def gaussian_dropout(x: np.ndarray, p: float, rng: np.random.Generator) -> np.ndarray:
    """The definition in training: x times noise of mean 1 and variance p / (1 - p)."""
    return x * (1 + (p / (1 - p)) ** 0.5 * rng.standard_normal(x.shape))


class GaussianDropout(ActivationDropout):
    """Multiplies each entry by noise with the mean and variance of inverted dropout.

        training y = x * noise, noise ~ N(1, p / (1 - p)), one draw per entry,  evaluation y = x

    Nothing is dropped: p is the probability of dropping in the `Dropout` whose first two moments
    the noise has. The noise is a factor, so NaN stays NaN, and infinity stays infinite but may
    change its sign; gradients are multiplied by the same factor. In evaluation, and at p = 0,
    the input itself is returned.

    The noise is drawn in float32 for every dtype of the input, which cuts its tails before 6.3
    standard deviations, and half-precision products are rounded once.

    Args:
        p: Drop probability of the matching `Dropout`, dimensionless, in [0, 1).
        generator: Source of randomness; None means PyTorch's global one. For its limits see
            `Dropout`.

    Shape:
        input: (*), any shape, real floating point.
        output: (*), with the dtype, device and order of axes in memory of the input.

    Cost:
        A normal draw per entry, which is nearly all of it: on a CPU several times what `Dropout`
        of the same two moments takes. Backward keeps the noise, four bytes per entry, where the
        mask of `Dropout` is one.

    Moments, given x:
        E[y] = x,  Var[y] = x**2 * p / (1 - p).

    Raises:
        TypeError: if `p` is not a number, `generator` not a generator, or the input
            not a real floating-point tensor.
        ValueError: if `p` is outside [0, 1) or NaN; at p = 1 the variance would be infinite.
        RuntimeError: if a layer with its own `generator` is recomputed in a backward pass.

    Source:
        Srivastava et al. (2014), Dropout: a simple way to prevent neural networks from
        overfitting, JMLR 15:1929-1958, section 10. Their p is the probability of keeping, so
        their standard deviation sqrt((1 - p) / p) is sqrt(p / (1 - p)) here.
    """

    p = probability("p", interval="[0, 1)")

    def __init__(self, p: float = 0.5, *, generator: Generator | None = None) -> None:
        super().__init__(p, generator=generator)

    def drop(self, x: Tensor) -> Tensor:
        noise = draw_normal(x.shape, x, self.generator)
        noise = noise.mul_((self.p / (1 - self.p)) ** 0.5).add_(1)
        return (x * noise).to(x.dtype)

    def extra_repr(self) -> str:
        return f"p={self.p}"
