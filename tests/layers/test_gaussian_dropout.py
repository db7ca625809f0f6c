"""What `GaussianDropout` alone promises: normal noise, p below 1, NaN that stays."""

import math
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn
from torch.autograd.graph import saved_tensors_hooks

from dropoutbook import Dropout, GaussianDropout
from dropoutbook.layers.parts import random_normal
from tests.checks import assert_refused
from tests.layers import wrong_gaussian_dropout as wrong
from tests.layers.cases import CONTINUOUS, Case, every_dtype, every_p, reversed_strides
from tests.layers.rows import ROWS, Row
from tests.layers.test_law import check_variance
from tests.layers.wrong_gaussian_dropout import sigma
from tests.mutants import rejects, without_mutant

CASE = CONTINUOUS["GaussianDropout"]


def check_the_noise_is_normal(case: Case, p):
    # the distance of Kolmogorov and Smirnov, at the level of five standard errors
    z = (case.noise(p).flatten().numpy() - 1) / sigma(p)
    assert stats.kstest(z, "norm").pvalue > 2 * stats.norm.sf(5)


class ReplayedNormal:
    """Stands in for a NumPy generator and gives the normal draws of the seeded layer."""

    def standard_normal(self, shape):
        return random_normal.draw(shape, torch.Generator().manual_seed(0)).numpy()


def check_definition_on_the_same_draws(case: Case, p):
    x = case.input(batch=16)
    expected = torch.from_numpy(case.definition(x.numpy(), p, ReplayedNormal()))
    # the layer's noise is rounded to float32
    atol = 2**-22 * (1 + 6 * sigma(p)) * x.abs().max().item()
    torch.testing.assert_close(case.seeded(p)(x), expected, rtol=0, atol=atol)


def check_nan_and_infinity_spread(case: Case, p):
    x = case.input(batch=8)
    x[0], x[1] = math.nan, math.inf
    y = case.seeded(p)(x)
    assert y[0].isnan().all()
    assert y[1].isinf().all()
    assert y[2:].isfinite().all()


def check_the_noise_depends_on_seed_and_shape_only(case: Case, p):
    x = torch.ones(16, *case.example, dtype=torch.float64)
    noise = case.seeded(p)(x)
    assert torch.equal(case.seeded(p)(reversed_strides(x)), noise)
    for dtype in (torch.float16, torch.bfloat16, torch.float32):
        assert torch.equal(case.seeded(p)(x.to(dtype)), noise.to(dtype))


def check_backward_keeps_four_bytes_per_entry(case: Case, p):
    for dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
        x, saved = case.input(dtype=dtype).requires_grad_(), []

        def record(tensor, saved=saved):
            saved.append(tensor.numel() * tensor.element_size())
            return tensor

        with saved_tensors_hooks(record, lambda tensor: tensor):
            case.make(p)(x)
        assert sum(saved) <= 4 * x.numel(), f"{sum(saved)} bytes for {x.numel()} entries of {dtype}"


@every_p
@pytest.mark.parametrize(
    "check",
    [
        check_the_noise_is_normal,
        check_definition_on_the_same_draws,
        check_nan_and_infinity_spread,
        check_the_noise_depends_on_seed_and_shape_only,
        check_backward_keeps_four_bytes_per_entry,
    ],
)
def test_the_layer_passes(check, p):
    check(CASE, p)


MUTANTS = [
    (check_the_noise_is_normal, wrong.UniformWithTheMoments, 0.1),
    (check_the_noise_is_normal, wrong.BernoulliWithTheMoments, 0.5),
    (check_definition_on_the_same_draws, wrong.VarianceTakenForStandardDeviation, 0.1),
    (check_definition_on_the_same_draws, wrong.MeanZero, 0.1),
    (check_nan_and_infinity_spread, wrong.NaNBecomesZero, 0.1),
    (check_the_noise_depends_on_seed_and_shape_only, wrong.NoiseInTheDtypeOfTheInput, 0.1),
    (check_backward_keeps_four_bytes_per_entry, wrong.KeepsNoiseInFloat64, 0.1),
    (check_variance, wrong.VarianceTakenForStandardDeviation, 0.9),
    (check_variance, wrong.BernoulliVariance, 0.9),
    (check_variance, wrong.UniformFromZero, 0.9),
]
IN_THE_SUITE = [
    ("mean", wrong.MeanZero),
    ("mean", wrong.UniformFromZero),
    ("examples", wrong.OneDrawForTheBatch),
    ("calls", wrong.FrozenNoise),
    ("evaluation", wrong.NeverOff),
    ("mode", wrong.SwitchesItselfToTraining),
    ("generator", wrong.IgnoresItsGenerator),
]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda row: f"{row[0].__name__}-{row[1].__name__}")
def test_the_check_rejects(mutant):
    check, wrong_layer, p = mutant
    rejects(check, CASE, replace(CASE, make=wrong_layer), p)


def test_every_check_has_a_mutant():
    assert not without_mutant(sys.modules[__name__], (check.__name__ for check, *_ in MUTANTS))


@pytest.mark.parametrize(("name", "mutant"), IN_THE_SUITE)
def test_the_suite_rejects(name, mutant):
    row = ROWS["GaussianDropout"]
    rejects(Row.check, row, row._replace(make=mutant), name)


def test_a_variance_taken_for_a_standard_deviation_is_invisible_at_one_half():
    check_variance(replace(CASE, make=wrong.VarianceTakenForStandardDeviation), 0.5)


@pytest.mark.parametrize("p", [1, 1.0, np.float32(1), -0.1, 1.1, math.nan, math.inf])
def test_p_outside_the_half_open_interval_is_refused(p):
    words = ("p, a drop probability", "[0, 1)", repr(p))
    assert_refused(lambda: GaussianDropout(p), ValueError, *words)
    layer = GaussianDropout(0.25)
    assert_refused(lambda: setattr(layer, "p", p), ValueError, *words)
    assert layer.p == 0.25


@pytest.mark.parametrize("p", [True, "0.5", None, torch.tensor(0.5)])
def test_p_that_is_not_a_number_is_refused(p):
    assert_refused(lambda: GaussianDropout(p), TypeError, "p, a drop", "[0, 1)", repr(p))


@every_dtype
def test_the_largest_p_below_one_works(dtype):
    y = GaussianDropout(math.nextafter(1, 0))(torch.full((64,), 1e-9, dtype=dtype))
    assert y.dtype == dtype
    assert not y.isnan().any()


def test_a_checkpoint_of_dropout_loads():
    ours, theirs = (nn.Sequential(nn.Linear(2, 3), layer()) for layer in (GaussianDropout, Dropout))
    assert ours.load_state_dict(theirs.state_dict()) == ([], [])


def test_repr_says_p():
    assert repr(GaussianDropout(0.1)) == "GaussianDropout(p=0.1)"
