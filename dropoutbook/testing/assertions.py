"""Statistical assertions: a right layer fails one with probability 6e-7, a wrong one is named."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

MAX_Z = 5.0  # standard errors


def assert_mean(draws: Tensor, mean: Tensor | float, what: str) -> None:
    """The mean over the first axis is `mean`, at every position.

    The limit grows with the number of positions, so that all of them together keep the rate of
    false alarms.
    """
    positions = max(1, draws[0].numel())
    limit = math.sqrt(MAX_Z**2 + 2 * math.log(positions))
    error = (draws.mean(0) - mean).abs()
    allowed = limit * draws.std(0) / math.sqrt(len(draws)) + 1e-9 * (1 + draws.abs().amax(0))
    worst = (error - allowed).argmax()
    off, most = error.flatten()[worst].item(), allowed.flatten()[worst].item()
    assert off <= most, f"{what} is off by {off:.3g}, allowed {most:.3g} (n = {len(draws)})"


def assert_uncorrelated(first: Tensor, second: Tensor, what: str) -> None:
    """The columns of two tables of independent rows are uncorrelated, each with its partner."""
    z = standard(first) * standard(second)
    assert z.any(), f"{what}: nothing varies"
    n = len(z)
    r = z.mean(0).abs().max().item()
    limit = math.sqrt((MAX_Z**2 + 2 * math.log(z[0].numel())) / n)
    assert r <= limit, f"{what} are correlated: r = {r:.3g}, allowed {limit:.3g} (n = {n})"


def standard(draws: Tensor) -> Tensor:
    """Mean 0 and variance 1 along the first axis, and 0 where nothing varies."""
    centred = draws - draws.mean(0)
    deviation = centred.square().mean(0).sqrt()
    return torch.where(deviation > 1e-12, centred / deviation, 0.0)


def assert_close(first: Tensor, second: Tensor, what: str) -> None:
    """Both agree to the precision of their dtype."""
    try:
        torch.testing.assert_close(first, second, equal_nan=True)
    except AssertionError as error:
        raise AssertionError(f"{what}: {str(error).splitlines()[0]}") from None


def assert_equal(first: Tensor, second: Tensor, what: str) -> None:
    """Both are the same, bit for bit."""
    assert first.dtype == second.dtype, f"{what}: {first.dtype} and {second.dtype}"
    assert torch.equal(first, second), what


def assert_refused(call: Callable[[], object], kind: type[Exception], *words: str) -> None:
    """`call` raises an error of that kind, with a message that contains each of `words`."""
    try:
        call()
    except Exception as raised:
        error = raised
    else:
        raise AssertionError(f"accepted, although {' '.join(words)} is bad")
    assert isinstance(error, kind), f"{type(error).__name__} instead of {kind.__name__}: {error}"
    missing = [word for word in words if word not in str(error)]
    assert not missing, f"the message {str(error)!r} does not name {missing}"
