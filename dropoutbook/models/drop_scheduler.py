"""A drop probability that changes in the course of training."""

from collections.abc import Iterable
from typing import Any

from torch import nn

from dropoutbook.layers.parts.arguments import check_choice, check_integer, check_probability
from dropoutbook.layers.parts.torch_private import DropoutNd
from dropoutbook.layers.stochastic import Stochastic


def scheduled_p(step: int, start: float, end: float, steps: int, delay: int) -> float:
    """The definition: `start` for `delay` steps, a straight line of `steps`, then `end`."""
    done = min(max(step - delay, 0), steps)
    return start + (end - start) * done / steps if done < steps else end


class DropScheduler:
    """Ramps the drop probability of layers from `start` to `end` over training steps.

        p(t) = start + (end - start) * clip((t - delay) / steps, 0, 1)

    after t calls of `step`, to be called once after each step of the optimizer; exactly `end` from
    step delay + steps on. DropBlock's schedule ramps up from 0; early dropout down to 0, late
    dropout is a jump to `end` after a `delay` (`steps=1`).

    Args:
        modules: A module, or several; every layer in them that has the rate is scheduled.
        start: Drop probability before the first step, in [0, 1]; set at once.
        end: Drop probability after the last, in [0, 1].
        steps: Length of the ramp, at least 1.
        delay: Steps at `start` before the ramp, at least 0.
        name: The layers' attribute, "p", or "p_input" or "p_hidden" of a `VariationalLSTM`.

    Raises:
        TypeError: if a probability or a count is not a number, or `modules` no module.
        ValueError: if an argument is out of its range, a layer refuses `start` or `end`,
            or `modules` hold no layer with such a rate.

    Source:
        Ghiasi et al. (2018), DropBlock, NeurIPS 31, for the ramp (they name keep_prob); Liu et
        al. (2023), Dropout reduces underfitting, ICML, for early and late dropout.
    """

    def __init__(
        self,
        modules: nn.Module | Iterable[nn.Module],
        start: float,
        end: float,
        steps: int,
        *,
        delay: int = 0,
        name: str = "p",
    ) -> None:
        self.start, self.end = check_probability("start", start), check_probability("end", end)
        self.steps = check_integer("steps", steps, least=1)
        self.delay = check_integer("delay", delay, least=0)
        self.name = check_choice("name", name, ("p", "p_input", "p_hidden"))
        self.layers = _layers(modules, name)
        self.last_step = 0
        for p in (self.end, self.start):  # a layer that refuses the end does so now
            self._assign(p)

    @property
    def p(self) -> float:
        """The drop probability that the layers have now."""
        return scheduled_p(self.last_step, self.start, self.end, self.steps, self.delay)

    def step(self) -> None:
        """Goes on by one training step."""
        self.last_step += 1
        self._assign(self.p)

    def state_dict(self) -> dict[str, Any]:
        """Everything but the layers, for a checkpoint."""
        return {key: value for key, value in vars(self).items() if key not in ("layers", "name")}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Takes up a schedule where `state_dict` left it, and sets the layers' rate."""
        expected = set(self.state_dict())
        if set(state) != expected:
            raise ValueError(f"state must have the keys {sorted(expected)}, got {sorted(state)}")
        vars(self).update(state)
        self._assign(self.p)

    def _assign(self, p: float) -> None:
        for layer in self.layers:
            setattr(layer, self.name, p)


def _layers(modules: nn.Module | Iterable[nn.Module], name: str) -> list[nn.Module]:
    """Every dropout in `modules` that has the attribute, once each."""
    roots = [modules] if isinstance(modules, nn.Module) else list(modules)
    for root in roots:
        if not isinstance(root, nn.Module):
            raise TypeError(f"modules must be torch.nn.Modules, got a {type(root).__name__}")
    below = dict.fromkeys(module for root in roots for module in root.modules())
    kinds = DropoutNd | Stochastic
    found: list[nn.Module] = [m for m in below if isinstance(m, kinds) and hasattr(m, name)]
    if not found:
        raise ValueError(f"modules must hold a dropout with the rate {name!r}, found none")
    return found
