"""The checks before the clock pass the right law, and name the wrong one."""

import pytest
import torch
from torch.nn import functional

from benchmarks import laws
from benchmarks.rows.pooling import expected, largest_kept
from dropoutbook import (
    DropBlock,
    DropConnect,
    Dropout,
    GaussianDropout,
    MaxPoolDropout2d,
    SpatialDropout,
)

ENTRIES, MAPS = (256, 256), (64, 64, 6, 6)
FIXED = torch.rand(ENTRIES).ge(0.3) / 0.7


def paired(x):
    """The right rate, but one coin for every two entries."""
    keep = torch.rand(x.shape[0], x.shape[1] // 2).ge(0.3).repeat_interleave(2, 1)
    return x * keep / 0.7


RIGHT = {
    "entries": lambda: laws.bernoulli(Dropout(0.3), ENTRIES, 0.3),
    "maps": lambda: laws.maps(SpatialDropout(0.3), MAPS, 0.3),
    "noise": lambda: laws.normal(GaussianDropout(0.3), ENTRIES, 0.3),
    "blocks": lambda: laws.blocks(DropBlock(0.3, 3), MAPS, 0.3),
    "connections": lambda: laws.connections(connect(0.3), 64, 128, 0.3),
    "pooling": lambda: largest_kept(MaxPoolDropout2d(2, p=0.5)),
    "mean of pooling": lambda: expected(MaxPoolDropout2d(2, p=0.5).eval()),
}
WRONG = {
    "rate": (lambda: laws.bernoulli(lambda x: (torch.rand_like(x) > 0.32) / 0.7, ENTRIES, 0.3)),
    "scale": (lambda: laws.bernoulli(lambda x: x * torch.rand_like(x).ge(0.3), ENTRIES, 0.3)),
    "shape": (lambda: laws.bernoulli(lambda x: Dropout(0.3)(x)[1:], ENTRIES, 0.3)),
    "same mask": (lambda: laws.bernoulli(lambda x: x * FIXED, ENTRIES, 0.3)),
    "pairs": (lambda: laws.bernoulli(paired, ENTRIES, 0.3)),
    "entries for maps": (lambda: laws.maps(Dropout(0.3), MAPS, 0.3)),
    "deviation for variance": (
        lambda: laws.normal(lambda x: x + 0.3 / 0.7 * torch.randn_like(x), ENTRIES, 0.3)
    ),
    "gamma of the paper": (lambda: laws.blocks(DropBlock(0.3, 3, marginal="paper"), MAPS, 0.3)),
    "shared blocks": (lambda: laws.blocks(DropBlock(0.3, 3, shared=True), MAPS, 0.3)),
    "one mask a batch": (
        lambda: laws.connections(
            lambda v: functional.linear(v, torch.rand(9, 128).ge(0.3).float()), 64, 128, 0.3
        )
    ),
    "rate of connections": (lambda: laws.connections(connect(0.4), 64, 128, 0.3)),
    "dropout, then pooling": (
        lambda: largest_kept(lambda x: functional.max_pool2d(functional.dropout(x, 0.5), 2))
    ),
    "largest for mean": (lambda: expected(lambda x: functional.max_pool2d(x, 2))),
    "outputs": (lambda: laws.outputs(lambda: torch.ones(3), (3,))),
    "not finite": (lambda: laws.outputs(lambda: torch.rand(3) / 0, (3,))),
    "samples": (lambda: laws.samples(lambda: torch.randn(50, 4) + 2, torch.randn(50, 4))),
    "equal samples": (
        lambda: laws.samples(lambda: torch.randn(4).expand(50, 4), torch.randn(50, 4))
    ),
}
NAMED = {
    "rate": "drops 31",
    "scale": "values other than 0 and 1.429",
    "shape": "shape (255, 256), asked (256, 256)",
    "same mask": "the same at each call",
    "pairs": "entries 1 apart",
    "entries for maps": "inside a map",
    "deviation for variance": "variance 0.18",
    "gamma of the paper": "asked 30.0%",
    "shared blocks": "one mask for all channels",
    "one mask a batch": "one mask for all examples",
    "rate of connections": "asked 70.0%",
    "dropout, then pooling": "unit 1 of 4 wins in 0.0%",
    "largest for mean": "4, not 3.062",
    "outputs": "the same at each call",
    "not finite": "not finite",
    "samples": "standard errors",
    "equal samples": "equal samples",
}


def connect(p):
    layer = DropConnect(128, 9, bias=False, p=p, activation="identity")
    torch.nn.init.ones_(layer.weight)
    return layer


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(20)


@pytest.mark.parametrize("name", RIGHT)
def test_the_right_law_passes(name):
    assert RIGHT[name]() == ""


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_law_is_named(name):
    assert NAMED[name] in WRONG[name]()
