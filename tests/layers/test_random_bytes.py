"""Masks from random bytes: rate, places, neighbours, joint law, sizes; wrong ways are caught."""

import math
import sys

import pytest
import torch
from scipy import stats
from torch import Generator

from dropoutbook.layers.parts.random_bytes import SMALL, draw, hit, split
from tests.checks import (
    FALSE_ALARM,
    assert_independent_neighbours,
    assert_rate,
    assert_uncorrelated,
)
from tests.layers import wrong_masks as wrong
from tests.layers.wrong_masks import Draw
from tests.mutants import rejects, without_mutant

LARGE = 2**20
SIZES = [SMALL - 1, SMALL, SMALL + 1, SMALL + 7, 3 * SMALL + 5]
RATES = [1e-9, 1e-4, 0.003, 1 / 256, 0.1, 0.25, 0.3, 0.5, 0.7, 0.9, 255 / 256, 0.997, 0.9999]
every_rate = pytest.mark.parametrize("p", RATES)


def check_rate(draw: Draw, p: float) -> None:
    assert_rate(~draw((LARGE,), p, Generator().manual_seed(1)), p)


def check_every_place(draw: Draw, p: float) -> None:
    rng, repeats = Generator().manual_seed(2), 1000
    kept = sum(draw((SMALL,), p, rng).double() for _ in range(repeats))
    for counts in (kept, kept.view(-1, 8).sum(0)):  # each place, and each byte of a word
        draws = repeats * SMALL / len(counts)
        statistic = ((counts - draws * (1 - p)) ** 2 / (draws * p * (1 - p))).sum()
        pvalue = stats.chi2.sf(statistic.item(), len(counts))
        assert pvalue >= FALSE_ALARM, f"places have unequal rates: p-value {pvalue:.2g}"


def check_neighbours(draw: Draw, p: float) -> None:
    keep = draw((LARGE,), p, Generator().manual_seed(3))
    assert_independent_neighbours(keep.double(), 64, 1 - p, p * (1 - p))


def check_far_apart(draw: Draw, p: float) -> None:
    keep = draw((LARGE,), p, Generator().manual_seed(8)).double()
    for lag in (LARGE // k for k in (2, 3, 4, 8, 64)):
        assert_uncorrelated(keep[:-lag], keep[lag:], 1 - p, p * (1 - p))


def check_joint_law_of_three(draw: Draw, p: float) -> None:
    keep = draw((LARGE // 3, 3), p, Generator().manual_seed(4))
    patterns = torch.bincount(keep.long() @ torch.tensor([4, 2, 1]), minlength=8)
    ones = torch.tensor([pattern.bit_count() for pattern in range(8)], dtype=torch.float64)
    law = (1 - p) ** ones * p ** (3 - ones)
    pvalue = stats.chisquare(patterns.numpy(), len(keep) * law.numpy()).pvalue
    assert pvalue >= FALSE_ALARM, f"neighbours are dependent: p-value {pvalue:.2g}"


def check_calls_draw_anew(draw: Draw, p: float) -> None:
    rng = Generator().manual_seed(5)
    first, second = (draw((LARGE,), p, rng).double() for _ in range(2))
    pairs = torch.stack((first, second), -1)
    assert_independent_neighbours(pairs, 1, 1 - p, p * (1 - p))


LAW = [
    check_rate,
    check_every_place,
    check_neighbours,
    check_far_apart,
    check_joint_law_of_three,
    check_calls_draw_anew,
]


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("check", LAW)
def test_the_law(check, p):
    check(draw, p)


@every_rate
def test_the_rate(p):
    check_rate(draw, p)


@every_rate
def test_bytes_and_hits_make_up_the_rate(p):
    threshold, rate = split(p)
    assert 0 <= threshold <= 255
    assert rate >= 0
    assert (1 - threshold / 256) * math.exp(-rate) == pytest.approx(1 - p, rel=1e-13)


@pytest.mark.parametrize("p", [0.0, 1.0])
@pytest.mark.parametrize("size", SIZES)
def test_all_or_nothing(size, p):
    assert draw((size,), p, None).eq(p == 0).all()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("p", [0.1, 0.5])
def test_every_size(size, p):
    masks = torch.stack([draw((size,), p, None) for _ in range(64)])
    assert masks.dtype == torch.bool
    assert_rate(~masks, p)
    assert_rate(~masks[:, -8:], p)  # the last bytes are as good as the others
    assert draw((1, size, 1), p, None).shape == (1, size, 1)


def test_a_large_number_of_hits_is_not_rounded(monkeypatch):
    """Beyond 2**24 float32 has even numbers alone."""
    drawn, rng = [], Generator().manual_seed(9)
    nowhere = torch.zeros(0, dtype=torch.int64)
    with monkeypatch.context() as patch:
        patch.setattr(torch, "randint", lambda most, size, **_: drawn.append(*size) or nowhere)
        for _ in range(20):
            hit(torch.ones(4, dtype=torch.int8), 0, 2.0**24, rng)
    assert {hits % 2 for hits in drawn} == {0, 1}


def check_a_seed_repeats_the_mask(draw: Draw, p: float) -> None:
    """Its own generator's, and the global one's."""
    masks = [draw((LARGE,), p, Generator().manual_seed(seed)) for seed in (6, 6, 7)]
    assert masks[0].equal(masks[1])
    assert not masks[0].equal(masks[2])
    torch.manual_seed(6)
    assert draw((LARGE,), p, None).equal(masks[0])


@pytest.mark.parametrize("p", [0.1, 0.5])
def test_a_seed_repeats_the_mask(p):
    check_a_seed_repeats_the_mask(draw, p)


MUTANTS = [
    (check_rate, wrong.without_hits, 0.1),
    (check_rate, wrong.hits_as_many_as_the_rate_says, 0.995),
    (check_rate, wrong.keeps_with_probability_p, 0.1),
    (check_every_place, wrong.hits_the_front, 0.003),
    (check_every_place, wrong.leaves_out_the_sign_bit, 0.1),
    (check_neighbours, wrong.uses_each_byte_twice, 0.1),
    (check_joint_law_of_three, wrong.uses_each_byte_twice, 0.1),
    (check_far_apart, wrong.uses_each_bit_twice, 0.5),
    (check_calls_draw_anew, wrong.draws_the_same_again, 0.1),
    (check_a_seed_repeats_the_mask, wrong.ignores_its_generator, 0.1),
]


@pytest.mark.parametrize(("check", "mutant", "p"), MUTANTS)
def test_the_check_rejects(check, mutant, p):
    rejects(check, draw, mutant, p)


def test_every_check_has_a_mutant():
    assert not without_mutant(sys.modules[__name__], (check.__name__ for check, *_ in MUTANTS))
