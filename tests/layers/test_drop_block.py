"""What `DropBlock` alone promises: the law of its blocks, borders, counts, arguments."""

import itertools
import math
import sys
from functools import partial
from unittest.mock import patch

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Generator

from dropoutbook import DropBlock
from dropoutbook.derive.drop_block import keep_probability, paper_gamma
from dropoutbook.layers import drop_block as module
from dropoutbook.layers.drop_block import drop_block
from dropoutbook.layers.parts.block_mask import kept_share
from tests.checks import ROUNDING, assert_mean, assert_refused, assert_uncorrelated
from tests.layers import wrong_drop_block as wrong
from tests.layers.cases import every_p
from tests.layers.rows import ROWS, Row
from tests.mutants import rejects, without_mutant

MAPS = 16384  # independent masks per check
every_marginal = pytest.mark.parametrize("marginal", ["uniform", "paper"])


def seeded(make, *arguments, **options) -> DropBlock:
    return make(*arguments, generator=Generator().manual_seed(0), **options)


def dropped(layer: DropBlock, *sides: int) -> torch.Tensor:
    """Independent masks, 1 = dropped: shape (MAPS, *sides), two channels per example."""
    y = layer(torch.ones(MAPS // 2, 2, *sides, dtype=torch.float64))
    return (y == 0).flatten(end_dim=1).double()


def check_every_unit_is_dropped_with_probability_p(make, p, block_size=3, sides=(5, 4)):
    assert_mean(dropped(seeded(make, p, block_size), *sides), p, p * (1 - p))


@every_p
@pytest.mark.parametrize("block_size", [2, 3, 9])  # even, odd, larger than the map
@pytest.mark.parametrize("sides", [(5,), (5, 4), (3, 2, 4)])
def test_every_unit_is_dropped_with_probability_p(p, block_size, sides):
    check_every_unit_is_dropped_with_probability_p(DropBlock, p, block_size, sides)


def check_units_depend_by_the_seeds_they_share(make, p, block_size=3):
    """P(both kept) = k**(2 - shared / b**2), for every offset; nothing is shared from b on."""
    keep = 1 - dropped(seeded(make, p, block_size), 5, 5)
    for down, right in itertools.product(range(5), repeat=2):
        both = keep[:, 0, 0] * keep[:, down, right]
        shared = max(block_size - down, 0) * max(block_size - right, 0)
        exact = (1 - p) ** (2 - shared / block_size**2)
        assert_mean(both, exact, exact * (1 - exact))


@every_p
@pytest.mark.parametrize("block_size", [2, 3])
def test_units_depend_by_the_seeds_they_share(p, block_size):
    check_units_depend_by_the_seeds_they_share(DropBlock, p, block_size)


def check_the_paper_drops_each_unit_at_its_exact_rate(make, p, side=6, block_size=3):
    layer = seeded(make, p, block_size, marginal="paper")
    drop = dropped(layer, side, side)
    gamma = float(paper_gamma(p, side, block_size))
    for x, y in itertools.product(range(side), repeat=2):
        exact = 1 - float(keep_probability(gamma, x, y, side, block_size))
        assert_mean(drop[:, x, y], exact, exact * (1 - exact))


@every_p
def test_the_paper_drops_each_unit_at_its_exact_rate(p):
    check_the_paper_drops_each_unit_at_its_exact_rate(DropBlock, p)


def check_channels_have_masks_of_their_own(make, p):
    y = seeded(make, p, 3)(torch.ones(MAPS, 2, 3, 3, dtype=torch.float64))
    unit = (y[:, :, 1, 1] == 0).double()
    assert_uncorrelated(unit[:, 0], unit[:, 1], p, p * (1 - p))


@every_p
def test_channels_have_masks_of_their_own(p):
    check_channels_have_masks_of_their_own(DropBlock, p)


def recorded_masks(layer, x: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """The output, and the seed masks that were drawn for it."""
    masks = []

    def record(*arguments):
        masks.append(draw(*arguments))
        return masks[-1]

    draw = module.draw_keep
    with patch.object(module, "draw_keep", record):
        return layer(x), masks


class ReplayedSeeds:
    def __init__(self, no_seed: torch.Tensor):
        self.no_seed = no_seed.numpy()

    def random(self, shape: tuple[int, ...]) -> np.ndarray:
        assert shape == self.no_seed.shape
        return np.where(self.no_seed, np.nextafter(1, 0), 0.0)


def check_the_layer_is_its_definition_on_the_same_seeds(make, p, block_size=3, sides=(5, 4)):
    x = torch.randn(4, 2, *sides, dtype=torch.float64)
    y, (no_seed,) = recorded_masks(seeded(make, p, block_size), x)
    expected = drop_block(x.numpy(), p, ReplayedSeeds(no_seed), block_size)
    torch.testing.assert_close(y, torch.from_numpy(expected), rtol=1e-15, atol=0)


@every_p
@pytest.mark.parametrize("block_size", [1, 2, 3, 6])
@pytest.mark.parametrize("sides", [(5,), (5, 4), (3, 2, 4)])
def test_the_layer_is_its_definition_on_the_same_seeds(p, block_size, sides):
    check_the_layer_is_its_definition_on_the_same_seeds(DropBlock, p, block_size, sides)


def check_all_seeds_together_have_the_exact_mean(make, p, block_size=2):
    n = 3 + block_size - 1
    no_seed = torch.tensor(list(itertools.product([False, True], repeat=n)))
    asked = []

    def enumerate_seeds(shape, gamma, like, generator):
        assert tuple(shape) == (2**n, 1, n)
        asked.append(gamma)
        return no_seed.view(shape)

    x = torch.tensor([[[1.5, -2.0, 3.0]]], dtype=torch.float64)
    with patch.object(module, "draw_keep", enumerate_seeds):
        y = make(p, block_size)(x.expand(2**n, 1, 3))
    (gamma,) = asked
    weight = torch.where(no_seed, no_seed.double() * (1 - gamma), gamma).prod(dim=1)
    torch.testing.assert_close(weight @ y.flatten(1), x.flatten(), rtol=1e-12, atol=0)


@every_p
@pytest.mark.parametrize("block_size", [2, 3])
def test_all_seeds_together_have_the_exact_mean(p, block_size):
    check_all_seeds_together_have_the_exact_mean(DropBlock, p, block_size)


def check_no_map_changes_its_size(make, marginal="uniform"):
    for block_size, sides in itertools.product(range(1, 9), [(8,), (8, 5), (2, 8, 3)]):
        x = torch.ones(2, 3, *sides)
        assert make(0.5, block_size, marginal=marginal)(x).shape == x.shape


@every_marginal
def test_no_map_changes_its_size(marginal):
    check_no_map_changes_its_size(DropBlock, marginal)


def check_the_paper_keeps_the_sum(make, dtype=torch.float16):
    """Of ones; in float16 there are more units than its largest number, 65504."""
    y = seeded(make, 0.1, 7, marginal="paper")(torch.ones(8, 32, 28, 28, dtype=dtype))
    mean = y.double().mean().item()
    limit = 2 * torch.finfo(dtype).eps + ROUNDING  # of the factor and of each quotient; of the mean
    assert math.isclose(mean, 1, rel_tol=limit)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_the_paper_keeps_the_sum(dtype):
    check_the_paper_keeps_the_sum(DropBlock, dtype)


def check_a_call_that_is_dropped_whole_is_zero(make):
    for p in (0.9, 1.0):  # a map of one block is dropped whole with probability p
        layer = seeded(make, p, 7, marginal="paper")
        for _ in range(32):
            x = torch.full((1, 1, 7, 7), math.nan, requires_grad=True)
            y = layer(x)
            (gradient,) = torch.autograd.grad(y.sum(), x)
            whole = torch.zeros_like(y) if (y == 0).any() else torch.full_like(y, math.nan)
            assert torch.equal(y.nan_to_num(7), whole.nan_to_num(7))
            assert torch.equal(gradient, (whole != 0).to(y.dtype))


def test_a_call_that_is_dropped_whole_is_zero():
    check_a_call_that_is_dropped_whole_is_zero(DropBlock)


@every_p
def test_a_block_larger_than_the_map_is_the_map_in_the_paper(p):
    drop = dropped(seeded(DropBlock, p, 9, marginal="paper"), 3, 4)
    assert torch.equal(drop, drop[:, :1, :1].expand_as(drop))
    assert_mean(drop[:, 0, 0], p, p * (1 - p))


@given(st.integers(max_value=0))
def test_a_block_size_below_one_is_refused(value):
    assert_refused(lambda: DropBlock(0.1, value), ValueError, "block_size", ">= 1", repr(value))


@given(st.floats() | st.text() | st.none() | st.booleans() | st.just((3, 3)))
def test_a_block_size_that_is_not_an_integer_is_refused(value):
    assert_refused(lambda: DropBlock(0.1, value), TypeError, "block_size", "integer", repr(value))


@given(st.text() | st.none() | st.booleans())
def test_another_marginal_is_refused(value):
    words = ("marginal", "('uniform', 'paper')", repr(value))
    assert_refused(lambda: DropBlock(marginal=value), ValueError, *words)


@given(st.text() | st.none() | st.integers())
def test_a_shared_that_is_not_a_bool_is_refused(value):
    assert_refused(lambda: DropBlock(shared=value), ValueError, "shared", repr(value))


@pytest.mark.parametrize("shape", [(), (3,), (3, 2), (2, 1, 1, 1, 1, 1)])
@pytest.mark.parametrize("training", [False, True])
def test_an_input_of_another_rank_is_refused(shape, training):
    layer, x = DropBlock(0.5).train(training), torch.ones(shape)
    assert_refused(lambda: layer(x), ValueError, "input", "(N, C, *)", str(shape))


def test_repr_says_everything():
    expected = "DropBlock(p=0.1, block_size=7, marginal='uniform', shared=False)"
    assert repr(DropBlock()) == expected


MUTANTS = [
    (check_every_unit_is_dropped_with_probability_p, wrong.GammaByTheUnionBound, 0.5),
    (check_every_unit_is_dropped_with_probability_p, wrong.KeepAndDropExchanged, 0.1),
    (check_every_unit_is_dropped_with_probability_p, wrong.SeedsOnTheMapOnly, 0.1),
    (check_units_depend_by_the_seeds_they_share, wrong.Elementwise, 0.5),
    (check_units_depend_by_the_seeds_they_share, wrong.WholeMaps, 0.5),
    (
        check_the_paper_drops_each_unit_at_its_exact_rate,
        wrong.BorderFactorWithoutValidRegion,
        0.1,
    ),
    (check_the_paper_drops_each_unit_at_its_exact_rate, wrong.GammaWithoutBorderFactor, 0.1),
    (check_channels_have_masks_of_their_own, wrong.OneMaskPerExample, 0.1),
    (check_the_layer_is_its_definition_on_the_same_seeds, wrong.MirroredBlocks, 0.5),
    (check_all_seeds_together_have_the_exact_mean, wrong.GammaByTheUnionBound, 0.5),
    (check_no_map_changes_its_size, wrong.PadsByHalfABlock),
    (check_the_paper_keeps_the_sum, wrong.CountsInTheDtypeOfTheInput),
    (check_a_call_that_is_dropped_whole_is_zero, wrong.DividesZeroByZero),
]
IN_THE_SUITE = [
    ("examples", wrong.OneMaskPerCall),
    ("calls", wrong.FrozenMask),
    ("mean", wrong.SeedsOnTheMapOnly),
]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda row: f"{row[0].__name__}-{row[1].__name__}")
def test_the_check_rejects(mutant):
    check, wrong_layer, *arguments = mutant
    rejects(check, DropBlock, wrong_layer, *arguments)


def test_every_check_has_a_mutant():
    assert not without_mutant(sys.modules[__name__], (check.__name__ for check, *_ in MUTANTS))


@pytest.mark.parametrize(("name", "mutant"), IN_THE_SUITE)
def test_the_suite_rejects(name, mutant):
    row = ROWS["DropBlock"]
    rejects(Row.check, row, row._replace(make=partial(mutant, block_size=3)), name)


@pytest.mark.parametrize(("kept", "share"), [(0, 1.0), (1, 0.25), (3, 0.75), (4, 1.0)])
def test_the_share_of_kept_units_is_one_where_there_is_none(kept, share):
    assert kept_share(torch.arange(4) < kept, torch.float32) == share
