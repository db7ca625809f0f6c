"""PyTorch's transforms: vmap, func, checkpoint, fx."""

import torch
from torch import Tensor, fx, nn
from torch.func import jvp, vjp, vmap
from torch.utils.checkpoint import checkpoint

from dropoutbook.testing.assertions import (
    assert_close,
    assert_equal,
    assert_refused,
    assert_uncorrelated,
)
from dropoutbook.testing.case import DRAWS, Case, after_seed, first, value_and_gradient


def vmap_different(case: Case) -> None:
    """vmap with randomness="different" draws for each sample"""
    layer, x = case.layer(), case.independent_examples()
    samples = max(2, DRAWS // len(x))
    torch.manual_seed(2)
    y = vmap(lambda _: first(layer(x)), randomness="different")(torch.arange(samples)).detach()
    draws = torch.stack([case.rows(sample) for sample in y])
    neighbours = draws[:-1].flatten(0, 1), draws[1:].flatten(0, 1)
    assert_uncorrelated(*neighbours, "two samples")


def vmap_same(case: Case) -> None:
    """vmap with randomness="same" draws once"""
    layer, x = case.layer(), case.example.expand(3, *case.example.shape)
    y = vmap(lambda x: first(layer(x)), randomness="same")(x)
    assert_close(y, y[:1].expand_as(y), "the samples")
    assert not torch.equal(y[0], first(case.layer(0.0)(x[0]))) or not case.rates, "nothing is drawn"


def derivatives_of_func(case: Case) -> None:
    """torch.func's jvp and vjp use one mask"""
    layer, x = case.layer().double(), case.example.double()
    direction, weight = torch.randn_like(x), torch.randn_like(first(layer(x))).detach()

    def function(x: Tensor) -> Tensor:
        return after_seed(layer, x).sin()

    y, forward = jvp(function, (x,), (direction,))[:2]
    z, pull = vjp(function, x)[:2]
    assert_equal(y, z, "the outputs differ")
    assert_close((weight * forward).sum(), (pull(weight)[0] * direction).sum(), "jvp and vjp")


def checkpointing(case: Case) -> None:
    """activation checkpointing draws the same masks again"""
    layer = case.layer()
    expected = value_and_gradient(layer, case.example)
    for reentrant in (False, True):

        def recomputed(x: Tensor, reentrant: bool = reentrant) -> Tensor:
            y = checkpoint(lambda x: first(layer(x)), x, use_reentrant=reentrant)
            torch.rand_like(x)  # what the rest of a model draws between forward and backward
            return y

        for got, wanted in zip(value_and_gradient(recomputed, case.example), expected, strict=True):
            assert_equal(got, wanted, f"they differ (use_reentrant={reentrant})")


def checkpointing_with_generator(case: Case) -> None:
    """a generator of its own, which checkpointing does not rewind, is refused there"""
    layer, x = case.seeded(), case.example.clone().requires_grad_()
    y = checkpoint(lambda x: first(layer(x)).sin(), x, use_reentrant=False)
    assert_refused(y.sum().backward, RuntimeError, "generator", "checkpoint")


def fx_leaf(case: Case) -> None:
    """torch.fx records one call, whose masks are those of the layer"""
    layer = case.layer()
    graph = fx.symbolic_trace(nn.Sequential(layer))
    assert [node.op for node in graph.graph.nodes] == ["placeholder", "call_module", "output"]
    y = after_seed(graph.train(), case.example)
    assert_equal(y, after_seed(layer, case.example), "the masks differ")
