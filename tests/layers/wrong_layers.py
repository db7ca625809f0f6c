"""Wrong layers whose mistake is around the noise: mode, gradient, tensors, copies, arguments."""

import torch
from torch import nn
from torch.nn import functional

from dropoutbook import Dropout
from dropoutbook.layers.parts.mask import draw_keep, inverted


class MultipliesByMask(Dropout):
    def drop(self, x):
        return x * draw_keep(x.shape, self.p, x, self.generator) / (1 - self.p)


class FloatMask(Dropout):
    def drop(self, x):
        return x * draw_keep(x.shape, self.p, x, self.generator).to(x.dtype) / (1 - self.p)


class OneProductOfAllBits(Dropout):
    def drop(self, x):
        keep = draw_keep(x.shape, self.p, x, self.generator)
        bits = x.view(torch.int32) * keep.to(torch.int32)
        return bits.view(x.dtype).mul_(1 / (1 - self.p))


class MaskKeptAsABuffer(Dropout):
    def drop(self, x):
        self.register_buffer("keep", draw_keep(x.shape, self.p, x, self.generator))
        return x * self.keep / (1 - self.p)


class NothingDroppedWhenCompiled(Dropout):
    def drop(self, x):
        return x if torch.compiler.is_compiling() else super().drop(x)


class WritesOverTheInput(Dropout):
    def drop(self, x):
        return x.copy_(super().drop(x))


class ReturnsFloat32(Dropout):
    def forward(self, x):
        return super().forward(x).float()


class ReturnsContiguous(Dropout):
    def forward(self, x):
        return super().forward(x).contiguous()


class ReturnsAtLeastOneAxis(Dropout):
    def forward(self, x):
        return torch.atleast_1d(super().forward(x))


class ReturnsACopy(Dropout):
    def forward(self, x):
        return super().forward(x).clone()


class ActsInEvaluation(Dropout):
    def forward(self, x):
        return self.drop(x)


class AsksForTheModeBySettingIt(Dropout):
    def forward(self, x):
        return self.drop(x) if self.train() else x


class EvaluatesToTheShareDropped(Dropout):
    def __init__(self, p=0.5, **options):
        super().__init__(p, rescale="test", **options)

    def expect(self, x):
        return self.p * x


class RescalesInBothForms(Dropout):
    def drop(self, x):
        return inverted(x, draw_keep(x.shape, self.p, x, self.generator), self.p)


class WritesBehindAutograd(Dropout):
    def drop(self, x):
        y = inverted(x, draw_keep(x.shape, self.p, x, self.generator), self.p)
        if not self.inplace:
            return y
        x.data.copy_(y)
        return x


class ScalesWhatItWroteAgain(Dropout):
    def __init__(self, p=0.5, **options):
        super().__init__(p, rescale="test", **options)

    def expect(self, x):
        y = super().expect(x)
        return y.mul_(1 - self.p) if self.inplace else y


class NoGradientInEvaluation(Dropout):
    def expect(self, x):
        return x.detach() + 0 * x


class DividesZeroByZero(Dropout):
    def drop(self, x):
        return super().drop(x) * ((1 - self.p) / torch.tensor(1 - self.p))


def with_gradient_of(value, other):
    return value.detach() + other - other.detach()


class FreshMaskInBackward(Dropout):
    def drop(self, x):
        return with_gradient_of(super().drop(x), super().drop(x))


class NoFactorInBackward(Dropout):
    def drop(self, x):
        y = super().drop(x)
        return with_gradient_of(y, (1 - self.p) * y)


class NoSecondGradient(Dropout):
    def drop(self, x):
        y = super().drop(x)
        y.register_hook(torch.Tensor.detach)
        return y


class CopiesShareGenerator(Dropout):
    def __deepcopy__(self, memo):
        return type(self)(self.p, generator=self.generator)


class CopiesStartAfresh(Dropout):
    def __deepcopy__(self, memo):
        return type(self)()


class ChecksLikeTorch(nn.Dropout):
    def __init__(self, p=0.5, inplace=False, *, generator=None):
        super().__init__(p, inplace)
        self.generator = generator


class HandWritten(torch.autograd.Function):
    """The product with a mask in which a derivative is forgotten."""

    @staticmethod
    def forward(ctx, x, noise):
        ctx.save_for_backward(noise)
        ctx.save_for_forward(noise)
        return x * noise

    @staticmethod
    def backward(ctx, gradient):
        bits = gradient.view(torch.int64)  # gives up at a batch of gradients
        return bits.view(gradient.dtype) * ctx.saved_tensors[0], None

    @staticmethod
    def jvp(ctx, tangent, _):
        return tangent.clone()


class DerivativesByHand(Dropout):
    def drop(self, x):
        keep = draw_keep(x.shape, self.p, x, self.generator)
        return HandWritten.apply(x, keep / (1 - self.p))


class FailsOnNothing(Dropout):
    def forward(self, x):
        scale = x.detach().abs().max()
        return super().forward(x / scale) * scale


class MasksOnTheDefaultDevice(Dropout):
    def drop(self, x):
        return x * (torch.rand(x.shape) >= self.p) / (1 - self.p)


class MasksInMemoryOrder(Dropout):
    def drop(self, x):
        return functional.dropout(x, self.p)


class ReturnsWhatAMatrixReturns(Dropout):
    def forward(self, x):
        y = super().forward(x)
        return (y.flatten(1) @ torch.eye(y[0].numel(), dtype=y.dtype)).view(y.shape)


class NoLeaf(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p

    def forward(self, x):
        return functional.dropout(x, self.p, self.training)


class MergedWhenCompiled(Dropout):
    def drop(self, x):
        return x * (torch.randn_like(x) > 0) / (1 - self.p)
