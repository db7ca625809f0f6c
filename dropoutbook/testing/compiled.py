"""torch.compile: one graph, independent masks, right gradients, any rate and batch."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from dropoutbook.testing.assertions import assert_close, assert_uncorrelated
from dropoutbook.testing.case import Case, after_seed, first, value_and_gradient


def compiles(case: Case) -> None:
    """one graph, with the masks and gradients of eager mode on "aot_eager\""""
    torch.compiler.reset()
    layer = case.layer()
    graph = torch.compile(layer, fullgraph=True, backend="aot_eager")
    for training in (True, False):
        layer.train(training)
        expected = value_and_gradient(layer, case.example)
        for got, wanted in zip(value_and_gradient(graph, case.example), expected, strict=True):
            assert_close(got, wanted, "compiled and eager")


def compiles_for_every_rate(case: Case) -> None:
    """rates and batches change without another graph each time"""
    torch.compiler.reset()
    layer = case.layer()
    graph = torch.compile(layer, fullgraph=True, backend="aot_eager")
    for number in range(1, 13):
        for name in case.rates:
            setattr(layer, name, number / 13)
        x = torch.cat([case.example, case.example])[: len(case.example) + number]
        assert_close(after_seed(graph, x), after_seed(layer, x), f"p = {number / 13:.2f}")


def compiled_calls(case: Case) -> None:
    """two layers and two calls in one graph draw independently, and gradients keep their masks"""
    case = replace(case, example=case.example.double())  # for finite differences
    for backend in case.backends:
        torch.compiler.reset()
        one, other = case.layer(), case.layer()

        def three(x: Tensor, one: Any = one, other: Any = other) -> Tensor:
            return torch.stack([first(one(x)), first(other(x)), first(one(x))], -1)

        graph = torch.compile(three, fullgraph=True, backend=backend)

        def call(x: Tensor, graph: Any = graph) -> Tensor:
            return graph(x.clone().requires_grad_())  # backward is part of what is compiled

        draws = case.draws(call)[0].unflatten(-1, (-1, 3)).flatten(0, 1)
        for i, j in ((0, 1), (0, 2), (1, 2)):
            assert_uncorrelated(draws[..., i], draws[..., j], f"calls {i} and {j} on {backend}")
        assert_gradient(graph, case.example, f"the gradient on {backend}")


def assert_gradient(function: Callable[[Tensor], Tensor], x: Tensor, what: str) -> None:
    """The gradient of one seed's masks agrees with a central difference of the same masks."""
    direction, step = torch.randn_like(x), 1e-6
    _, gradient = value_and_gradient(function, x)
    ahead, behind = (
        after_seed(function, (x + sign * step * direction).requires_grad_()).detach()
        for sign in (1, -1)
    )
    slope = gradient * direction
    error = ((ahead.sin() - behind.sin()).sum() / (2 * step) - slope.sum()).abs().item()
    allowed = 1e-4 * slope.norm().item()
    assert error <= allowed, f"{what} is off by {error:.3g}, allowed {allowed:.3g}"


def compiles_around_generator(case: Case) -> None:
    """a layer with a generator of its own draws its masks beside a graph"""
    torch.compiler.reset()
    graph = torch.compile(case.seeded(), backend="eager")
    expected = first(case.seeded()(case.example))
    assert_close(first(graph(case.example)), expected, "compiled and eager")
