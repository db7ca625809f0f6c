"""Wrong Gaussian dropouts: other laws with some of the moments, other dtypes, other modes."""

import math

import torch

from dropoutbook import Dropout, GaussianDropout


def sigma(p: float) -> float:
    """The standard deviation of the noise."""
    return math.sqrt(p / (1 - p))


class VarianceTakenForStandardDeviation(GaussianDropout):
    def drop(self, x):
        return x * (1 + self.p / (1 - self.p) * torch.randn(x.shape, generator=self.generator))


class BernoulliVariance(GaussianDropout):
    def drop(self, x):
        variance = self.p * (1 - self.p)
        return x * (1 + variance**0.5 * torch.randn(x.shape, generator=self.generator))


class MeanZero(GaussianDropout):
    def drop(self, x):
        return super().drop(x) - x


class UniformFromZero(GaussianDropout):
    def drop(self, x):
        return x * torch.rand(x.shape, generator=self.generator) * sigma(self.p)


class UniformWithTheMoments(GaussianDropout):
    def drop(self, x):
        uniform = torch.rand(x.shape, generator=self.generator) - 0.5
        return x * (1 + 12**0.5 * sigma(self.p) * uniform)


class BernoulliWithTheMoments(Dropout):
    pass


class OneDrawForTheBatch(GaussianDropout):
    def drop(self, x):
        return x * super().drop(torch.ones_like(x[:1]))


class FrozenNoise(GaussianDropout):
    def drop(self, x):
        torch.manual_seed(0)
        return super().drop(x)


class NeverOff(GaussianDropout):
    def forward(self, x):
        return self.drop(x)


class SwitchesItselfToTraining(GaussianDropout):
    def forward(self, x):
        return self.drop(x) if self.train() else x


class NoiseInTheDtypeOfTheInput(GaussianDropout):
    def drop(self, x):
        noise = torch.randn(x.shape, dtype=x.dtype, generator=self.generator)
        return x * (1 + sigma(self.p) * noise)


class NaNBecomesZero(GaussianDropout):
    def drop(self, x):
        return super().drop(x.nan_to_num(0.0))


class KeepsNoiseInFloat64(GaussianDropout):
    def drop(self, x):
        noise = torch.randn(x.shape, dtype=torch.float64, generator=self.generator)
        return (x * (1 + sigma(self.p) * noise)).to(x.dtype)


class IgnoresItsGenerator(GaussianDropout):
    def drop(self, x):
        return x * (1 + sigma(self.p) * torch.randn(x.shape))
