"""What a contestant does, before it is timed: "" where it is what was asked, else what it is.

Limits are MAX_Z standard errors of an exact law, so a right one fails once in a million runs.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

MAX_Z = 5.0
CALLS = 16  # of a layer whose maps, not units, are independent

Layer = Callable[[Tensor], Tensor]


def bernoulli(layer: Layer, shape: tuple[int, ...], p: float) -> str:
    """Entries of ones become 0 with probability p and 1 / (1 - p) otherwise, each on its own."""
    ones = torch.ones(shape)
    first, second = layer(ones).detach(), layer(ones).detach()
    return shaped(first, shape) or scaled(first, p) or fresh(first, second) or coins(first, p)


def maps(layer: Layer, shape: tuple[int, ...], p: float) -> str:
    """The same for whole maps, the axes after the first two."""
    ones = torch.ones(shape)
    first, second = layer(ones).detach(), layer(ones).detach()
    problem = shaped(first, shape) or scaled(first, p) or fresh(first, second)
    flat = first.reshape(shape[0] * shape[1], -1)
    if not problem and not torch.equal(flat, flat[:, :1].expand_as(flat)):
        return "drops entries inside a map"
    return problem or coins(flat[:, 0], p)


def normal(layer: Layer, shape: tuple[int, ...], p: float) -> str:
    """Entries of ones become independent N(1, p / (1 - p))."""
    ones, variance = torch.ones(shape), p / (1 - p)
    first, second = layer(ones).detach(), layer(ones).detach()
    centred = first.double().flatten() - 1
    found = centred.square().mean().item()
    wrong = abs(found - variance) > MAX_Z * variance * math.sqrt(2 / centred.numel())
    return (
        shaped(first, shape)
        or fresh(first, second)
        or (f"noise of variance {found:.3g}, asked {variance:.3g}" if wrong else "")
        or uncorrelated(centred, variance)
    )


def blocks(layer: Layer, shape: tuple[int, ...], p: float) -> str:
    """Units of ones are dropped with probability p, in each of the maps on its own."""
    ones = torch.ones(shape)
    first, second = layer(ones).detach(), layer(ones).detach()
    problem = shaped(first, shape) or fresh(first, second)
    if problem:
        return problem
    dropped = (first == 0).double()
    shared = torch.equal(dropped, dropped[:, :1].expand_as(dropped))
    axes = (1, 2, 3) if shared else (2, 3)
    shares = torch.cat([(layer(ones) == 0).double().mean(axes) for _ in range(CALLS)])
    problems = [_rate(shares, p), "one mask for all channels" if shared else ""]
    return ", ".join(filter(None, problems))


def _rate(shares: Tensor, p: float) -> str:
    """`shares` of independent maps, whose spread says how far their mean may be from p."""
    rate, error = shares.mean().item(), (shares.std() / math.sqrt(shares.numel())).item()
    return f"drops {rate:.1%}, asked {p:.1%}" if abs(rate - p) > MAX_Z * error else ""


def connections(layer: Layer, examples: int, features: int, p: float) -> str:
    """Of equal examples and weights 1, each sums a Binomial(features, 1 - p) of its own."""
    sums = layer(torch.ones(examples, features)).detach().double()
    again = layer(torch.ones(examples, features)).detach().double()
    mean, variance = (1 - p) * features, p * (1 - p) * features
    if examples > 1 and torch.equal(sums, sums[:1].expand_as(sums)):
        return "one mask for all examples"
    off = abs(sums.mean().item() - mean) > MAX_Z * math.sqrt(variance / sums.numel())
    if off:
        return f"keeps {sums.mean().item() / features:.1%}, asked {1 - p:.1%}"
    return fresh(sums, again) or uncorrelated(sums.flatten() - mean, variance)


def outputs(call: Callable[[], Tensor], shape: tuple[int, ...]) -> str:
    """Finite, of the right shape, and another at each call: all that every LSTM promises."""
    first, second = call().detach(), call().detach()
    finite = bool(first.isfinite().all())
    return shaped(first, shape) or ("" if finite else "not finite") or fresh(first, second)


def samples(call: Callable[[], Tensor], definition: Tensor) -> str:
    """Samples (S, N, ...) have the mean of those from the definition, and differ."""
    found = call().double()
    problem = shaped(found, tuple(definition.shape))
    if problem:
        return problem
    if torch.equal(found[0], found[1]):
        return "equal samples"
    error = (found.var(0) / len(found) + definition.var(0) / len(definition)).sqrt()
    z = ((found.mean(0) - definition.mean(0)) / error).abs().max().item()
    return f"mean off by {z:.1f} standard errors" if z > MAX_Z + 1 else ""  # many outputs


def shaped(y: Tensor, shape: tuple[int, ...]) -> str:
    return "" if tuple(y.shape) == tuple(shape) else f"shape {tuple(y.shape)}, asked {tuple(shape)}"


def scaled(y: Tensor, p: float) -> str:
    """Only 0 and 1 / (1 - p) occur."""
    values = y[y != 0]
    right = torch.isclose(values, torch.tensor(1 / (1 - p)), rtol=1e-6)
    return "" if right.all() else f"values other than 0 and {1 / (1 - p):.4g}"


def fresh(first: Tensor, second: Tensor) -> str:
    return "the same at each call" if torch.equal(first, second) else ""


def coins(y: Tensor, p: float) -> str:
    """The rate of zeros, and that neighbours are uncorrelated."""
    dropped = (y == 0).double().flatten()
    rate, error = dropped.mean().item(), math.sqrt(p * (1 - p) / dropped.numel())
    if abs(rate - p) > MAX_Z * error:
        return f"drops {rate:.1%}, asked {p:.1%}"
    return uncorrelated(dropped - p, p * (1 - p))


def uncorrelated(centred: Tensor, variance: float) -> str:
    """Entries 1, 2, 3, 8 and 64 places apart."""
    for lag in (1, 2, 3, 8, 64):
        products = centred[:-lag] * centred[lag:]
        z = products.mean().item() / (variance / math.sqrt(products.numel()))
        if abs(z) > MAX_Z:
            return f"entries {lag} apart are correlated"
    return ""
