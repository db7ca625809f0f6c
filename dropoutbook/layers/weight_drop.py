"""Weight drop: one mask a forward pass on chosen weights of any module."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from torch import Generator, Tensor, nn
from torch.func import functional_call

from dropoutbook.layers.parts.arguments import check_generator, probability
from dropoutbook.layers.parts.mask import draw_keep, inverted
from dropoutbook.layers.stochastic import Stochastic


def weight_drop(weight: np.ndarray, p: float, rng: np.random.Generator) -> np.ndarray:
    """The definition in training, for p < 1: the weight that one forward pass uses."""
    keep = rng.random(weight.shape) >= p
    return np.where(keep, weight / (1 - p), 0.0)


class WeightDrop(Stochastic, nn.Module):
    """Drops entries of a module's weights, one mask for the whole forward pass.

        training:  module(...) with W * keep / (1 - p) in the place of each named weight W,
                   keep ~ Bernoulli(1 - p), one draw an entry;    evaluation:  module(...)

    All examples and all time steps of a pass see the same weights. Gradients reach the module's
    own parameters through the mask, which selects: a dropped NaN is 0. The module itself is never
    changed, only called with other weights: its parameters stay its own, `state_dict` has its
    keys under `module.`, and copies share nothing. At p = 0 it is called as it is; at p = 1 the
    named weights and their gradients are 0.

    Args:
        module: Any module; its call receives all arguments, and what it returns is returned.
        names: One or more names of `module.named_parameters()`, such as "weight_hh_l0".
        p: Drop probability, dimensionless, in [0, 1].
        generator: Source of randomness; None means PyTorch's global one. A layer with its own
            cannot be recomputed by activation checkpointing.

    Cost:
        One draw and one multiplication for each entry of the named weights, whatever the length of
        the input; the module keeps its own kernels, so that a recurrent layer stays fused. Backward
        keeps one byte an entry.

    Moments of a weight w, given w:
        E = w,  Var = w**2 * p / (1 - p), for p < 1.

    Raises:
        TypeError: if `module` is not a module, `names` holds anything but text, `p` is not a
            number, or `generator` not a generator.
        ValueError: if `p` is outside [0, 1] or NaN, `names` is empty or repeats a name, or a
            name is not that of a floating-point parameter of the module.
        RuntimeError: if a layer with its own `generator` is recomputed in a backward pass.

    Source:
        Merity et al. (2018), Regularizing and optimizing LSTM language models, ICLR, section 2:
        DropConnect on the hidden-to-hidden weights of an LSTM. Wan et al. (2013) draw a mask for
        each example instead: `DropConnect`.
    """

    p = probability("p")

    def __init__(
        self,
        module: nn.Module,
        names: str | Sequence[str],
        p: float = 0.5,
        *,
        generator: Generator | None = None,
    ) -> None:
        super().__init__()
        self.names = _check_names(module, names)
        self.module = module
        self.p = p
        self.generator = check_generator(generator)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        if not self.training or self.p == 0:
            return self.module(*args, **kwargs)
        weights = {name: self.drop(self.module.get_parameter(name)) for name in self.names}
        if not any(isinstance(module, nn.RNNBase) for module in self.module.modules()):
            return functional_call(self.module, weights, args, kwargs)
        with warnings.catch_warnings():
            # on CUDA a recurrent network says at every pass that its weights, which are new at
            # every pass, do not lie in one piece of memory; `flatten_parameters` cannot help
            warnings.filterwarnings("ignore", message="RNN module weights are not part of single")
            return functional_call(self.module, weights, args, kwargs)

    def drop(self, weight: Tensor) -> Tensor:
        """The weight with a fresh mask."""
        return inverted(weight, draw_keep(weight.shape, self.p, weight, self.generator), self.p)

    def extra_repr(self) -> str:
        return f"names={self.names}, p={self.p}"


def _check_names(module: nn.Module, names: str | Sequence[str]) -> tuple[str, ...]:
    if not isinstance(module, nn.Module):
        raise TypeError(f"module must be a torch.nn.Module, got {type(module).__name__}")
    if not isinstance(names, Sequence) or not all(isinstance(name, str) for name in names):
        raise TypeError(f"names must be text, got {names!r}")
    names = (names,) if isinstance(names, str) else tuple(names)
    allowed = [name for name, weight in module.named_parameters() if weight.is_floating_point()]
    if not names or len(set(names)) < len(names) or not set(names) <= set(allowed):
        raise ValueError(f"names must be one or more of {allowed}, each once, got {names!r}")
    return names
