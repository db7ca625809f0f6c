"""`draw_keep`: the ends of the uniforms, graphs of a compiler, and what tracers record."""

import math
from collections.abc import Callable
from unittest.mock import patch

import pytest
import torch
from scipy import stats
from torch import Tensor
from torch.fx.experimental.proxy_tensor import make_fx

from dropoutbook.layers.parts import mask
from dropoutbook.layers.parts.mask import draw_keep, select
from dropoutbook.layers.parts.random_bytes import SMALL, draw_compiled
from tests.checks import FALSE_ALARM
from tests.layers import wrong_masks as wrong
from tests.layers.rows import BACKENDS
from tests.layers.test_random_bytes import check_calls_draw_anew, check_neighbours, check_rate
from tests.layers.wrong_masks import Draw
from tests.mutants import rejects, without_mutant

LARGEST = 1 - 2**-24  # the largest float32 that torch.rand can draw; the smallest is 0
# a tracer of torch.jit warns of itself and of what it takes for a constant
pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit", "ignore::torch.jit.TracerWarning")
every_backend = pytest.mark.parametrize("backend", BACKENDS)
every_size = pytest.mark.parametrize("size", [64, 2 * SMALL])


def at(draw_keep: Callable[..., Tensor], value: float, p: float | Tensor) -> Tensor:
    """The mask of three entries whose uniforms all have that value."""
    with patch.object(torch, "rand", lambda shape, **_: torch.full(shape, value)):
        return draw_keep((3,), p, torch.ones(3), None)


def check_both_ends(draw_keep: Callable[..., Tensor], value: float) -> None:
    """Whatever is drawn, rate 0 keeps and rate 1 drops."""
    assert at(draw_keep, value, 0.0).all()
    assert not at(draw_keep, value, 1.0).any()
    assert at(draw_keep, value, torch.tensor([0.0, 1.0, 0.0])).tolist() == [True, False, True]


def check_the_grid(draw_keep: Callable[..., Tensor]) -> None:
    """u < p drops, so that P(u < p) = p for multiples of 2**-24."""
    assert at(draw_keep, 0.5, 0.5).all()
    assert not at(draw_keep, 0.5, 0.5 + 2**-24).any()


@pytest.mark.parametrize("value", [0.0, LARGEST])
def test_both_ends(value):
    check_both_ends(draw_keep, value)


def test_the_grid():
    check_the_grid(draw_keep)


def compiled(draws: Callable[[tuple[int, ...], float], Tensor], backend: str) -> Draw:
    """Draws of a graph, after one seed; they have no generator of their own."""
    torch.compiler.reset()
    torch.manual_seed(0)
    graph = torch.compile(draws, fullgraph=True, backend=backend)
    return lambda shape, p, generator: graph(shape, p)


def check_rate_in_graphs(draws: Callable[..., Tensor], backend: str) -> None:
    for p in (0.1, 0.5, 0.9):
        check_rate(compiled(draws, backend), p)


def check_independence_in_graphs(draws: Callable[..., Tensor], backend: str) -> None:
    """Of neighbours, of successive calls of a graph, of equal calls in one graph."""
    one = torch.ones((), requires_grad=True)  # equal calls are merged where there is a backward

    def two(shape: tuple[int, ...], p: float) -> Tensor:
        return torch.stack([draws(shape, p), draws(shape, p)], -1) * one

    for p in (0.1, 0.5):
        graph = compiled(draws, backend)
        check_neighbours(graph, p)
        check_calls_draw_anew(graph, p)
        pairs = compiled(two, backend)
        check_neighbours(lambda *arguments, pairs=pairs: pairs(*arguments).detach(), p)


def check_masks_of_eager_mode(draws: Callable[..., Tensor], p: float) -> None:
    """On "aot_eager" a seed has the masks of eager mode, of two calls, forward and backward."""

    def two(x: Tensor) -> Tensor:
        first, second = (draw_keep(x.shape, p, x, None) for _ in range(2))
        return select(x, first, 2.0) + select(x, second, 3.0)

    torch.compiler.reset()
    x, results = torch.ones(2 * SMALL, requires_grad=True), []
    with patch.object(mask, "draw_compiled", draws):
        for function in (two, torch.compile(two, fullgraph=True, backend="aot_eager")):
            torch.manual_seed(0)
            y = function(x)
            results.append((y, *torch.autograd.grad(y.sum(), x)))
    for eager, graph in zip(*results, strict=True):
        assert eager.equal(graph)


@every_backend
def test_rate_in_graphs(backend):
    check_rate_in_graphs(draw_compiled, backend)


@every_backend
def test_independence_in_graphs(backend):
    check_independence_in_graphs(draw_compiled, backend)


@pytest.mark.parametrize("p", [0.1, 0.5])
def test_masks_of_eager_mode(p):
    check_masks_of_eager_mode(draw_compiled, p)


def jit(function: Callable[[Tensor], Tensor], x: Tensor) -> Callable[[Tensor], Tensor]:
    return torch.jit.trace(function, x, check_trace=False)


def make_fx_real(function: Callable[[Tensor], Tensor], x: Tensor) -> Callable[[Tensor], Tensor]:
    return make_fx(function, tracing_mode="real")(x)


def make_fx_symbolic(function: Callable[[Tensor], Tensor], x: Tensor) -> Callable[[Tensor], Tensor]:
    return make_fx(function, tracing_mode="symbolic")(x)


def check_a_trace_draws_anew(
    draw_keep: Callable[..., Tensor], trace: Callable[..., Callable], size: int
) -> None:
    """How many entries are dropped varies from call to call of what was traced, as it should."""
    p, calls, x = 2**-9, 200, torch.ones(size)
    traced = trace(lambda x: draw_keep(x.shape, p, x, None), x)
    torch.manual_seed(0)
    dropped = torch.tensor([int((~traced(x)).sum()) for _ in range(calls)], dtype=torch.float64)
    assert dropped.unique().numel() > 1, "the mask is a constant"
    mean, variance = size * p, size * p * (1 - p)
    if mean < 10:  # too few for a test of the variance
        return
    z = (dropped - mean) / math.sqrt(variance)
    for pvalue in (stats.chi2.sf(z.square().sum(), calls), stats.chi2.cdf(z.square().sum(), calls)):
        assert pvalue >= FALSE_ALARM / 2, f"the counts vary otherwise: p-value {pvalue:.2g}"


@every_size
@pytest.mark.parametrize("trace", [jit, make_fx_real, make_fx_symbolic])
def test_a_trace_draws_anew(trace, size):
    check_a_trace_draws_anew(draw_keep, trace, size)


MUTANTS = [
    (check_both_ends, draw_keep, wrong.keeps_above_p_alone, 0.0),
    (check_the_grid, draw_keep, wrong.keeps_above_p_alone),
    (check_rate_in_graphs, draw_compiled, wrong.keeps_with_probability_p_compiled, "aot_eager"),
    *(
        (check_independence_in_graphs, draw_compiled, wrong.tells_no_calls_apart, backend)
        for backend in BACKENDS
    ),
    (check_masks_of_eager_mode, draw_compiled, wrong.compares_uniforms, 0.1),
    (check_a_trace_draws_anew, draw_keep, wrong.leaves_no_trace, jit, 64),
    (check_a_trace_draws_anew, draw_keep, wrong.leaves_no_trace, make_fx_real, 2 * SMALL),
    (
        check_a_trace_draws_anew,
        draw_keep,
        wrong.takes_the_number_of_drops_for_a_constant,
        jit,
        2 * SMALL,
    ),
]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda row: f"{row[0].__name__}-{row[2].__name__}")
def test_the_check_rejects(mutant):
    check, right, wrong_one, *arguments = mutant
    rejects(check, right, wrong_one, *arguments)


def test_every_check_has_a_mutant():
    own = {
        name
        for name, value in globals().items()
        if name.startswith("check_") and value.__module__ == __name__
    }
    assert not without_mutant(own, (check.__name__ for check, *_ in MUTANTS))
