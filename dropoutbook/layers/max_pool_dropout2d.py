"""Max-pooling dropout: units are dropped inside the pooling windows, then the largest wins."""

import numpy as np
import torch
from torch import Generator, Tensor
from torch.nn.functional import avg_pool2d, max_pool2d, pad

from dropoutbook.layers.parts.activation_dropout import ActivationDropout
from dropoutbook.layers.parts.arguments import check_pair, check_rank
from dropoutbook.layers.parts.leaf import leaf
from dropoutbook.layers.parts.mask import draw_keep, select
from dropoutbook.layers.parts.sorting_network import ascending


def max_pool_dropout2d(
    x: np.ndarray, p: float, rng: np.random.Generator, kernel_size: int
) -> np.ndarray:
    """The definition in training, x of shape (*, H, W), windows that do not overlap."""
    keep = rng.random(x.shape) >= p
    noisy, window = np.where(keep, x, 0.0), (kernel_size, kernel_size)
    windows = np.lib.stride_tricks.sliding_window_view(noisy, window, axis=(-2, -1))
    return windows[..., ::kernel_size, ::kernel_size, :, :].max(axis=(-2, -1))


class MaxPoolDropout2d(ActivationDropout):
    """Max pooling over what dropout leaves; in evaluation the exact mean of that.

        training    y = max over the window of keep_i * a_i,    keep_i ~ Bernoulli(1 - p)
        evaluation  y = E[max over the window of keep_i * a_i]  (probabilistic weighted pooling)

    One draw per unit, so windows that overlap see the same mask; nothing is rescaled. With
    a_(1) <= ... <= a_(n) the units of a window in ascending order and k = 1 - p,

        E = sum over i of k * p**(n - i) * a_(i)    for a >= 0,

    and for either sign the same with max(a_(i), 0), plus k**n * min(a_(n), 0): a dropped unit
    counts as 0, and 0 beats what is negative. Put the layer behind a ReLU, as its authors do.
    Padding never wins and is not part of n. At p = 0 both modes are `torch.nn.MaxPool2d`; at p = 1
    the output and the gradient are 0. In training the mask selects: a dropped NaN or infinity
    counts as 0, a kept NaN wins. Evaluation is plain arithmetic.

    Args:
        kernel_size: Side of the window, or (height, width), integers >= 1.
        stride: Step between windows, likewise; None means `kernel_size`.
        padding: Units added on each side, an integer >= 0 or a pair, at most half the window.
        p: Drop probability of a unit, dimensionless, in [0, 1].
        generator: Source of randomness; None means PyTorch's global one. For its limits see
            `Dropout`.

    Shape:
        input: (N, C, H, W) or (C, H, W).
        output: as that of `torch.nn.MaxPool2d`, with the dtype and device of the input and its
            order of axes in memory.

    Cost:
        Training is a `Dropout` and a max pooling, evaluation a sort of every window; up to 16
        units, without gradients, the sort is a network of minima and maxima of whole maps and
        takes about the time of a max pooling. `torch.nn.MaxPool2d` on the scaled input is a cheaper
        evaluation with another value.

    Law, for 0 < a_(1) < ... < a_(n):
        P(y = a_(i)) = k * p**(n - i),    P(y = 0) = p**n.

    Raises:
        TypeError: if `p` is not a number, a size not an integer or a pair of them, `generator` not
            a generator, or the input not a real floating-point tensor.
        ValueError: if `p` is outside [0, 1] or NaN, a size out of range, the rank of the input not
            3 or 4, or the window larger than the padded map.
        RuntimeError: if a layer with its own `generator` is recomputed in a backward pass.

    Source:
        Wu and Gu (2015), Towards dropout training for convolutional neural networks, Neural
        Networks 71:1-10. They write the retaining probability for 1 - p, and assume a >= 0.
    """

    def __init__(
        self,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] | None = None,
        padding: int | tuple[int, int] = 0,
        p: float = 0.5,
        *,
        generator: Generator | None = None,
    ) -> None:
        super().__init__(p, generator=generator)
        self.kernel_size = check_pair("kernel_size", kernel_size, least=1)
        self.stride = self.kernel_size if stride is None else check_pair("stride", stride, least=1)
        self.padding = check_pair("padding", padding, least=0)
        pairs = zip(self.padding, self.kernel_size, strict=True)
        if any(2 * margin > side for margin, side in pairs):  # a window of padding alone is empty
            raise ValueError(
                f"padding must be at most half of kernel_size={self.kernel_size}, got {padding!r}"
            )

    def check_input(self, input: Tensor) -> None:
        super().check_input(input)
        check_rank(input, 3, 4, "(N, C, H, W) or (C, H, W)")
        sides = zip(input.shape[-2:], self.padding, self.kernel_size, strict=True)
        if any(side + 2 * margin < window for side, margin, window in sides):
            raise ValueError(
                f"kernel_size must be at most the sides of the padded map, got {self.kernel_size} "
                f"for shape {tuple(input.shape)} with padding={self.padding}"
            )

    @leaf
    def forward(self, input: Tensor) -> Tensor:
        self.check_input(input)
        if self.p == 0:
            return self.pool(input)
        return self.drop(input) if self.training else self.expect(input)

    def pool(self, x: Tensor) -> Tensor:
        return max_pool2d(x, self.kernel_size, self.stride, self.padding)

    def drop(self, x: Tensor) -> Tensor:
        return self.pool(select(x, draw_keep(x.shape, self.p, x, self.generator)))

    def expect(self, x: Tensor) -> Tensor:
        if self.p == 1:
            return self.pool(select(x, torch.zeros_like(x, dtype=torch.bool)))
        values = ascending(self.windows(x))
        largest, mean = values[-1], 0.0
        # conditioned on whether a_(i) is kept: E_i = k a_(i) + p E_(i-1), from the smallest up
        for value in values:
            mean = (1 - self.p) * value.clamp(min=0) + self.p * mean
        return (1 - self.p) ** self.units(x) * largest.clamp(max=0) + mean

    def windows(self, x: Tensor) -> list[Tensor]:
        """The first unit of every window, the second, and so on; padding is -inf."""
        (top, left), (rows, columns) = self.padding, self.kernel_size
        padded = pad(x, (left, left, top, top), value=-torch.inf)
        windows = padded.unfold(-2, rows, self.stride[0]).unfold(-2, columns, self.stride[1])
        return [unit for row in windows.unbind(-2) for unit in row.unbind(-1)]

    def units(self, x: Tensor) -> Tensor:
        """How many units of `x` each window has, padding not counted: shape (1, height, width)."""
        ones = x.new_ones((1, *x.shape[-2:]))
        return avg_pool2d(ones, self.kernel_size, self.stride, self.padding, divisor_override=1)

    def extra_repr(self) -> str:
        sizes = f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"
        return f"{sizes}, p={self.p}"
