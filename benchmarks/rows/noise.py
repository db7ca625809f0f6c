"""Gaussian noise, and dropout of whole maps."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import torch
from torch import Tensor, nn

from benchmarks import laws
from benchmarks.contestants import Layer, forward, forward_backward
from benchmarks.peers import load
from benchmarks.row import AT_WORST, OURS, Contestant, Goal, Row
from dropoutbook import GaussianDropout, SpatialDropout

RUNS = {"forward": forward, "forward + backward": forward_backward}


def plain_noise(x: Tensor, p: float) -> Tensor:
    return x * (1 + (p / (1 - p)) ** 0.5 * torch.randn_like(x))


def row(
    title: str,
    direction: str,
    shape: tuple[int, ...],
    law: Callable[[Layer, tuple[int, ...], float], str],
    makers: Mapping[str, Callable[[], Layer]],
    p: float,
    weak: str = "",
) -> Row:
    """Ours is to be no slower than any of the others, or not by much where it is weak."""

    def contestant(make: Callable[[], Layer]) -> Contestant:
        layer = make()
        return RUNS[direction](layer, torch.randn(shape), lambda: law(layer, shape, p))

    size = " × ".join(map(str, shape))
    return Row(
        name=f"{title} {direction} {size}".lower(),
        family="noise",
        work=f"{title}, {size}, p = {p}, {direction}",
        contestants={name: partial(contestant, make) for name, make in makers.items()},
        goals=[Goal(OURS, name, AT_WORST if weak else 1) for name in makers if name != OURS],
        weak=weak,
    )


def rows() -> Iterator[Row]:
    p = 0.3
    gaussian = {
        OURS: lambda: GaussianDropout(p),
        "plain expression": lambda: partial(plain_noise, p=p),
        "Keras": lambda: partial(load("keras").layers.GaussianDropout(p), training=True),
    }
    spatial = {
        OURS: lambda: SpatialDropout(p),
        "nn.Dropout2d": lambda: nn.Dropout2d(p),
        "Keras": lambda: partial(
            load("keras").layers.SpatialDropout2D(p, data_format="channels_first"), training=True
        ),
    }
    portable = "numbers that are the same on every CPU take longer to draw"
    for direction in RUNS:
        yield row("GaussianDropout", direction, (1024, 1024), laws.normal, gaussian, p, portable)
        yield row("SpatialDropout", direction, (32, 64, 28, 28), laws.maps, spatial, p)
    small = "a small input costs a call, and ours is Python"
    yield row("GaussianDropout", "forward", (16, 16), laws.normal, gaussian, p, small)
    yield row("SpatialDropout", "forward", (4, 64, 4, 4), laws.maps, spatial, p, small)
