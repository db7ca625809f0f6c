"""Wrong max-pooling dropouts. Several of the mistakes were found in published code."""

import torch
from torch import Generator

from dropoutbook import MaxPoolDropout2d
from dropoutbook.layers.parts.mask import draw_keep, select


class TrainsAsItShould(MaxPoolDropout2d):
    """The training rule again, in this module, where a test can replace `draw_keep`."""

    def drop(self, x):
        return self.pool(select(x, draw_keep(x.shape, self.p, x, self.generator)))


class DropsAfterPooling(MaxPoolDropout2d):
    def drop(self, x):
        keep = draw_keep(x.shape, self.p, x, self.generator)
        return self.pool(x) * keep[..., :1, :1]


class RescalesInsideTheWindow(MaxPoolDropout2d):
    def drop(self, x):
        return self.pool(select(x, draw_keep(x.shape, self.p, x, self.generator)) / (1 - self.p))


class KeepsWithProbabilityP(MaxPoolDropout2d):
    def drop(self, x):
        return self.pool(select(x, ~draw_keep(x.shape, self.p, x, self.generator)))


class AlwaysDropsHalf(MaxPoolDropout2d):
    def drop(self, x):
        return self.pool(select(x, draw_keep(x.shape, 0.5, x, self.generator)))


class FrozenMask(MaxPoolDropout2d):
    def drop(self, x):
        return self.pool(select(x, draw_keep(x.shape, self.p, x, Generator().manual_seed(0))))


class OneMaskPerCall(MaxPoolDropout2d):
    def drop(self, x):
        return self.pool(select(x, draw_keep(x.shape[1:], self.p, x, self.generator)))


class DrawsForEachWindow(MaxPoolDropout2d):
    def drop(self, x):
        windows = torch.stack(self.windows(x), -1)
        return (windows * draw_keep(windows.shape, self.p, x, self.generator)).amax(-1)


class EvaluatesToTheMaximum(TrainsAsItShould):
    def expect(self, x):
        return self.pool(x)


class EvaluatesToTheScaledMaximum(TrainsAsItShould):
    def expect(self, x):
        return (1 - self.p) * self.pool(x)


class WeightsInTheWrongOrder(TrainsAsItShould):
    def expect(self, x):
        ranked = torch.stack(self.windows(x), -1).sort(dim=-1).values.clamp(min=0)
        return (ranked * (1 - self.p) * self.p ** torch.arange(ranked.shape[-1])).sum(-1)


class IgnoresNegativeWindows(TrainsAsItShould):
    def expect(self, x):
        return super().expect(x.clamp(min=0))


class CountsPadding(TrainsAsItShould):
    def units(self, x):
        return torch.tensor(float(self.kernel_size[0] * self.kernel_size[1]))
