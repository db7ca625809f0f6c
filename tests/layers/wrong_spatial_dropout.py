"""Wrong spatial dropouts: draws shared along other axes, and a factor that is rounded."""

from dropoutbook import SpatialDropout
from dropoutbook.layers.parts.mask import draw_keep


class SharesTheDrawOfAPosition(SpatialDropout):
    def drop(self, x):
        keep = draw_keep((len(x), 1, *x.shape[2:]), self.p, x, self.generator)
        return x * keep / (1 - self.p)


class SharesTheDrawOfTheBatch(SpatialDropout):
    def drop(self, x):
        keep = draw_keep((1, x.shape[1], 1, 1), self.p, x, self.generator)
        return x * keep / (1 - self.p)


class SharesTheDrawOfTheChannels(SpatialDropout):
    def drop(self, x):
        keep = draw_keep((len(x), 1, 1, 1), self.p, x, self.generator)
        return x * keep / (1 - self.p)


class RoundsTheFactor(SpatialDropout):
    def drop(self, x):
        keep = draw_keep((*x.shape[:2], 1), self.p, x, self.generator)
        return x * (keep / (1 - self.p)).to(x.dtype)
