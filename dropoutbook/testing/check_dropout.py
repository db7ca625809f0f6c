"""check_dropout: what a dropout layer should keep, tried on yours."""

import inspect
import warnings
from collections.abc import Callable, Collection
from typing import NamedTuple

import torch
from torch import Tensor, nn

from dropoutbook.layers.parts.arguments import check_choice
from dropoutbook.testing import (
    arguments,
    compiled,
    gradients,
    law,
    modes,
    state,
    tensors,
    transforms,
)
from dropoutbook.testing.case import LARGE, Case

PROPERTIES = {
    name: check
    for topic in (law, modes, gradients, tensors, state, transforms, compiled, arguments)
    for name, check in vars(topic).items()
    if inspect.isfunction(check) and list(inspect.signature(check).parameters) == ["case"]
}


class Result(NamedTuple):
    """One property of a layer: its name, "passed", "failed" or "not promised", and why."""

    name: str
    outcome: str
    reason: str = ""


class Report(tuple[Result, ...]):
    """The results of `check_dropout`, in order; printed as a table, true if nothing failed."""

    @property
    def failed(self) -> tuple[Result, ...]:
        """Those that failed."""
        return tuple(result for result in self if result.outcome == "failed")

    def __bool__(self) -> bool:
        return not self.failed

    def __str__(self) -> str:
        width = max((len(result.name) for result in self), default=0)
        lines = [
            f"{name:{width}}  {outcome:12}  {reason or PROPERTIES[name].__doc__}"
            for name, outcome, reason in self
        ]
        return "\n".join([*lines, f"{len(self.failed)} of {len(self)} failed"])

    __repr__ = __str__


def check_dropout(
    make: Callable[..., nn.Module],
    example: Tensor,
    *,
    evaluation: str = "identity",
    drops: bool = True,
    independent: bool = True,
    shared: tuple[int, ...] = (),
    rates: tuple[str, ...] = ("p",),
    without: Collection[str] = (),
    only: Collection[str] | None = None,
    backends: tuple[str, ...] = ("aot_eager",),
) -> Report:
    """Tries a layer at two sizes, and says of each property whether it holds.

        print(check_dropout(MyDropout, torch.randn(4, 3, 8)))
        assert check_dropout(MyDropout, torch.randn(4, 3, 8))

    The second size is the first example repeated to 2**15 entries, where PyTorch and this package
    take other ways. A property that does not apply because of what is declared passes; what a layer
    does not promise is named in `without`, and the table says so.

    Args:
        make: Builds the layer: `make(p)` and `make(p, generator=...)`.
        example: An input, floating point, none of its entries 0, its first axis over at least two
            examples; the layer is moved to its device, a CPU or a GPU. Of an output that is a tuple
            the first tensor is looked at.
        evaluation: "identity": evaluation returns the input itself, and is the mean over masks;
            "mean": it is that mean; "other": it is anything that draws nothing.
        drops: Whether an entry of the output is 0 with probability p, and everything at p = 1.
        independent: Whether the entries of one example have draws of their own.
        shared: Axes of the output along which one draw serves all; 0 for a mask a call.
        rates: The attributes that hold the rates; none for a layer that has no rate.
        without: Names of properties that the layer does not promise.
        only: Names of the properties to try; None means all.
        backends: Those of `torch.compile` for `compiled_calls`: "inductor" needs a C++ compiler.

    Returns:
        `Report`: a tuple of (name, outcome, reason), which is true if nothing failed.

    Raises:
        ValueError: if a name is not that of a property, `evaluation` not one of the three, or the
            example has no two examples or an entry that is 0.
        TypeError: if the example is not a floating-point tensor.

    Cost:
        Some seconds for a layer of activations, most of them in `torch.compile`.

    A right layer fails a statistical check with a probability of about 1e-6; seeds are fixed, and
    the global generator is put back.
    """
    check_choice("evaluation", evaluation, ("identity", "mean", "other"))
    _check_example(example)
    names = list(PROPERTIES) if only is None else list(only)
    if unknown := {*names, *without} - set(PROPERTIES):
        allowed = ", ".join(PROPERTIES)
        raise ValueError(f"only and without must be names of {allowed}; got {sorted(unknown)}")
    claims = (shared, drops, independent, evaluation, rates, backends)
    repeats = -(-LARGE // example[:1].numel())
    large = example[:1].repeat(repeats, *[1] * (example.ndim - 1))
    cases = [Case(make, x, size, *claims) for x, size in ((example, "small"), (large, "large"))]
    return Report(
        Result(name, "not promised") if name in without else _result(name, cases) for name in names
    )


def _check_example(example: Tensor) -> None:
    if not isinstance(example, Tensor) or not example.is_floating_point():
        raise TypeError(f"example must be a floating-point tensor, got {example!r}")
    if example.ndim == 0 or len(example) < 2 or not example.all():
        shape = tuple(example.shape)
        raise ValueError(
            f"example must hold two or more examples and no entry that is 0, got shape {shape} "
            f"and {int((example == 0).sum())} such entries"
        )


def _result(name: str, cases: list[Case]) -> Result:
    """Whether the property holds at every size; any exception says that it does not."""
    for case in cases:
        try:
            devices = range(torch.cuda.device_count())
            with torch.random.fork_rng(devices), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                torch.manual_seed(0)
                PROPERTIES[name](case)
        except AssertionError as error:
            return Result(name, "failed", f"{case.size}: {error}")
        except Exception as error:
            message = str(error).strip().splitlines() or [""]
            return Result(name, "failed", f"{case.size}: {type(error).__name__}: {message[0]}")
    return Result(name, "passed")
