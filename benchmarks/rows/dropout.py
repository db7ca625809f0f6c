"""Dropout: the one layer that everybody has."""

import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional

from benchmarks import laws
from benchmarks.contestants import Layer, forward, forward_backward
from benchmarks.peers import compiled, load
from benchmarks.row import AT_WORST, OURS, Bound, Contestant, Goal, Row
from dropoutbook import Dropout

SHAPE, SMALL = (1024, 1024), (16, 16)
SIZES = [2**power for power in range(8, 25, 2)]
NAMES = (OURS, "F.dropout", "F.dropout compiled", "Keras", "rand mask")
FLOOR = "copy"  # reads and writes each entry once: what no layer can beat


def rand_mask(x: Tensor, p: float) -> Tensor:
    """The quickest that one writes by hand, with the scale in the mask."""
    return torch.rand(x.shape).ge_(p).mul_(1 / (1 - p)).mul(x)


def layers(p: float, x: Tensor) -> Mapping[str, Callable[[], Layer]]:
    """Who drops with probability p, by name."""
    dropout = partial(functional.dropout, p=p)
    return {
        OURS: lambda: Dropout(p),
        "F.dropout": lambda: dropout,
        "F.dropout compiled": lambda: compiled(lambda x: functional.dropout(x, p), x),
        "Keras": lambda: partial(load("keras").layers.Dropout(p), training=True),
        "rand mask": lambda: partial(rand_mask, p=p),
    }


def timed(name: str, direction: str, shape: tuple[int, ...], p: float) -> Contestant:
    x = torch.randn(shape)
    both = direction == "forward + backward"
    run = partial(forward_backward, memory=True) if both else forward
    layer = layers(p, x.requires_grad_(both))[name]()
    return run(layer, x, lambda: laws.bernoulli(layer, shape, p))


def row(direction: str, p: float, least: float, slowest: float | None = None) -> Row:
    entries = math.prod(SHAPE)
    kept = Bound(OURS, "kept for backward", "B/entry", 1, lambda record: record["saved"] / entries)
    others = [Goal(OURS, name, 1) for name in NAMES if name not in (OURS, "F.dropout")]
    return Row(
        name=f"dropout {direction} {p}",
        family="dropout",
        work=f"Dropout, 1024 × 1024, p = {p}, {direction}",
        contestants={name: partial(timed, name, direction, SHAPE, p) for name in NAMES},
        goals=[Goal(OURS, "F.dropout", least, slowest), *others],
        bounds=[kept] if direction == "forward + backward" else [],
    )


def weak(direction: str, shape: tuple[int, ...], p: float, why: str) -> Row:
    names = (OURS, "F.dropout", "rand mask")
    size = " × ".join(map(str, shape))
    return Row(
        name=f"dropout {direction} {size} {p}",
        family="dropout",
        work=f"Dropout, {size}, p = {p}, {direction}",
        contestants={name: partial(timed, name, direction, shape, p) for name in names},
        goals=[Goal(OURS, name, AT_WORST) for name in names[1:]],
        weak=why,
    )


def swept(name: str, size: int) -> Contestant:
    x = torch.randn(size)
    if name == FLOOR:
        y = torch.empty_like(x)
        return Contestant(lambda: y.copy_(x), str)
    return forward(layers(0.5, x)[name](), x, str)  # the law is checked in the rows above


def sweep(size: int) -> Row:
    makers = {name: partial(swept, name, size) for name in (*NAMES, FLOOR)}
    work = f"Dropout forward, p = 0.5, {size} entries"
    return Row(f"dropout of {size}", "dropout", work, makers, size=size)


def rows() -> Iterator[Row]:
    yield row("forward", 0.5, least=20, slowest=6)
    yield row("forward", 0.1, least=7, slowest=3)
    yield row("forward + backward", 0.5, least=6)
    yield row("forward + backward", 0.1, least=1)
    for direction in ("forward", "forward + backward"):
        yield weak(direction, SMALL, 0.5, "a small input costs a call, and ours is Python")
    yield weak("forward", SHAPE, 0.01, "branches that are nearly always the same are cheap")
    yield weak("forward", SHAPE, 0.996, "two random places are drawn for every three entries")
    yield from map(sweep, SIZES)
