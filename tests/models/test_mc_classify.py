"""`mc_classify`: probabilities are averaged, entropies are told apart, extremes are finite."""

import math
import sys
from functools import partial

import numpy as np
import pytest
import torch
from scipy.special import softmax
from scipy.stats import entropy
from torch import Generator, nn

from dropoutbook import Dropout, mc_classify
from dropoutbook.models.mc_classify import uncertainty
from tests.checks import assert_refused
from tests.models import wrong_mc_classify as wrong
from tests.models.wrong_mc_classify import Replay
from tests.mutants import rejects, without_mutant


def logits(*shape: int, scale: float = 3.0) -> torch.Tensor:
    return scale * torch.randn(shape, generator=Generator().manual_seed(0), dtype=torch.float64)


def classified(classify, values: torch.Tensor, **options):
    return classify(Replay(values), torch.zeros(1), len(values), **options)


def check_probabilities_are_averaged(classify):
    values = logits(6, 4, 5)
    expected = softmax(values.numpy(), axis=-1).mean(0)
    np.testing.assert_allclose(classified(classify, values).mean, expected, rtol=1e-13)


def check_entropies_are_those_of_scipy(classify):
    values = logits(6, 4, 5)
    p = softmax(values.numpy(), axis=-1)
    result = classified(classify, values)
    predictive, expected = entropy(p.mean(0), axis=-1), entropy(p, axis=-1).mean(0)
    np.testing.assert_allclose(result.predictive_entropy, predictive, rtol=1e-13)
    np.testing.assert_allclose(result.expected_entropy, expected, rtol=1e-13)
    np.testing.assert_allclose(result.mutual_information, predictive - expected, rtol=1e-12)


def check_certain_classes_have_entropy_zero(classify):
    values = torch.tensor([[[1e4, 0.0]], [[-1e4, 0.0]]])  # each sample certain, and they disagree
    result = classified(classify, values)
    for value, expected in zip(result[3:6], (math.log(2), 0.0, math.log(2)), strict=True):
        assert abs(value.item() - expected) < 1e-6


def check_agreement_has_no_mutual_information(classify):
    """Equal samples: rounding leaves differences of either sign, and none may be negative."""
    result = classified(classify, logits(1, 999, 7).float().expand(9, -1, -1))
    assert (result.mutual_information >= 0).all()
    assert (result.mutual_information < 1e-5).all()


MUTANTS = [
    (check_probabilities_are_averaged, wrong.averages_logits),
    (check_probabilities_are_averaged, wrong.takes_logits_for_probabilities),
    (check_entropies_are_those_of_scipy, wrong.swaps_entropies),
    (check_certain_classes_have_entropy_zero, wrong.multiplies_by_the_logarithm),
    (check_agreement_has_no_mutual_information, wrong.does_not_clamp),
]


@pytest.mark.parametrize(("check", "mutant"), MUTANTS)
def test_the_check_rejects(check, mutant):
    rejects(check, mc_classify, mutant)


def test_every_check_has_a_mutant():
    assert not without_mutant(sys.modules[__name__], (check.__name__ for check, _ in MUTANTS))


def test_the_function_is_its_definition():
    values = logits(6, 4, 5)
    expected = uncertainty(softmax(values.numpy(), axis=-1))
    for value, reference in zip(classified(mc_classify, values)[3:6], expected, strict=True):
        np.testing.assert_allclose(value, reference, rtol=1e-12)


@pytest.mark.parametrize(("dim", "shape"), [(0, (5, 3, 4)), (1, (2, 3, 4)), (-3, (2, 3, 4))])
def test_the_class_axis_of_images(dim, shape):
    values = logits(6, 2, 5, 3, 4)
    images = classified(mc_classify, values, dim=dim)
    last = classified(mc_classify, values.movedim(range(1, 5)[dim], -1))
    assert images.mean.shape == (2, 5, 3, 4)
    assert images.mutual_information.shape == shape
    torch.testing.assert_close(images.mutual_information, last.mutual_information)
    torch.testing.assert_close(images.predictive_entropy, last.predictive_entropy)
    torch.testing.assert_close(images.mean.movedim(dim, -1), last.mean)


def test_mutual_information_lies_between_zero_and_the_predictive_entropy():
    model = nn.Sequential(nn.Linear(3, 50), nn.ReLU(), Dropout(0.5), nn.Linear(50, 4)).eval()
    result = mc_classify(model, logits(200, 3).float(), 20, generator=Generator().manual_seed(0))
    assert (result.mutual_information > 0).all()
    assert (result.mutual_information <= result.predictive_entropy).all()
    assert not any(module.training for module in model.modules())


def test_half_precision_is_computed_in_float32():
    result = classified(mc_classify, logits(6, 4, 5).to(torch.float16))
    assert {value.dtype for value in result} == {torch.float32}


def test_nan_shows():
    values = torch.tensor([[[math.nan, 0.0], [1.0, 0.0]]] * 2)
    result = classified(mc_classify, values)
    for value in result[3:6]:
        assert value.isnan().tolist() == [True, False]


def test_the_variance_is_that_of_the_probabilities_without_bias():
    model = nn.Sequential(Dropout(0.5), nn.Linear(4, 3))
    found = mc_classify(model, torch.ones(2, 4), 5)
    torch.testing.assert_close(found.variance, found.samples.var(0, correction=1))


@pytest.mark.parametrize("dim", [2, 3, -3, -4])
@pytest.mark.parametrize("chunk", [None, 2])
def test_an_axis_that_the_logits_lack_is_refused_at_the_first_of_them(dim, chunk):
    passes = []
    model = nn.Sequential(Dropout(0.5), nn.Linear(4, 3))
    model[1].register_forward_hook(lambda *_: passes.append(1))
    words = ("dim must be in [-2, 1]", "(2, 3)", f"got {dim}")
    call = partial(mc_classify, model, torch.ones(2, 4), 100, dim=dim, chunk=chunk)
    assert_refused(call, ValueError, *words)
    assert len(passes) == 1


def test_logits_without_an_axis_are_refused():
    values = torch.tensor([1.0, 2.0])
    for dim in (-1, 0):
        call = partial(classified, mc_classify, values, dim=dim)
        assert_refused(call, ValueError, "dim must be in", "logits ()", f"got {dim}")


@pytest.mark.parametrize("dim", [None, 1.0, True, "1"])
def test_an_axis_that_is_no_integer_is_refused_before_any_pass(dim):
    model = nn.Sequential(Dropout(0.5))
    model[0].register_forward_hook(lambda *_: pytest.fail("a pass was made"))
    call = partial(mc_classify, model, torch.ones(2, 4), dim=dim)
    assert_refused(call, TypeError, "dim must be an integer", repr(dim))
