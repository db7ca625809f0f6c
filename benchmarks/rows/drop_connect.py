"""DropConnect with a mask for every example, and weight drop with one for all."""

from collections.abc import Callable, Iterator
from functools import partial

import torch
from torch import Tensor, nn

from benchmarks import laws
from benchmarks.contestants import Layer, forward_backward
from benchmarks.peers import load
from benchmarks.row import AT_WORST, OURS, Bound, Contestant, Goal, Row
from dropoutbook import DropConnect, WeightDrop

FEATURES, BATCH, P = 512, 128, 0.5
MASKS = BATCH * FEATURES * FEATURES  # one for each connection of each example


def of_ones(layer: nn.Module) -> nn.Module:
    """The layer with weights 1, whose law can be checked."""
    for weight in layer.parameters():
        nn.init.ones_(weight)
    return layer


class Einsum(nn.Linear):
    """The law of DropConnect as it is written down, with masks in memory, as floats."""

    def forward(self, v: Tensor) -> Tensor:
        keep = (torch.rand(len(v), *self.weight.shape) >= P).float()
        return torch.einsum("noi,oi,ni->no", keep, self.weight, v)


def contestant(
    layer: nn.Module,
    unscaled: Layer,
    another_law: str = "",
    batch: int = BATCH,
    features: int = FEATURES,
) -> Contestant:
    """`unscaled` keeps a weight 1 as 1."""
    return forward_backward(
        layer,
        torch.randn(batch, features),
        lambda: laws.connections(unscaled, batch, features, P),
        list(layer.parameters()),
        memory=True,
        another_law=another_law,
    )


MAKERS = {
    OURS: partial(DropConnect, bias=False, p=P, activation="identity"),
    "einsum, full masks": partial(Einsum, bias=False),
}


def each_its_mask(name: str, batch: int, features: int) -> Contestant:
    layer = of_ones(MAKERS[name](features, features))
    return contestant(layer, layer, batch=batch, features=features)


def makers(batch: int, features: int) -> dict[str, Callable[[], Contestant]]:
    return {name: partial(each_its_mask, name, batch, features) for name in MAKERS}


def example_masks() -> Row:
    eighth = MASKS * 4 / 8
    return Row(
        name="drop_connect",
        family="drop_connect",
        work="DropConnect, 512 → 512, batch 128, one mask per example, forward + backward",
        contestants=makers(BATCH, FEATURES),
        goals=[Goal(OURS, "einsum, full masks", 3)],
        bounds=[
            Bound(OURS, "peak memory", "bytes", eighth, lambda record: record["peak"]),
            Bound(OURS, "kept for backward", "bytes", MASKS / 8, lambda record: record["saved"]),
        ],
    )


def weak(batch: int, features: int, why: str) -> Row:
    size = f"{features} → {features}, batch {batch}"
    return Row(
        name=f"drop_connect {size}",
        family="drop_connect",
        work=f"DropConnect, {size}, one mask per example, forward + backward",
        contestants=makers(batch, features),
        goals=[Goal(OURS, "einsum, full masks", AT_WORST)],
        weak=why,
    )


def one_mask() -> Row:
    def ours() -> Contestant:
        layer = of_ones(nn.Linear(FEATURES, FEATURES, bias=False))
        dropped = WeightDrop(layer, "weight", p=P)
        return contestant(dropped, lambda x: dropped(x) * (1 - P), shared)

    def peer() -> Contestant:
        WeightDropLinear = load("torchnlp.nn").WeightDropLinear
        layer = of_ones(WeightDropLinear(FEATURES, FEATURES, bias=False, weight_dropout=P))
        return contestant(layer, lambda x: layer(x) * (1 - P), shared)

    shared = "one mask a batch, as asked in this row"
    return Row(
        name="weight_drop",
        family="drop_connect",
        work="WeightDrop of a linear layer, 512 → 512, batch 128, forward + backward",
        contestants={OURS: ours, "PyTorch-NLP": peer},
        goals=[Goal(OURS, "PyTorch-NLP", 1)],
    )


def rows() -> Iterator[Row]:
    yield example_masks()
    yield one_mask()
    yield weak(1, FEATURES, "the masks of one example fit the cache, and are drawn twice here")
    yield weak(8, 16, "a small layer costs calls, and draws its masks twice")
    yield weak(4, 2048, "the masks of one example alone are larger than the cache")
