"""Dropout: every entry is kept or dropped on its own."""

import numpy as np
from torch import Generator, Tensor, nn
from torch.nn import functional

from dropoutbook.layers.parts.activation_dropout import ActivationDropout
from dropoutbook.layers.parts.arguments import check_choice
from dropoutbook.layers.parts.mask import draw_keep, inverted, select
from dropoutbook.layers.parts.torch_private import is_exporting


def dropout(
    x: np.ndarray, p: float, rng: np.random.Generator, rescale: str = "train"
) -> np.ndarray:
    """The definition in training, for p < 1: 0 with probability p, otherwise x / (1 - p).

    With rescale="test" it is x that is kept, and evaluation multiplies by 1 - p instead.
    """
    keep = rng.random(x.shape) >= p
    return np.where(keep, x / (1 - p) if rescale == "train" else x, 0.0)


class Dropout(ActivationDropout, nn.Dropout):
    """Drops each entry with probability p and makes up for it, in training or at test.

        rescale="train" (inverted):  training y = x * keep / (1 - p),  evaluation y = x
        rescale="test" (original):   training y = x * keep,            evaluation y = (1 - p) * x

    with keep ~ Bernoulli(1 - p), one draw per entry. The mask selects: in training a dropped NaN
    or infinity becomes 0, and so does its gradient (`torch.nn.Dropout` multiplies, and 0 * NaN is
    NaN); evaluation is plain arithmetic. Where y = x the input itself is returned, as at p = 0.
    At p = 1 nothing is kept: the output and the gradient are 0.

    It is a `torch.nn.Dropout`: what looks for that class finds it, `torch.fx` records one call of
    it, `torch.export` the operator dropout, and in evaluation any tensor passes. For jagged nested
    tensors and `DTensor` masks are of the tensor's own kind. Under `torch.compile` a seed has the
    masks of eager mode where the backend keeps the order of calls, as "aot_eager" does; elsewhere
    the law is the same and the masks are others. `torch.jit.script` cannot compile it.

    Args:
        p: Drop probability, dimensionless, in [0, 1].
        inplace: Whether to write the output over the input.
        rescale: "train" or "test": when the factor 1 / (1 - p) or (1 - p) is applied.
        generator: Source of randomness; None means PyTorch's global one. A layer with its own
            breaks a graph of `torch.compile`, and cannot be recomputed by activation
            checkpointing, which rewinds the global generator only.

    Shape:
        input: (*), any shape, real floating point; in evaluation of any dtype.
        output: (*), with the dtype, device and order of axes in memory of the input.

    Cost:
        On a CPU a random byte and one multiplication per entry, several times less than the scalar
        draws of `torch.nn.Dropout`; below some thousand entries both are call overhead. Backward
        keeps one byte per entry, also with `inplace`, which saves no memory traffic.

    Moments, given x:
        rescale="train": E[y] = x,            Var[y] = x**2 * p / (1 - p);
        rescale="test":  E[y] = (1 - p) * x,  Var[y] = x**2 * p * (1 - p).

    Raises:
        TypeError: if `p` is not a number, `generator` not a generator, or the input
            not a real floating-point tensor.
        ValueError: if `p` is outside [0, 1] or NaN, or another argument not an allowed value.
        RuntimeError: if a layer with its own `generator` is recomputed in a backward pass.

    Source:
        Srivastava et al. (2014), Dropout: a simple way to prevent neural networks from
        overfitting, JMLR 15:1929-1958, section 4. Their p is the probability of keeping a
        unit and they rescale at test; here p is the probability of dropping.
    """

    def __init__(
        self,
        p: float = 0.5,
        inplace: bool = False,
        *,
        rescale: str = "train",
        generator: Generator | None = None,
    ) -> None:
        super().__init__(p, inplace, generator=generator)
        self.rescale = check_choice("rescale", rescale, ("train", "test"))
        self.eight_bits = self.rescale == "train"

    def check_input(self, input: Tensor) -> None:
        if self.training or self.rescale == "test":
            super().check_input(input)  # the identity takes anything

    def drop(self, x: Tensor) -> Tensor:
        if is_exporting() and self.generator is None and self.rescale == "train":
            return functional.dropout(x, self.p, training=True)
        keep = draw_keep(x.shape, self.p, x, self.generator)
        y = select(x, keep) if self.rescale == "test" else inverted(x, keep, self.p)
        return x.copy_(y) if self.inplace else y

    def expect(self, x: Tensor) -> Tensor:
        if self.rescale == "train":
            return x
        return x.mul_(1 - self.p) if self.inplace else x.mul(1 - self.p)

    def extra_repr(self) -> str:
        return super().extra_repr() + (", rescale='test'" if self.rescale == "test" else "")
