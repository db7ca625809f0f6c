"""The frame of the layers that act on activations."""

from torch import Generator, Tensor

from dropoutbook.layers.parts.arguments import (
    check_choice,
    check_floating,
    check_generator,
    probability,
)
from dropoutbook.layers.parts.leaf import NotScriptable, leaf
from dropoutbook.layers.parts.torch_private import DropoutNd


class ActivationDropout(NotScriptable, DropoutNd):
    """The frame of the layers that act on activations: a training rule and an evaluation rule.

    A subclass says what happens in training (`drop`) and, unless it is the identity,
    in evaluation (`expect`). At p = 0 both are the identity: the input itself comes back.

    Args:
        p: Drop probability, dimensionless, in [0, 1]; checked on every assignment.
        inplace: Whether to write the output over the input.
        generator: Source of randomness; None means PyTorch's global one.

    Raises:
        TypeError: if `p` is not a number, `generator` not a generator, or the input
            not a real floating-point tensor.
        ValueError: if `p` is outside [0, 1] or NaN, or `inplace` not a bool.
    """

    p = probability("p")
    eight_bits = False  # whether the layer needs no arithmetic that float8 lacks

    def __init__(
        self, p: float = 0.5, inplace: bool = False, *, generator: Generator | None = None
    ) -> None:
        super().__init__(inplace=check_choice("inplace", inplace, (False, True)))
        self.p = p
        self.generator = check_generator(generator)

    @leaf
    def forward(self, input: Tensor) -> Tensor:
        self.check_input(input)
        if self.p == 0:
            return input
        return self.drop(input) if self.training else self.expect(input)

    def check_input(self, input: Tensor) -> None:
        """Raises unless the layer can work on `input`."""
        check_floating(input, self.eight_bits)

    def drop(self, x: Tensor) -> Tensor:
        """The training rule."""
        raise NotImplementedError

    def expect(self, x: Tensor) -> Tensor:
        """The evaluation rule."""
        return x
