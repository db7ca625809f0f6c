"""DropBlock's rates against counting, against the law of the seeds, and against one another."""

import itertools
import math

import pytest
import sympy as sp

from dropoutbook.derive import Bernoulli, expectation
from dropoutbook.derive.drop_block import (
    keep_probability,
    matched_gamma,
    mean_drop,
    paper_gamma,
    seeds_reaching,
    uniform_gamma,
)

SIZES = [(side, block) for side in range(1, 12) for block in range(1, side + 1)]
RATES = [sp.Rational(1, 10), sp.Rational(1, 2), sp.Rational(9, 10)]
gamma = sp.Symbol("gamma", positive=True)


def reaching(side: int, block: int) -> list[int]:
    return [seeds_reaching(x, side, block) for x in range(side)]


def covering(x: int, side: int, block: int) -> list[int]:
    """The seeds whose block covers x, by trying all."""
    return [seed for seed in range(side - block + 1) if seed <= x < seed + block]


@pytest.mark.parametrize(("side", "block"), SIZES)
def test_seeds_are_counted(side, block):
    counts = reaching(side, block)
    assert counts == [len(covering(x, side, block)) for x in range(side)]
    assert sum(counts) == block * (side - block + 1)


@pytest.mark.parametrize(("side", "block"), [(3, 2), (4, 2), (3, 3), (2, 1)])
def test_a_unit_is_kept_if_no_seed_reaches_it(side, block):
    for x, y in itertools.product(range(side), repeat=2):
        seeds = itertools.product(covering(x, side, block), covering(y, side, block))
        symbols = [sp.Symbol(f"s_{i}_{j}") for i, j in seeds]
        kept = sp.Mul(*(1 - s for s in symbols))
        exact = expectation(kept, {s: Bernoulli(gamma) for s in symbols})
        assert sp.expand(exact - keep_probability(gamma, x, y, side, block)) == 0


@pytest.mark.parametrize(("side", "block"), [(5, 2), (6, 3), (14, 7)])
@pytest.mark.parametrize("p", RATES)
def test_the_papers_gamma_drops_too_little(side, block, p):
    assert mean_drop(paper_gamma(p, side, block), reaching(side, block)) < p


@pytest.mark.parametrize("p", RATES)
def test_the_papers_gamma_is_right_to_first_order(p):
    # the union bound: the mean number of blocks on a unit is p, whatever their overlaps
    blocks = paper_gamma(p, 9, 4) * sum(reaching(9, 4)) ** 2
    assert blocks / 81 == p
    slope = mean_drop(gamma, reaching(9, 4)).diff(gamma).subs(gamma, 0)
    assert slope * paper_gamma(p, 9, 4) == p


@pytest.mark.parametrize("p", RATES)
@pytest.mark.parametrize("side", [1, 2, 7])
def test_one_seed_a_map_drops_it_with_probability_p(side, p):
    assert paper_gamma(p, side, side) == p
    assert mean_drop(p, reaching(side, side)) == p


@pytest.mark.parametrize(("side", "block"), [(5, 2), (14, 7), (4, 1)])
@pytest.mark.parametrize("p", RATES)
def test_the_matched_gamma_meets_the_rate(side, block, p):
    found = matched_gamma(p, side, block)
    assert math.isclose(mean_drop(found, reaching(side, block)), p, rel_tol=1e-12)
    assert found >= paper_gamma(p, side, block) - sp.Float("1e-14")


@pytest.mark.parametrize("block", [1, 2, 7])
@pytest.mark.parametrize("p", RATES)
def test_the_uniform_gamma_keeps_with_probability_k(block, p):
    assert sp.simplify((1 - uniform_gamma(p, block)) ** (block**2) - (1 - p)) == 0
