"""DropBlock: square regions of a feature map are dropped together."""

import math

import numpy as np
from torch import Generator, Tensor
from torch.nn.functional import pad

from dropoutbook.layers.parts.activation_dropout import ActivationDropout
from dropoutbook.layers.parts.arguments import check_choice, check_integer, check_rank
from dropoutbook.layers.parts.block_mask import kept_share, unreached
from dropoutbook.layers.parts.mask import draw_keep, inverted, select


def drop_block(x: np.ndarray, p: float, rng: np.random.Generator, block_size: int) -> np.ndarray:
    """The definition in training for marginal="uniform" and p < 1, x of shape (N, C, *).

    A unit is kept if none of the block_size**d seeds that reach it is set.
    """
    sides = x.shape[2:]
    gamma = 1 - (1 - p) ** (1 / block_size ** len(sides))
    no_seed = rng.random((*x.shape[:2], *(side + block_size - 1 for side in sides))) >= gamma
    keep = np.ones(x.shape, dtype=bool)
    for offset in np.ndindex(*(block_size for _ in sides)):
        window = (slice(start, start + side) for start, side in zip(offset, sides, strict=True))
        keep &= no_seed[:, :, *window]
    return np.where(keep, x / (1 - p), 0.0)


class DropBlock(ActivationDropout):
    """Drops contiguous blocks of each feature map, in training only.

        marginal="uniform":  y = x * keep / (1 - p)
        marginal="paper":    y = x * keep * units / kept units, both counted over the whole call

    A unit is dropped if a seed lies in the block_size**d window that reaches it; seeds are drawn
    independently with probability gamma. With d spatial axes of lengths f and b = block_size:

        "uniform":  gamma = 1 - (1 - p)**(1 / b**d), seeds also outside the map, up to b - 1 away,
                    their blocks clipped by the border. Every unit has exactly b**d seeds that
                    reach it, so each is dropped with probability p, to within b**d * 2**-24.
        "paper":    gamma = p * product over the axes of f / (b * (f - b + 1)), seeds only where
                    the block fits. On average fewer than p are dropped, and fewer at the border
                    than in the middle; the factor makes the mean over all units right, not that
                    of each unit.

    A map keeps its size for even b too. A block larger than the map comes close to dropping whole
    maps in "uniform"; "paper" takes the length of the map instead, axis by axis. The mask selects:
    a dropped NaN or infinity becomes 0, and so does its gradient. In evaluation, at p = 0 and for
    an empty input the input itself is returned. Output and gradient are 0 at p = 1, and in "paper"
    where all units of a call happen to be dropped.

    Args:
        p: Probability of dropping a unit ("paper": nominal), dimensionless, in [0, 1].
        block_size: Side b of a block, in units of the map, an integer >= 1; 1 is `Dropout`.
        marginal: "uniform" or "paper".
        shared: Whether the channels of an example share one mask; otherwise each has its own.
        generator: Source of randomness; None means PyTorch's global one. For its limits see
            `Dropout`.

    Shape:
        input: (N, C, *), one to three axes after the channels.
        output: as the input, with its dtype, device and order of axes in memory.

    Cost:
        One draw per seed and, for blocks of side b, about log2(b) passes over one byte per unit
        and axis, where dilating by max pooling reads a window of floats for every unit. Backward
        keeps one byte per unit; shared=True draws and grows one mask per example, not per channel.

    Moments, given x, for "uniform":
        E[y] = x,    Var[y] = x**2 * p / (1 - p); units less than b apart are correlated.

    Raises:
        TypeError: if `p` is not a number, `block_size` not an integer, `generator` not a
            generator, or the input not a real floating-point tensor.
        ValueError: if `p` is outside [0, 1] or NaN, `block_size` below 1, another argument not an
            allowed value, or the rank of the input not 3, 4 or 5.
        RuntimeError: if a layer with its own `generator` is recomputed in a backward pass.

    Source:
        Ghiasi, Lin and Le (2018), DropBlock: a regularization method for convolutional networks,
        NeurIPS, Algorithm 1 and Eq. (1). Their keep_prob is 1 - p; they state square maps and
        d = 2. "uniform" is not in the paper.
    """

    def __init__(
        self,
        p: float = 0.1,
        block_size: int = 7,
        *,
        marginal: str = "uniform",
        shared: bool = False,
        generator: Generator | None = None,
    ) -> None:
        super().__init__(p, generator=generator)
        self.block_size = check_integer("block_size", block_size, least=1)
        self.marginal = check_choice("marginal", marginal, ("uniform", "paper"))
        self.eight_bits = self.marginal == "uniform"
        self.shared = check_choice("shared", shared, (False, True))

    def check_input(self, input: Tensor) -> None:
        super().check_input(input)
        check_rank(input, 3, 5, "(N, C, *) with one to three axes after the channels")

    def drop(self, x: Tensor) -> Tensor:
        if x.numel() == 0:
            return x
        if self.marginal == "uniform":
            return inverted(x, self.keep_uniform(x), self.p)
        keep = self.keep_paper(x)
        return select(x / kept_share(keep, x.dtype), keep)

    def keep_uniform(self, x: Tensor) -> Tensor:
        sides, b = x.shape[2:], self.block_size
        gamma = 1 - (1 - self.p) ** (1 / b ** len(sides))
        no_seed = self.draw(x, [side + b - 1 for side in sides], gamma)
        return unreached(no_seed, [b for _ in sides])

    def keep_paper(self, x: Tensor) -> Tensor:
        sides = x.shape[2:]
        blocks = [min(self.block_size, side) for side in sides]
        starts = [side - b + 1 for side, b in zip(sides, blocks, strict=True)]
        gamma = self.p * math.prod(sides) / (math.prod(blocks) * math.prod(starts))
        no_seed = self.draw(x, starts, 1.0 if self.p == 1 else gamma)
        margins = [b - 1 for b in reversed(blocks) for _ in range(2)]
        return unreached(pad(no_seed, margins, value=True), blocks)

    def draw(self, x: Tensor, grid: list[int], gamma: float) -> Tensor:
        """True where there is no seed, shape (N, C or 1, *grid)."""
        channels = 1 if self.shared else x.shape[1]
        return draw_keep((x.shape[0], channels, *grid), gamma, x, self.generator)

    def extra_repr(self) -> str:
        marginal, shared = self.marginal, self.shared
        return f"p={self.p}, block_size={self.block_size}, {marginal=}, {shared=}"
