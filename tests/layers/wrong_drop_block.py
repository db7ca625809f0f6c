"""Wrong DropBlocks. Several of the mistakes were found in published code."""

import torch
from torch import Generator
from torch.nn.functional import max_pool2d, pad

from dropoutbook import DropBlock
from dropoutbook.layers.parts.block_mask import unreached
from dropoutbook.layers.parts.mask import draw_keep, select


class GammaByTheUnionBound(DropBlock):
    def draw(self, x, grid, gamma):
        return super().draw(x, grid, self.p / self.block_size ** (x.ndim - 2))


class KeepAndDropExchanged(DropBlock):
    def keep_uniform(self, x):
        return ~super().keep_uniform(x)


class SeedsOnTheMapOnly(DropBlock):
    def keep_uniform(self, x):
        b = self.block_size
        no_seed = super().draw(x, x.shape[2:], 1 - (1 - self.p) ** (1 / b ** (x.ndim - 2)))
        before, after = b // 2, (b - 1) // 2
        margins = [before, after] * (x.ndim - 2)
        return unreached(pad(no_seed, margins, value=True), [b] * (x.ndim - 2))


class Elementwise(DropBlock):
    def keep_uniform(self, x):
        return draw_keep(x.shape, self.p, x, self.generator)


class WholeMaps(DropBlock):
    def keep_uniform(self, x):
        keep = draw_keep((*x.shape[:2], 1, 1), self.p, x, self.generator)
        return keep.expand(x.shape)


class BorderFactorWithoutValidRegion(DropBlock):
    def keep_paper(self, x):
        b, (f, _) = self.block_size, x.shape[2:]
        gamma = self.p / b**2 * (f / (f - b + 1)) ** 2
        seeds = ~draw_keep(x.shape, gamma, x, self.generator)
        return max_pool2d(seeds.float(), b, 1, b // 2) == 0


class GammaWithoutBorderFactor(DropBlock):
    def draw(self, x, grid, gamma):
        return super().draw(x, grid, self.p / self.block_size**2)


class OneMaskPerExample(DropBlock):
    def draw(self, x, grid, gamma):
        return super().draw(x[:, :1], grid, gamma)


class OneMaskPerCall(DropBlock):
    def draw(self, x, grid, gamma):
        return super().draw(x[:1, :], grid, gamma)


class FrozenMask(DropBlock):
    def draw(self, x, grid, gamma):
        return draw_keep((*x.shape[:2], *grid), gamma, x, Generator().manual_seed(0))


class MirroredBlocks(DropBlock):
    def keep_uniform(self, x):
        return super().keep_uniform(x).flip(-1)


class PadsByHalfABlock(DropBlock):
    def keep_uniform(self, x):
        b, half = self.block_size, self.block_size // 2
        no_seed = draw_keep(x.shape, self.p / b ** (x.ndim - 2), x, self.generator)
        axes = x.ndim - 2
        return unreached(pad(no_seed, [half, half] * axes, value=True), [b] * axes)

    def drop(self, x):
        keep = self.keep_uniform(x)
        return keep.to(x.dtype)


class CountsInTheDtypeOfTheInput(DropBlock):
    def drop(self, x):
        keep = self.keep_paper(x)
        return select(x, keep) * keep.numel() / keep.to(x.dtype).sum()


class DividesZeroByZero(DropBlock):
    def drop(self, x):
        keep = self.keep_paper(x)
        return select(x, keep) * (keep.numel() / torch.sum(keep))
