"""What `GaussianDropout` alone promises: normal noise, p below 1, NaN that stays."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn
from torch.autograd.graph import saved_tensors_hooks

from dropoutbook import Dropout, GaussianDropout
from tests.checks import assert_refused
from tests.layers.cases import CONTINUOUS, Case, every_dtype, every_p, reversed_strides
from tests.layers.rows import ROWS, Row
from tests.layers.test_law import check_variance
from tests.mutants import rejects, without_mutant

CASE = CONTINUOUS["GaussianDropout"]


def sigma(p: float) -> float:
    return math.sqrt(p / (1 - p))


class VarianceTakenForStandardDeviation(GaussianDropout):
    def drop(self, x):
        return x * (1 + self.p / (1 - self.p) * torch.randn(x.shape, generator=self.generator))


class BernoulliVariance(GaussianDropout):
    def drop(self, x):
        variance = self.p * (1 - self.p)
        return x * (1 + variance**0.5 * torch.randn(x.shape, generator=self.generator))


class MeanZero(GaussianDropout):
    def drop(self, x):
        return super().drop(x) - x


class UniformFromZero(GaussianDropout):
    def drop(self, x):
        return x * torch.rand(x.shape, generator=self.generator) * sigma(self.p)


class UniformWithTheMoments(GaussianDropout):
    def drop(self, x):
        uniform = torch.rand(x.shape, generator=self.generator) - 0.5
        return x * (1 + 12**0.5 * sigma(self.p) * uniform)


class BernoulliWithTheMoments(Dropout):
    pass


class OneDrawForTheBatch(GaussianDropout):
    def drop(self, x):
        return x * super().drop(torch.ones_like(x[:1]))


class FrozenNoise(GaussianDropout):
    def drop(self, x):
        torch.manual_seed(0)
        return super().drop(x)


class NeverOff(GaussianDropout):
    def forward(self, x):
        return self.drop(x)


class SwitchesItselfToTraining(GaussianDropout):
    def forward(self, x):
        return self.drop(x) if self.train() else x


class NoiseInTheDtypeOfTheInput(GaussianDropout):
    def drop(self, x):
        noise = torch.randn(x.shape, dtype=x.dtype, generator=self.generator)
        return x * (1 + sigma(self.p) * noise)


class NaNBecomesZero(GaussianDropout):
    def drop(self, x):
        return super().drop(x.nan_to_num(0.0))


class KeepsNoiseInFloat64(GaussianDropout):
    def drop(self, x):
        noise = torch.randn(x.shape, dtype=torch.float64, generator=self.generator)
        return (x * (1 + sigma(self.p) * noise)).to(x.dtype)


class IgnoresItsGenerator(GaussianDropout):
    def drop(self, x):
        return x * (1 + sigma(self.p) * torch.randn(x.shape))


def check_the_noise_is_normal(case: Case, p):
    # the distance of Kolmogorov and Smirnov, at the level of five standard errors
    z = (case.noise(p).flatten().numpy() - 1) / sigma(p)
    assert stats.kstest(z, "norm").pvalue > 2 * stats.norm.sf(5)


class ReplayedNormal:
    """Stands in for a NumPy generator and gives the normal draws of the seeded layer."""

    def standard_normal(self, shape):
        return torch.randn(shape, generator=torch.Generator().manual_seed(0)).numpy()


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


def check_backward_keeps_four_bytes_an_entry(case: Case, p):
    for dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
        x, saved = case.input(dtype=dtype).requires_grad_(), []

        def record(tensor, saved=saved):
            saved.append(tensor.numel() * tensor.element_size())
            return tensor

        with saved_tensors_hooks(record, lambda tensor: tensor):
            case.make(p)(x)
        assert sum(saved) <= 4 * x.numel(), f"{sum(saved)} bytes for {x.numel()} entries of {dtype}"


OWN = {
    name: check
    for name, check in globals().items()
    if name.startswith("check_") and check.__module__ == __name__
}
MUTANTS = [
    ("check_the_noise_is_normal", UniformWithTheMoments, 0.1),
    ("check_the_noise_is_normal", BernoulliWithTheMoments, 0.5),
    ("check_definition_on_the_same_draws", VarianceTakenForStandardDeviation, 0.1),
    ("check_definition_on_the_same_draws", MeanZero, 0.1),
    ("check_nan_and_infinity_spread", NaNBecomesZero, 0.1),
    ("check_the_noise_depends_on_seed_and_shape_only", NoiseInTheDtypeOfTheInput, 0.1),
    ("check_backward_keeps_four_bytes_an_entry", KeepsNoiseInFloat64, 0.1),
]
IN_THE_SUITE = [
    ("mean", MeanZero),
    ("mean", UniformFromZero),
    ("examples", OneDrawForTheBatch),
    ("calls", FrozenNoise),
    ("evaluation", NeverOff),
    ("mode", SwitchesItselfToTraining),
    ("generator", IgnoresItsGenerator),
]


@every_p
@pytest.mark.parametrize("check", OWN.values(), ids=OWN)
def test_the_layer_passes(check, p):
    check(CASE, p)


@pytest.mark.parametrize(("name", "mutant", "p"), MUTANTS)
def test_the_check_rejects_the_mutant(name, mutant, p):
    rejects(OWN[name], CASE, replace(CASE, make=mutant), p)


@pytest.mark.parametrize(("name", "mutant"), IN_THE_SUITE)
def test_the_suite_rejects_the_mutant(name, mutant):
    row = ROWS["GaussianDropout"]
    rejects(Row.check, row, row._replace(make=mutant), name)


@pytest.mark.parametrize(
    "mutant", [VarianceTakenForStandardDeviation, BernoulliVariance, UniformFromZero]
)
def test_another_variance_is_rejected(mutant):
    rejects(check_variance, CASE, replace(CASE, make=mutant), 0.9)


def test_every_check_of_its_own_has_a_mutant():
    assert not without_mutant(OWN, (name for name, *_ in MUTANTS))


def test_a_variance_taken_for_a_standard_deviation_is_invisible_at_one_half():
    check_variance(replace(CASE, make=VarianceTakenForStandardDeviation), 0.5)


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
