"""The checks of arguments and inputs: each returns the value, or names what is wrong with it."""

import math
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import torch
from torch import Generator, Tensor


def check_probability(name: str, value: Any, interval: str = "[0, 1]") -> float:
    """Returns `value` as a float if it is a number in `interval`, "[0, 1]" or "[0, 1)"."""
    rule = f"{name}, a drop probability, must be a number in {interval}, got {value!r}"
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not is_number:
        raise TypeError(rule)
    if not 0 <= value <= 1:  # written so that NaN fails
        raise ValueError(rule)
    if float(value) == 1 and interval == "[0, 1)":
        raise ValueError(rule)
    return float(value)


def probability(name: str, interval: str = "[0, 1]") -> property:
    """A drop probability as an attribute, checked on every assignment."""
    place = f"_{name}"
    return property(
        lambda layer: getattr(layer, place),
        lambda layer, value: setattr(layer, place, check_probability(name, value, interval)),
    )


def check_choice(name: str, value: Any, allowed: tuple[Any, ...]) -> Any:
    """Returns `value` if it is one of `allowed`, of the same type; raises otherwise."""
    if not any(type(value) is type(choice) and value == choice for choice in allowed):
        raise ValueError(f"{name} must be one of {allowed}, got {value!r}")
    return value


def check_integer(name: str, value: Any, least: int, most: float = math.inf) -> int:
    """Returns `value` as an int if it is an integer from `least` to `most`; raises otherwise."""
    allowed = f">= {least}" if most == math.inf else f"in [{least}, {most}]"
    rule = f"{name} must be an integer {allowed}, got {value!r}"
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(rule)
    if not least <= int(value) <= most:
        raise ValueError(rule)
    return int(value)


def check_pair(name: str, value: Any, least: int) -> tuple[int, int]:
    """`value` as (height, width), integers of at least `least`; one integer stands for both."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return (check_integer(name, value, least),) * 2
    if len(value) != 2:
        raise TypeError(f"{name} must be an integer or a pair of integers, got {value!r}")
    height, width = (check_integer(name, side, least) for side in value)
    return height, width


def check_finite(name: str, value: Any) -> float:
    """Returns `value` as a float if it is a finite number; raises otherwise."""
    rule = f"{name} must be a finite number, got {value!r}"
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(rule)
    if not math.isfinite(value):
        raise ValueError(rule)
    return float(value)


def check_generator(value: Any) -> Generator | None:
    """Returns `value` if it is a `torch.Generator` or None; raises otherwise."""
    if value is not None and not isinstance(value, Generator):
        raise TypeError(f"generator must be a torch.Generator or None, got {value!r}")
    return value


def check_floating(input: Any, eight_bits: bool = False) -> None:
    """Raises unless `input` is a dense real floating-point tensor, of 16 bits or more an entry.

    A jagged nested tensor is dense; `eight_bits` lets float8 pass, which has no arithmetic.
    """
    if not isinstance(input, Tensor) or not input.is_floating_point():
        got = input.dtype if isinstance(input, Tensor) else type(input).__name__
        raise TypeError(f"input must be a real floating-point tensor, got {got}")
    if input.layout not in (torch.strided, torch.jagged):
        raise TypeError(f"input must be a dense tensor, got the layout {input.layout}")
    if input.itemsize < 2 and not eight_bits:
        raise TypeError(f"input must have 16 bits or more an entry, got {input.dtype}")


def check_rank(input: Tensor, least: int, most: int | None, layout: str) -> None:
    """Raises unless `input` has at least `least` axes, and at most `most` where that is given."""
    if input.ndim < least or (most is not None and input.ndim > most):
        raise ValueError(f"input must be {layout}, got shape {tuple(input.shape)}")


def check_features(input: Tensor, features: int) -> None:
    """Raises unless the last axis of `input` has the length `features`."""
    if input.ndim == 0 or input.shape[-1] != features:
        got = tuple(input.shape)
        raise ValueError(f"input must have the shape (*, {features}), got shape {got}")
