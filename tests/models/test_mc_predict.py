"""`mc_predict`: closed forms of the linear model, fresh masks, seeds, chunks, arguments."""

import math
import sys
from functools import partial
from itertools import pairwise

import pytest
import torch
from torch import Generator, nn

from dropoutbook import DropBlock, Dropout, mc_dropout, mc_predict
from tests.checks import DEVICES, assert_mean, assert_rate, assert_refused, assert_uncorrelated
from tests.models import wrong_mc_predict as wrong
from tests.mutants import rejects, without_mutant

P, S = 0.3, 4000


def linear_model(dropout=Dropout) -> nn.Sequential:
    """y = sum_j w_j x_j keep_j / k: mean w.x and variance p/k sum_j (w_j x_j)**2, exactly."""
    model = nn.Sequential(dropout(P), nn.Linear(3, 1, bias=False)).double().eval()
    with torch.no_grad():
        model[1].weight.copy_(torch.tensor([[1.0, -2.0, 0.5]]))
    return model


X = torch.tensor([[1.0, 1.0, 1.0], [0.2, -0.5, 2.0]]).double()
TERMS = X * torch.tensor([1.0, -2.0, 0.5]).double()
MEAN = TERMS.sum(1, keepdim=True)
VARIANCE = P / (1 - P) * TERMS.square().sum(1, keepdim=True)
CUMULANT = P / (1 - P) ** 3 * (1 - 6 * P * (1 - P)) * (TERMS**4).sum(1, keepdim=True)
FOURTH = CUMULANT + 3 * VARIANCE**2  # central moment of one output


def seed(number: int = 0) -> Generator:
    return Generator().manual_seed(number)


def check_samples_have_the_moments_of_the_linear_model(predict):
    result = predict(linear_model(), X, S, generator=seed())
    assert result.samples.shape == (S, 2, 1)
    assert_mean((result.samples - MEAN) / VARIANCE.sqrt(), 0.0, 1.0)
    squares = (result.samples - MEAN) ** 2 - VARIANCE
    assert_mean(squares / (FOURTH - VARIANCE**2).sqrt(), 0.0, 1.0)
    torch.testing.assert_close(result.mean, result.samples.mean(0))


def check_variance_is_unbiased(predict):
    """From three samples: its own variance is FOURTH / 3; dividing by S would give two thirds."""
    model = linear_model()
    predictions = [predict(model, X, 3, generator=seed(number)) for number in range(800)]
    draws = torch.stack([prediction.variance for prediction in predictions])
    assert_mean((draws - VARIANCE) / (FOURTH / 3).sqrt(), 0.0, 1.0)


def check_every_sample_has_masks_of_its_own(predict):
    keep = predict(nn.Sequential(Dropout(P)).eval(), torch.ones(1, 50), S, generator=seed())
    flat = keep.samples.flatten() != 0
    assert_rate(~flat, P)
    assert_uncorrelated(flat[50:], flat[:-50], 1 - P, P * (1 - P))


def check_the_mode_is_restored(predict):
    model = linear_model().train()
    model[1].eval()
    predict(model, X, 2)
    assert [m.training for m in model.modules()] == [True, True, False]


def check_the_global_generator_is_put_back(predict):
    model = linear_model()
    before = torch.get_rng_state()
    predict(model, X, 2, generator=seed())
    assert torch.equal(torch.get_rng_state(), before)


def check_the_generator_decides_alone(predict):
    """Two libraries' dropouts, one with a generator of its own; another seed, other samples."""
    own = seed(7)
    model = nn.Sequential(nn.Dropout(P), Dropout(P, generator=own)).eval()
    before, x = own.get_state(), torch.ones(64)
    torch.manual_seed(1)
    first = predict(model, x, 4, generator=seed(0)).samples
    torch.manual_seed(2)
    second, other = (predict(model, x, 4, generator=seed(i)).samples for i in (0, 1))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
    assert model[1].generator is own
    assert torch.equal(own.get_state(), before)


MUTANTS = [
    (check_samples_have_the_moments_of_the_linear_model, wrong.samples_last),
    (check_samples_have_the_moments_of_the_linear_model, wrong.frozen),
    (check_variance_is_unbiased, wrong.divides_by_s),
    (check_variance_is_unbiased, wrong.never_drops),
    (check_every_sample_has_masks_of_its_own, wrong.frozen),
    (check_every_sample_has_masks_of_its_own, wrong.never_drops),
    (check_the_mode_is_restored, wrong.leaves_training_on),
    (check_the_global_generator_is_put_back, wrong.seeds_for_good),
    (check_the_generator_decides_alone, wrong.ignores_its_generator),
]


@pytest.mark.parametrize(("check", "mutant"), MUTANTS)
def test_the_check_rejects(check, mutant):
    rejects(check, mc_predict, mutant)


def test_every_check_has_a_mutant():
    assert not without_mutant(sys.modules[__name__], (check.__name__ for check, _ in MUTANTS))


@pytest.mark.parametrize("chunk", [1, 300, 5000])
def test_chunks_draw_from_the_same_law(chunk):
    chunked = partial(mc_predict, chunk=chunk)
    check_samples_have_the_moments_of_the_linear_model(chunked)
    check_the_mode_is_restored(chunked)
    check_the_generator_decides_alone(chunked)
    keep = chunked(nn.Sequential(DropBlock(P, 2)).eval(), torch.ones(1, 1, 4, 4), 9).samples
    assert keep.shape == (9, 1, 1, 4, 4)
    assert not torch.equal(keep[0], keep[1])


@pytest.mark.parametrize("chunk", [None, 5])
@pytest.mark.parametrize("device", DEVICES)
def test_attention_draws_for_each_sample(device, chunk):
    """A fused kernel, which only a GPU has, would draw one mask for a chunk of equal queries."""

    class Attention(nn.MultiheadAttention):
        def forward(self, x):
            fused.append(torch.backends.cuda.flash_sdp_enabled())
            return super().forward(x, x, x, need_weights=False)[0]

    fused: list[bool] = []
    model = Attention(4, 2, dropout=0.5, device=device)
    samples = mc_predict(model, torch.ones(6, 3, 4, device=device), 20, chunk=chunk).samples
    assert all(not torch.equal(one, other) for one, other in pairwise(samples))
    assert not any(fused) or chunk is None
    assert torch.backends.cuda.flash_sdp_enabled()


def test_a_recurrent_network_can_be_sampled():
    class Last(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(2, 3, num_layers=2, dropout=0.5)

        def forward(self, x):
            return self.lstm(x)[0][-1]

    result = mc_predict(Last().eval(), torch.ones(5, 4, 2), 8)
    assert result.samples.shape == (8, 4, 3)
    assert (result.variance > 0).all()


def test_no_gradient_is_kept_and_the_context_gives_one():
    model = linear_model()
    assert not mc_predict(model, X, 2).mean.requires_grad
    with mc_dropout(model):
        assert model(X).requires_grad


def test_half_precision_is_averaged_in_float32():
    result = mc_predict(linear_model().to(torch.bfloat16), X.to(torch.bfloat16), 100)
    assert result.samples.dtype == torch.bfloat16
    assert result.mean.dtype == result.variance.dtype == torch.float32
    torch.testing.assert_close(result.mean, result.samples.float().mean(0))


def test_the_mode_is_restored_after_an_exception():
    model = linear_model()
    with pytest.raises(RuntimeError):
        mc_predict(model, torch.ones(2, 5).double(), 2, generator=seed())
    assert not any(m.training for m in model.modules())
    assert model[0].generator is None


@pytest.mark.parametrize(("name", "least"), [("samples", 2), ("chunk", 1)])
def test_a_count_out_of_range_is_refused(name, least):
    for value in (least - 1, -3):
        words = (name, f">= {least}", repr(value))
        assert_refused(
            lambda v=value: mc_predict(linear_model(), X, **{name: v}), ValueError, *words
        )
    for value in (True, 2.0, "3", math.nan):
        words = (name, "integer", repr(value))
        assert_refused(
            lambda v=value: mc_predict(linear_model(), X, **{name: v}), TypeError, *words
        )


class Shrinking(nn.Dropout):
    """Its second output could be broadcast to the shape of its first."""

    rows = 3

    def forward(self, x):
        self.rows -= 1
        return super().forward(x[: self.rows])


def test_what_cannot_be_sampled_is_refused():
    assert_refused(lambda: mc_predict(nn.Linear(3, 1), X), ValueError, "model", "p > 0")
    assert_refused(lambda: mc_predict(torch.relu, X), TypeError, "model", "torch.nn.Module")
    lstm = nn.LSTM(3, 3, 2, dropout=0.5).double()
    assert_refused(lambda: mc_predict(lstm, X), TypeError, "model", "tensor", "tuple")
    assert_refused(lambda: mc_predict(Shrinking(), X), ValueError, "model", "(2, 3) and (1, 3)")
    call = partial(mc_predict, Shrinking(), {"x": X}, chunk=2)
    assert_refused(call, TypeError, "input", "tensor", "chunk", "dict")
    call = partial(mc_predict, linear_model(), X, generator=0)
    assert_refused(call, TypeError, "generator", "torch.Generator", "0")
