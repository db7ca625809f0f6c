"""Gaussian noise, and dropout of whole maps."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import torch
from torch import Tensor, nn

from benchmarks import laws
from benchmarks.contestants import Layer, forward, forward_backward
from benchmarks.peers import load
from benchmarks.row import OURS, Contestant, Goal, Row
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
) -> Row:
    """Ours is to be no slower than any of the others."""
    x = torch.randn(shape)

    def contestant(make: Callable[[], Layer]) -> Contestant:
        layer = make()
        return RUNS[direction](layer, x, lambda: law(layer, shape, p))

    return Row(
        name=f"{title} {direction}".lower(),
        family="noise",
        work=f"{title}, {' × '.join(map(str, shape))}, p = {p}, {direction}",
        contestants={name: partial(contestant, make) for name, make in makers.items()},
        goals=[Goal(OURS, name, 1) for name in makers if name != OURS],
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
    for direction in RUNS:
        yield row("GaussianDropout", direction, (1024, 1024), laws.normal, gaussian, p)
        yield row("SpatialDropout", direction, (32, 64, 28, 28), laws.maps, spatial, p)
