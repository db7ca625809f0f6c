"""DropConnect with a mask for every example, and weight drop with one for all."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from benchmarks import laws
from benchmarks.contestants import Layer, forward_backward
from benchmarks.peers import load
from benchmarks.row import OURS, Bound, Contestant, Goal, Row
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


def contestant(layer: nn.Module, unscaled: Layer, another_law: str = "") -> Contestant:
    """`unscaled` keeps a weight 1 as 1."""
    x = torch.randn(BATCH, FEATURES)
    return forward_backward(
        layer,
        x,
        lambda: laws.connections(unscaled, BATCH, FEATURES, P),
        list(layer.parameters()),
        memory=True,
        another_law=another_law,
    )


def example_masks() -> Row:
    def ours() -> Contestant:
        layer = of_ones(DropConnect(FEATURES, FEATURES, bias=False, p=P, activation="identity"))
        return contestant(layer, layer)

    def einsum() -> Contestant:
        layer = of_ones(Einsum(FEATURES, FEATURES, bias=False))
        return contestant(layer, layer)

    eighth = MASKS * 4 / 8
    return Row(
        name="drop_connect",
        family="drop_connect",
        work="DropConnect, 512 → 512, batch 128, a mask an example, forward + backward",
        contestants={OURS: ours, "einsum, full masks": einsum},
        goals=[Goal(OURS, "einsum, full masks", 3)],
        bounds=[
            Bound(OURS, "peak memory", "bytes", eighth, lambda record: record["peak"]),
            Bound(OURS, "kept for backward", "bytes", MASKS / 8, lambda record: record["saved"]),
        ],
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
