"""DropConnect: its law, its definition, its evaluation against all masks, its tensors."""

import copy
import itertools
import math
from unittest.mock import patch

import numpy as np
import pytest
import torch
from scipy import stats
from torch import Generator, nn
from torch.autograd import gradcheck
from torch.autograd.graph import saved_tensors_hooks
from torch.func import functional_call, grad
from torch.utils.checkpoint import checkpoint

from dropoutbook import DropConnect
from dropoutbook.derive import enumerate_expectation
from dropoutbook.layers.drop_connect import ACTIVATIONS, drop_connect
from dropoutbook.layers.parts import masked_linear
from tests.checks import assert_mean, assert_refused, assert_uncorrelated
from tests.layers import wrong_drop_connect as wrong
from tests.layers.cases import after_seed, every_p

IN, OUT, BATCH = 4, 3, 40_000
every_activation = pytest.mark.parametrize("activation", ACTIVATIONS)


def build(make=DropConnect, p=0.3, activation="identity", seed=0, **options) -> DropConnect:
    """A float64 layer with fixed parameters and a generator of its own."""
    layer = make(
        IN, OUT, p=p, activation=activation, generator=Generator().manual_seed(seed), **options
    ).double()
    for parameter in layer.parameters():
        nn.init.normal_(parameter, std=2.0, generator=Generator().manual_seed(2))
    return layer


def example(batch: int = 1) -> torch.Tensor:
    """One input, `batch` times."""
    return torch.tensor([[1.0, -2.0, 0.5, 3.0]], dtype=torch.float64).expand(batch, IN)


def contributions(layer: DropConnect) -> np.ndarray:
    """What each connection adds to u for `example()`, the bias last: (out, in + 1)."""
    products = layer.weight * example()
    return torch.cat([products, layer.bias[:, None]], dim=1).detach().numpy()


def standardized(layer: DropConnect, batch: int = BATCH) -> torch.Tensor:
    """u in training with the exact mean and variance taken out: (batch, out)."""
    added, pk = contributions(layer), layer.p * (1 - layer.p)
    mean, variance = (1 - layer.p) * added.sum(1), pk * (added**2).sum(1)
    u = layer(example(batch)).detach()
    return (u - torch.from_numpy(mean)) / torch.from_numpy(variance).sqrt()


def check_mean(make, p):
    assert_mean(standardized(build(make, p)), 0.0, 1.0)


def check_variance(make, p):
    layer, pk = build(make, p), p * (1 - p)
    added = contributions(layer)
    # the fourth cumulant of a Bernoulli variable is pk (1 - 6 pk), and cumulants add up
    fourth = 3 + (1 - 6 * pk) / pk * (added**4).sum(1) / (added**2).sum(1) ** 2
    for z, moment in zip(standardized(layer).T, fourth, strict=True):
        assert_mean(z**2, 1.0, moment - 1)


def check_units_have_their_own_masks(make, p):
    z = standardized(build(make, p))
    for i, j in itertools.combinations(range(OUT), 2):
        assert_uncorrelated(z[:, i], z[:, j], 0.0, 1.0)


class ReplayedMask:
    """Stands in for a NumPy generator and gives the uniforms of the masks of a seeded layer."""

    def __init__(self, p: float, batch: int):
        generator = Generator().manual_seed(0)
        weights = torch.rand(batch, OUT, IN, generator=generator) >= p
        biases = torch.rand(batch, OUT, generator=generator) >= p
        self.keep = torch.cat([weights, biases[..., None]], dim=-1).numpy()

    def random(self, shape):
        assert shape == self.keep.shape
        return np.where(self.keep, np.nextafter(1, 0), 0.0)


def check_definition(make, p):
    layer, v = build(make, p), torch.randn(16, IN, dtype=torch.float64)
    parameters = (parameter.detach().numpy() for parameter in layer.parameters())
    expected = drop_connect(v.numpy(), *parameters, p, ReplayedMask(p, 16))
    torch.testing.assert_close(layer(v).detach().numpy(), expected, rtol=1e-12, atol=1e-12)


def over_all_masks(layer: DropConnect, function=lambda u: u) -> np.ndarray:
    """The mean of function(u) for `example()`, exactly: shape (out,)."""
    keep = [1 - layer.p] * (IN + 1)
    return np.array(
        [enumerate_expectation(lambda m, a=a: function(m @ a), keep) for a in contributions(layer)]
    )


def normal_moments(layer: DropConnect) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of u for `example()`, by enumeration."""
    mean = over_all_masks(layer)
    return mean, np.sqrt(over_all_masks(layer, np.square) - mean**2)


def evaluated(layer: DropConnect) -> np.ndarray:
    return layer.eval()(example())[0].detach().numpy()


def check_closed_form(make, p):
    layer = build(make, p, "relu")
    mean, s = normal_moments(layer)
    expected = mean * stats.norm.cdf(mean / s) + s * stats.norm.pdf(mean / s)
    np.testing.assert_allclose(evaluated(layer), expected, rtol=1e-9)


def check_sampling(make, p, activation="relu", samples=50_000):
    layer = build(make, p, activation, samples=samples)

    quantiles = stats.norm.ppf((np.arange(200_000) + 0.5) / 200_000)
    for got, mean, s in zip(evaluated(layer), *normal_moments(layer), strict=True):
        a = ACTIVATIONS[activation](torch.from_numpy(mean + s * quantiles))
        off, error = got - a.mean().item(), a.std().item() / math.sqrt(samples)
        assert abs(off) <= 5 * error, f"off by {off:.2g}, s.e. {error:.2g}"


def check_gradients_without_variance(make, p):
    layer = build(make, p, "relu").eval()
    nn.init.zeros_(layer.bias)
    v = torch.zeros(2, IN, dtype=torch.float64, requires_grad=True)
    y = layer(v)
    gradients = torch.autograd.grad(y.sum(), [v, *layer.parameters()])
    assert torch.equal(y, torch.zeros_like(y))
    assert all(gradient.isfinite().all() for gradient in gradients)


def check_backward_keeps_no_masks(make, p):
    layer, saved = build(make, p), []

    def record(tensor):
        saved.append(tensor.numel() * tensor.element_size())
        return tensor

    with saved_tensors_hooks(record, lambda tensor: tensor):
        layer(example(64).clone().requires_grad_())
    inputs, parameters, bias_masks = 8 * 64 * IN, 8 * OUT * IN, 64 * OUT
    assert sum(saved) <= inputs + parameters + bias_masks


def check_chunks_and_the_definition_agree(make, p):
    v = torch.randn(8, IN, dtype=torch.float64, requires_grad=True)
    with patch.object(masked_linear, "CHUNK", 3 * IN * OUT):  # three chunks, the last one shorter
        in_chunks = value_and_gradients(build(make, p), v)
    with patch.object(masked_linear, "on_cpu", lambda _: False):
        at_once = value_and_gradients(build(DropConnect, p), v)
    for ours, expected in zip(in_chunks, at_once, strict=True):
        torch.testing.assert_close(ours, expected)


def value_and_gradients(layer: DropConnect, v: torch.Tensor) -> list[torch.Tensor]:
    y = layer(v)
    slopes = torch.linspace(1, 2, y.numel(), dtype=y.dtype).view_as(y)
    return [y, *torch.autograd.grad((slopes * y).sum(), [v, *layer.parameters()])]


def check_a_dropped_connection_carries_no_nan(make, p):
    layer, v = build(make, p), example(64).clone()
    v[:, 0] = math.nan
    dropped = ~torch.from_numpy(ReplayedMask(p, 64).keep[..., 0])
    assert torch.equal(layer(v).isfinite(), dropped)


def check_half_precision_rounds_once(make, p):
    layer = make(512, 8, p=p, activation="relu").eval()
    v = torch.randn(16, 512, generator=Generator().manual_seed(0)).bfloat16()
    y = layer.bfloat16()(v)
    torch.testing.assert_close(y.double(), layer.double()(v.double()), rtol=2**-8, atol=1e-6)


CHECKS = {name: check for name, check in globals().items() if name.startswith("check_")}
MUTANTS = [
    ("check_mean", wrong.KeepsWithProbabilityP),
    ("check_mean", wrong.RescalesInTraining),
    ("check_mean", wrong.BiasIsNotMasked),
    ("check_variance", wrong.RescalesInTraining),
    ("check_units_have_their_own_masks", wrong.DropsInputs),
    ("check_definition", wrong.BiasIsNotMasked),
    ("check_closed_form", wrong.ScalesTheWeights),
    ("check_closed_form", wrong.VarianceWithoutPK),
    ("check_closed_form", wrong.VarianceWithoutBias),
    ("check_closed_form", wrong.VarianceTakenForStandardDeviation),
    ("check_sampling", wrong.ActivationAfterAveraging),
    ("check_sampling", wrong.VarianceWithoutPK),
    ("check_gradients_without_variance", wrong.DividesByZeroVariance),
    ("check_backward_keeps_no_masks", wrong.KeepsMasks),
    ("check_chunks_and_the_definition_agree", wrong.DrawsOtherMasksInBackward),
    ("check_chunks_and_the_definition_agree", wrong.GradientWithoutMasks),
    ("check_a_dropped_connection_carries_no_nan", wrong.MultipliesByMask),
    ("check_half_precision_rounds_once", wrong.WorksInHalfPrecision),
]


@every_p
@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_the_layer_passes(check, p):
    check(DropConnect, p)


@pytest.mark.parametrize(("name", "mutant"), MUTANTS)
def test_the_check_rejects_the_mutant(name, mutant):
    with pytest.raises(AssertionError):
        CHECKS[name](mutant, 0.1)


def test_every_check_has_a_mutant():
    assert {name for name, _ in MUTANTS} == set(CHECKS)


@every_activation
def test_sampling_converges_for_every_activation(activation):
    check_sampling(DropConnect, 0.5, activation)


@every_p
def test_the_identity_evaluates_to_the_mean_over_all_masks(p):
    layer = build(p=p)
    np.testing.assert_allclose(evaluated(layer), over_all_masks(layer), rtol=1e-12)


@every_activation
@pytest.mark.parametrize("training", [False, True])
def test_p_zero_is_the_plain_layer(activation, training):
    layer = build(p=0.0, activation=activation).train(training)
    expected = ACTIVATIONS[activation](nn.Linear.forward(layer, example(5)))
    assert torch.equal(layer(example(5)), expected)


@every_activation
@pytest.mark.parametrize("training", [False, True])
def test_p_one_is_the_activation_of_zero(activation, training):
    layer, v = build(p=1.0, activation=activation).train(training), example(5).clone()
    y = layer(v.requires_grad_())
    assert torch.equal(y, ACTIVATIONS[activation](torch.zeros_like(y)))
    for gradient in torch.autograd.grad(y.sum(), [v, *layer.parameters()]):
        assert torch.equal(gradient, torch.zeros_like(gradient))


def test_it_starts_as_linear_and_shares_its_checkpoints():
    ours, theirs = after_seed(DropConnect, IN, OUT), after_seed(nn.Linear, IN, OUT)
    assert torch.equal(ours.weight, theirs.weight)
    assert torch.equal(ours.bias, theirs.bias)
    assert ours.load_state_dict(theirs.state_dict()) == ([], [])
    assert theirs.load_state_dict(ours.state_dict()) == ([], [])


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("shape", [(IN,), (0, IN), (2, 5, IN)], ids=str)
def test_every_shape_works(shape, training, bias):
    layer = build(bias=bias, activation="relu").train(training)
    assert layer(torch.ones(shape, dtype=torch.float64)).shape == (*shape[:-1], OUT)


@every_activation
@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("samples", [None, 3])
def test_gradients_agree_with_finite_differences(activation, training, samples):
    v = torch.randn(2, IN, dtype=torch.float64, generator=Generator().manual_seed(1))
    weight = torch.randn(OUT, IN, dtype=torch.float64, generator=Generator().manual_seed(2))

    def call(v, weight):
        layer = build(activation=activation, samples=samples).train(training)
        return functional_call(layer, {"weight": weight}, v)

    assert gradcheck(call, (v.requires_grad_(), weight.requires_grad_()), raise_exception=False)


@pytest.mark.parametrize("scale", [1e-30, 1e-20, 1e-10, 1.0, 1e10])
def test_closed_form_is_finite_at_every_scale(scale):
    layer = DropConnect(IN, OUT).eval()
    v = (scale * example(1).float()).requires_grad_()
    y = layer(v)
    gradients = torch.autograd.grad(y.sum(), [v, *layer.parameters()])
    assert all(value.isfinite().all() for value in (y, *gradients))
    assert (y >= 0).all()


def test_func_grad_of_the_parameters():
    layer, v = build(), example(8)
    parameters = dict(layer.named_parameters())
    twin = copy.deepcopy(layer)
    gradient = grad(lambda w: functional_call(twin, w, v).sum())(parameters)
    expected = torch.autograd.grad(layer(v).sum(), layer.parameters())
    for ours, theirs in zip(gradient.values(), expected, strict=True):
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("p", [0.0, 0.5])
def test_it_runs_without_memory_and_in_half_precision(training, p):
    for options in ({"device": "meta"}, {"dtype": torch.float16}):
        layer = DropConnect(4, 3, p=p, **options).train(training)
        y = layer(torch.ones(5, 4, **options))
        assert (y.shape, y.device, y.dtype) == ((5, 3), layer.weight.device, layer.weight.dtype)


def test_repr_says_what_differs_from_linear():
    shape = "in_features=4, out_features=3, bias=True"
    assert repr(DropConnect(4, 3)) == f"DropConnect({shape}, p=0.5, activation='relu')"
    assert "samples=7" in repr(DropConnect(4, 3, samples=7))


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"in_features": 0}, ValueError, ("in_features", ">= 1", "0")),
        ({"out_features": 2.0}, TypeError, ("out_features", "integer", "2.0")),
        ({"bias": 1}, ValueError, ("bias", "(False, True)", "1")),
        ({"activation": "gelu"}, ValueError, ("activation", "'relu'", "gelu")),
        ({"activation": torch.relu}, ValueError, ("activation", "'relu'")),
        ({"samples": 0}, ValueError, ("samples", ">= 1", "0")),
        ({"samples": True}, TypeError, ("samples", "integer", "True")),
    ],
)
def test_bad_arguments_are_refused(arguments, error, words):
    assert_refused(
        lambda: DropConnect(**({"in_features": 4, "out_features": 3} | arguments)), error, *words
    )


@pytest.mark.parametrize("shape", [(), (3,), (4, 5)], ids=str)
def test_an_input_of_another_length_is_refused(shape):
    words = ("input", "(*, 4)", str(shape))
    assert_refused(lambda: DropConnect(4, 3)(torch.ones(shape)), ValueError, *words)


def test_masks_of_weights_alone_are_not_recomputed_from_a_generator_that_went_on():
    layer = DropConnect(3, 4, bias=False, generator=Generator().manual_seed(0))
    y = checkpoint(layer, torch.ones(2, 3, requires_grad=True), use_reentrant=False)
    assert_refused(y.sum().backward, RuntimeError, "generator", "checkpoint")
