"""Wrong layers whose mistake is in the noise. Several were found in published code."""

import numpy as np
import torch
from torch import Generator

from dropoutbook import Dropout
from dropoutbook.layers.parts.mask import draw_keep


class NoRescale(Dropout):
    def drop(self, x):
        return x * draw_keep(x.shape, self.p, x, self.generator)


class RescalesByDropRate(Dropout):
    def drop(self, x):
        return x * draw_keep(x.shape, self.p, x, self.generator) / self.p


class KeepsWithProbabilityP(Dropout):
    def drop(self, x):
        return x * draw_keep(x.shape, 1 - self.p, x, self.generator) / (1 - self.p)


class AlwaysDropsHalf(Dropout):
    def drop(self, x):
        return x * draw_keep(x.shape, 0.5, x, self.generator) / 0.5


class VarianceTakenForStandardDeviation(Dropout):
    def drop(self, x):
        return x * (1 + self.p / (1 - self.p) * torch.randn(x.shape, generator=self.generator))


class DropsOneUnitInPlaceOfAnother(Dropout):
    def drop(self, x):
        p = torch.full(x.shape, self.p)
        p[..., 0, 0], p[..., 0, 1] = 0, 2 * self.p  # the average rate is right
        return x * draw_keep(x.shape, p, x, self.generator) / (1 - self.p)


class OneMaskForTheBatch(Dropout):
    def drop(self, x):
        return x * draw_keep(x.shape[1:], self.p, x, self.generator) / (1 - self.p)


class NeighboursShareADraw(Dropout):
    def drop(self, x):
        keep = draw_keep(x.shape, self.p, x, self.generator)
        keep[..., 1] = keep[..., 0]
        return x * keep / (1 - self.p)


class FrozenMask(Dropout):
    def drop(self, x):
        keep = draw_keep(x.shape, self.p, x, Generator().manual_seed(0))
        return x * keep / (1 - self.p)


class OneStreamForAllLayers(Dropout):
    def __init__(self, p=0.5, generator=None):
        super().__init__(p, generator=Generator().manual_seed(0))


class UniformsInTheDtypeOfTheInput(Dropout):
    def drop(self, x):
        keep = torch.rand(x.shape, dtype=x.dtype, generator=self.generator) >= self.p
        return x * keep / (1 - self.p)


class MaskFromNumPy(Dropout):
    def drop(self, x):
        keep = torch.from_numpy(np.random.default_rng().random(x.shape) >= self.p)
        return x * keep / (1 - self.p)


class IgnoresItsGenerator(Dropout):
    def drop(self, x):
        return x * draw_keep(x.shape, self.p, x, None) / (1 - self.p)


class RecomputesWithAnotherMask(Dropout):
    def drop(self, x):
        keep = torch.rand(x.shape, generator=self.generator) >= self.p
        return x * keep / (1 - self.p)


class NeverDrops(Dropout):
    def drop(self, x):
        return x


class CapturesP(Dropout):
    def __init__(self, p=0.5, **options):
        super().__init__(p, **options)
        self.first = p

    def drop(self, x):
        return x * draw_keep(x.shape, self.first, x, self.generator) / (1 - self.first)
