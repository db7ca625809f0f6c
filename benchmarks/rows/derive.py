"""Exact expectations: in symbols, and by visiting every mask."""

import math
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from typing import Any

import numpy as np
import sympy as sp
from sympy import stats
from sympy.core.cache import clear_cache

from benchmarks.row import AT_WORST, OURS, Bound, Contestant, Goal, Row
from dropoutbook.derive import Bernoulli, enumerate_expectation, expectation

K = sp.Rational(1, 3)
SIZES = [10, 25, 50, 100, 200]
UNITS, MEBIBYTE = 20, 2**20
KEEP = np.linspace(0.2, 0.8, UNITS).tolist()


def quadratic(gates: list[sp.Expr]) -> sp.Expr:
    """The squared error of a linear unit with these gates."""
    weights = sp.symbols(f"w1:{len(gates) + 1}")
    return (1 - sum(w * gate for w, gate in zip(weights, gates, strict=True))) ** 2


def ours(n: int) -> sp.Expr:
    gates = sp.symbols(f"delta1:{n + 1}")
    return expectation(quadratic(gates), {gate: Bernoulli(K) for gate in gates})


def theirs(n: int) -> sp.Expr:
    return stats.E(quadratic([stats.Bernoulli(f"delta{i}", K) for i in range(1, n + 1)]))


def symbolic(mean: Callable[[int], sp.Expr], n: int) -> Contestant:
    def call() -> sp.Expr:
        found = mean(n)
        clear_cache()  # SymPy remembers what it has computed; whoever fills the cache empties it
        return found

    return Contestant(call, lambda: "" if sp.expand(mean(5) - ours(5)) == 0 else "another value")


def squared_sum(masks: np.ndarray) -> np.ndarray:
    return masks.sum(axis=1) ** 2


def enumerated(keep: list[float]) -> float:
    return float(enumerate_expectation(squared_sum, keep))


def python_loop(keep: list[float]) -> float:
    """Every mask in turn, with its probability."""
    total = 0.0
    for mask in product((0, 1), repeat=len(keep)):
        weight = math.prod(k if kept else 1 - k for k, kept in zip(keep, mask, strict=True))
        total += weight * sum(mask) ** 2
    return total


def all_masks(mean: Callable[[list[float]], float], keep: list[float]) -> Contestant:
    exact = sum(keep) ** 2 + sum(k * (1 - k) for k in keep)  # squared mean plus variance
    call = partial(mean, keep)

    def deviation() -> str:
        return "" if math.isclose(call(), exact, rel_tol=1e-12) else "another value"

    return Contestant(call, deviation, peak=partial(numpy_peak, call))


def numpy_peak(call: Callable[[], Any]) -> int:
    """Bytes allocated at most at one time by Python and NumPy."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def rows() -> Iterator[Row]:
    yield Row(
        name="expectation",
        family="derive",
        work="expectation of a quadratic in 10 Bernoulli symbols",
        contestants={
            OURS: lambda: symbolic(ours, 10),
            "sympy.stats.E": lambda: symbolic(theirs, 10),
        },
        goals=[Goal(OURS, "sympy.stats.E", 100)],
    )
    yield Row(
        name="enumerate_expectation",
        family="derive",
        work=f"exact mean over all 2^{UNITS} masks",
        contestants={
            OURS: lambda: all_masks(enumerated, KEEP),
            "Python loop": lambda: all_masks(python_loop, KEEP),
        },
        goals=[Goal(OURS, "Python loop", 1)],
        bounds=[
            Bound(OURS, "time", "seconds", 10, lambda record: record["seconds"]["median"]),
            Bound(OURS, "peak memory", "bytes", 32 * MEBIBYTE, lambda record: record["peak"]),
        ],
    )
    few = "a few outcomes are visited sooner than arrays and tables are set up"
    yield Row(
        name="expectation of one",
        family="derive",
        work="expectation of a quadratic in one Bernoulli symbol",
        contestants={
            OURS: lambda: symbolic(ours, 1),
            "sympy.stats.E": lambda: symbolic(theirs, 1),
        },
        goals=[Goal(OURS, "sympy.stats.E", AT_WORST)],
        weak=few,
    )
    yield Row(
        name="enumerate_expectation of few",
        family="derive",
        work="exact mean over all 2^3 masks",
        contestants={
            OURS: lambda: all_masks(enumerated, KEEP[:3]),
            "Python loop": lambda: all_masks(python_loop, KEEP[:3]),
        },
        goals=[Goal(OURS, "Python loop", AT_WORST)],
        weak=few,
    )
    for n in SIZES:
        yield Row(
            name=f"expectation of {n}",
            family="derive",
            work=f"expectation of a quadratic in {n} Bernoulli symbols",
            contestants={OURS: lambda n=n: symbolic(ours, n)},
            size=n,
        )
