"""Dropout: the one layer that everybody has."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional

from benchmarks import laws
from benchmarks.contestants import Layer, forward, forward_backward
from benchmarks.peers import compiled, load
from benchmarks.row import OURS, Bound, Contestant, Goal, Row
from dropoutbook import Dropout

SHAPE = (1024, 1024)
SIZES = [2**power for power in range(8, 25, 2)]
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


def row(direction: str, p: float, least: float) -> Row:
    x = torch.randn(SHAPE)
    both = direction == "forward + backward"
    run = partial(forward_backward, memory=True) if both else forward
    given = x.requires_grad_() if both else x

    def contestant(make: Callable[[], Layer]) -> Contestant:
        layer = make()
        return run(layer, x, lambda: laws.bernoulli(layer, SHAPE, p))

    makers = {name: partial(contestant, make) for name, make in layers(p, given).items()}
    others = [Goal(OURS, name, 1) for name in makers if name not in (OURS, "F.dropout")]
    kept = Bound(
        OURS, "kept for backward", "B/entry", 1, lambda record: record["saved"] / x.numel()
    )
    return Row(
        name=f"dropout {direction} {p}",
        family="dropout",
        work=f"Dropout, 1024 × 1024, p = {p}, {direction}",
        contestants=makers,
        goals=[Goal(OURS, "F.dropout", least), *others],
        bounds=[kept] if both else [],
    )


def sweep(size: int) -> Row:
    x = torch.randn(size)
    y = torch.empty_like(x)

    def contestant(make: Callable[[], Layer]) -> Contestant:
        return forward(make(), x, str)  # the law was checked on the rows above

    makers = {name: partial(contestant, make) for name, make in layers(0.5, x).items()}
    makers[FLOOR] = lambda: Contestant(lambda: y.copy_(x), str)
    work = f"Dropout forward, p = 0.5, {size} entries"
    return Row(f"dropout of {size}", "dropout", work, makers, size=size, seconds=3)


def rows() -> Iterator[Row]:
    yield row("forward", 0.5, least=10)
    yield row("forward", 0.1, least=5)
    yield row("forward + backward", 0.5, least=6)
    yield row("forward + backward", 0.1, least=1)
    yield from map(sweep, SIZES)
