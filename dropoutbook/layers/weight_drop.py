"""Weight drop: one mask per forward pass on chosen weights of any module."""

import warnings
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import numpy as np
from torch import Generator, Tensor, nn
from torch.func import functional_call

from dropoutbook.layers.parts.arguments import check_generator, probability
from dropoutbook.layers.parts.leaf import NotScriptable, leaf
from dropoutbook.layers.parts.mask import draw_keep, inverted
from dropoutbook.layers.stochastic import Stochastic


def weight_drop(weight: np.ndarray, p: float, rng: np.random.Generator) -> np.ndarray:
    """The definition in training, for p < 1: the weight that one forward pass uses."""
    keep = rng.random(weight.shape) >= p
    return np.where(keep, weight / (1 - p), 0.0)


class WeightDrop(NotScriptable, Stochastic, nn.Module):
    """Drops entries of a module's weights, one mask for the whole forward pass.

        training:  module(...) with W * keep / (1 - p) in the place of each named weight W,
                   keep ~ Bernoulli(1 - p), one draw per entry;    evaluation:  module(...)

    All examples and all time steps of a pass see the same weights. Gradients reach the module's
    own parameters through the mask, which selects: a dropped NaN is 0. A weight that is tied under
    two names is dropped in both places. The module itself is never changed, only called with other
    weights: it is `.module`, its attributes can be read here too, its `state_dict` is that of this
    layer, so that checkpoints go both ways, and copies share nothing. At p = 0 it is called as it
    is; at p = 1 the named weights and their gradients are 0.

    Args:
        module: Any module; its call receives all arguments, and what it returns is returned.
        names: One or more names of `module.named_parameters()`, such as "weight_hh_l0".
        p: Drop probability, dimensionless, in [0, 1].
        generator: Source of randomness; None means PyTorch's global one. For its limits see
            `Dropout`.

    Cost:
        One draw and one multiplication for each entry of the named weights, whatever the length of
        the input; the module keeps its own kernels, so that a recurrent layer stays fused. Backward
        keeps one byte per entry.

    Moments of a weight w, given w:
        E = w,  Var = w**2 * p / (1 - p), for p < 1.

    Raises:
        TypeError: if `module` is not a module, `names` holds anything but text, `p` is not a
            number, or `generator` not a generator.
        ValueError: if `p` is outside [0, 1] or NaN, `names` is empty or repeats a name, or a
            name is not that of a floating-point parameter of the module: a weight that weight
            normalization, pruning or another parametrization computes, one of a lazy module not yet
            called, or one with sparse gradients.
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

    @leaf
    def forward(self, *args: Any, **kwargs: Any) -> Any:
        if not self.training or self.p == 0:
            return self.module(*args, **kwargs)
        weights = {name: self.drop(attrgetter(name)(self.module)) for name in self.names}
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

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            module = self.__dict__.get("_modules", {}).get("module")
            if module is None:
                raise
            return getattr(module, name)

    def state_dict(self, *args: Any, **kwargs: Any) -> Any:
        """That of the module."""
        return self.module.state_dict(*args, **kwargs)

    def _load_from_state_dict(self, state: dict[str, Any], prefix: str, *args: Any) -> None:
        for name in self.module.state_dict():
            if prefix + name in state:
                state[f"{prefix}module.{name}"] = state.pop(prefix + name)
        super()._load_from_state_dict(state, prefix, *args)

    def extra_repr(self) -> str:
        return f"names={self.names}, p={self.p}"


def _check_names(module: nn.Module, names: str | Sequence[str]) -> tuple[str, ...]:
    if not isinstance(module, nn.Module):
        raise TypeError(f"module must be a torch.nn.Module, got {type(module).__name__}")
    if not isinstance(names, Sequence) or not all(isinstance(name, str) for name in names):
        raise TypeError(f"names must be text, got {names!r}")
    names = (names,) if isinstance(names, str) else tuple(names)
    weights = dict(module.named_parameters(remove_duplicate=False))
    allowed = [name for name, weight in weights.items() if weight.is_floating_point()]
    if not names or len(set(names)) < len(names) or not set(names) <= set(allowed):
        raise ValueError(
            f"names must be one or more of {allowed}, each once, got {names!r}; what weight "
            "normalization, pruning or another parametrization computes is no parameter"
        )
    for name in names:
        owner = module.get_submodule(name.rpartition(".")[0])
        if nn.parameter.is_lazy(weights[name]):
            raise ValueError(
                f"names must be those of parameters with a shape, got {name!r} of a "
                f"{type(owner).__name__} that has not been called: call the module once before"
            )
        if getattr(owner, "sparse", False) is True:
            raise ValueError(
                f"names must be those of parameters with dense gradients, got {name!r} of a "
                f"{type(owner).__name__} with sparse=True, whose gradients cannot pass a mask"
            )
    return names
