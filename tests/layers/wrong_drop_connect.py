"""Wrong DropConnect layers; some were found in published code."""

import torch
from torch import Generator
from torch.nn import functional

from dropoutbook import DropConnect
from dropoutbook.layers.parts.mask import draw_keep, select
from dropoutbook.layers.parts.masked_linear import MaskedLinear


class KeepsWithProbabilityP(DropConnect):
    def drop(self, v, weight, bias):
        self.p = 1 - self.p
        u = super().drop(v, weight, bias)
        self.p = 1 - self.p
        return u


class RescalesInTraining(DropConnect):
    def drop(self, v, weight, bias):
        return super().drop(v, weight, bias) / (1 - self.p)


class BiasIsNotMasked(DropConnect):
    def drop(self, v, weight, bias):
        return super().drop(v, weight, None) + bias


class DropsInputs(DropConnect):
    def drop(self, v, weight, bias):
        keep = draw_keep(v.shape, self.p, v, self.generator)
        keep_bias = draw_keep((*v.shape[:-1], 1), self.p, v, self.generator)
        return functional.linear(select(v, keep), weight) + select(bias, keep_bias)


class KeepsMasks(DropConnect):
    def drop(self, v, weight, bias):
        products = weight * v.unsqueeze(-2)
        keep = draw_keep(products.shape, self.p, v, self.generator)
        return select(products, keep).sum(-1) + bias


class WithMaskedLinear(DropConnect):
    """The training rule with another function in the place of `MaskedLinear`."""

    def drop(self, v, weight, bias):
        u = self.function.apply(v, weight, self.p, self.generator)
        return u + select(bias, draw_keep(u.shape, self.p, v, self.generator))


class DrawsOtherMasksInBackward(WithMaskedLinear):
    class function(MaskedLinear):
        @staticmethod
        def backward(ctx, gradient):
            ctx.state = Generator().manual_seed(1).get_state()
            return MaskedLinear.backward(ctx, gradient)


class GradientWithoutMasks(WithMaskedLinear):
    class function(MaskedLinear):
        @staticmethod
        def backward(ctx, gradient):
            v, weight = ctx.saved_tensors
            return gradient @ weight, gradient.T @ v, None, None


class MultipliesByMask(DropConnect):
    def drop(self, v, weight, bias):
        keep = draw_keep((*v.shape[:-1], *weight.shape), self.p, v, self.generator)
        u = (weight * v.unsqueeze(-2) * keep).sum(-1)
        return u + bias * draw_keep(u.shape, self.p, v, self.generator)


class ScalesTheWeights(DropConnect):
    def expect(self, mean, variance):
        return self.activate(mean)


class VarianceWithoutPK(DropConnect):
    def moments(self, v, weight, bias):
        mean, variance = super().moments(v, weight, bias)
        return mean, variance / (self.p * (1 - self.p))


class VarianceWithoutBias(DropConnect):
    def moments(self, v, weight, bias):
        mean, _ = super().moments(v, weight, bias)
        return mean, super().moments(v, weight, None)[1]


class VarianceTakenForStandardDeviation(DropConnect):
    def expect(self, mean, variance):
        return super().expect(mean, variance**2)


class ActivationAfterAveraging(DropConnect):
    def expect(self, mean, variance):
        z = torch.randn(self.samples, *mean.shape, dtype=mean.dtype, generator=self.generator)
        return self.activate((mean + variance.sqrt() * z).mean(0))


class DividesByZeroVariance(DropConnect):
    def expect(self, mean, variance):
        s = variance.sqrt()
        density = torch.exp(-((mean / s) ** 2) / 2) / (2 * torch.pi) ** 0.5
        return mean * torch.special.ndtr(mean / s) + s * density


class WorksInHalfPrecision(DropConnect):
    def _at_least_float32(self, input):
        return input, self.weight, self.bias
