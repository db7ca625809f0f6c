"""`Standout`: the direction of the rule, its law, its evaluation, its gradients, its arguments."""

import math

import pytest
import torch
from torch import Generator, nn
from torch.autograd import gradcheck
from torch.autograd.graph import saved_tensors_hooks

from dropoutbook import Standout
from dropoutbook.layers.parts.activations import ACTIVATIONS
from dropoutbook.layers.parts.mask import draw_keep, select
from dropoutbook.layers.standout import standout
from tests.checks import assert_mean, assert_rate, assert_refused, assert_uncorrelated
from tests.layers.test_rules import ReplayedMask

BATCH = 40_000
every_activation = pytest.mark.parametrize("activation", ACTIVATIONS)


def seeded(cls=Standout, seed: int = 0, **options) -> Standout:
    """A layer of three inputs and two units, with fixed weights and a generator of its own."""
    layer = cls(3, 2, generator=Generator().manual_seed(seed), **options).double()
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[1.0, -2.0, 0.5], [0.3, 0.4, -1.0]]))
        layer.bias.copy_(torch.tensor([0.1, -0.2]))
    return layer


def inputs(batch: int = 64) -> torch.Tensor:
    return torch.randn(batch, 3, generator=Generator().manual_seed(1), dtype=torch.float64)


def check_rate_grows_with_the_pre_activation(cls):
    """P(keep) = sigmoid(alpha z + beta), at a z well below and at one well above 0."""
    layer = seeded(cls, alpha=1.5, beta=-0.3, activation="identity")
    for x in ([1.0, 0.5, 1.0], [-1.0, 0.6, 0.3], [1.0, -0.5, -1.0]):
        x = torch.tensor(x, dtype=torch.float64)
        z = nn.functional.linear(x, layer.weight, layer.bias)
        dropped = layer(x.expand(BATCH, 3)) == 0
        for unit in range(2):
            q = torch.sigmoid(1.5 * z[unit] - 0.3).item()
            assert_rate(dropped[:, unit], 1 - q)


def check_mean_over_masks_is_the_evaluation(cls):
    layer, x = seeded(cls, alpha=0.7, beta=0.4), torch.tensor([1.0, -0.5, 0.8]).double()
    draws, expected = layer(x.expand(BATCH, 3)), layer.eval()(x)
    active = torch.relu(nn.functional.linear(x, layer.weight, layer.bias))
    for unit in range(2):
        mean = expected[unit].item()
        assert_mean(draws[:, unit], mean, mean * (active[unit].item() - mean))


def check_evaluation_is_the_rule_without_noise(cls):
    layer, x = seeded(cls, alpha=0.7, beta=0.4).eval(), inputs()
    z = nn.functional.linear(x, layer.weight, layer.bias)
    torch.testing.assert_close(layer(x), torch.relu(z) / (1 + torch.exp(-0.7 * z - 0.4)))
    assert torch.equal(layer(x), layer(x))


def check_alpha_zero_is_dropout_at_the_rate_that_beta_gives(cls, p: float = 0.3):
    layer = seeded(cls, alpha=0.0, beta=math.log((1 - p) / p), activation="identity")
    assert_rate(layer(inputs(BATCH)) == 0, p)


def check_masks_are_fresh_and_private(cls):
    layer = seeded(cls, alpha=0.0, activation="identity")
    x = torch.ones(BATCH, 3, dtype=torch.float64)
    first, second = (layer(x) != 0 for _ in range(2))
    assert not torch.equal(first, second)
    for left, right in ((first, second), (first[:, 0], first[:, 1]), (first[1:], first[:-1])):
        assert_uncorrelated(left, right, 0.5, 0.25)


def check_training_gives_no_gradient_to_the_rule(cls):
    layer, x = seeded(cls, alpha=2.0, activation="identity"), inputs().requires_grad_()
    y = layer(x)
    (gradient,) = torch.autograd.grad(y.sum(), x)
    torch.testing.assert_close(gradient, (y != 0).double() @ layer.weight)


class Reversed(Standout):
    """Drops what it should keep: the rule as the source words it."""

    def drop_probability(self, z):
        return 1 - super().drop_probability(z)


class TakesBetaForTheDropProbability(Standout):
    """As a public port documents it: beta is the rate."""

    def drop_probability(self, z):
        return torch.full_like(z, 1 / (1 + math.exp(self.beta))).clamp(max=1) + 0.1


class IgnoresEvaluation(Standout):
    def forward(self, input):
        mode, self.training = self.training, True
        y = super().forward(input)
        self.training = mode
        return y


class EvaluatesWithTheDropProbability(Standout):
    def forward(self, input):
        y = super().forward(input)
        if self.training:
            return y
        z = nn.functional.linear(input, self.weight, self.bias)
        return torch.relu(z) * torch.sigmoid(-self.alpha * z - self.beta)


class EvaluatesWithOneRateForAll(Standout):
    def forward(self, input):
        if self.training:
            return super().forward(input)
        z = nn.functional.linear(input, self.weight, self.bias)
        return torch.relu(z) * torch.sigmoid(self.alpha * z + self.beta).mean(0)


class OneMaskForTheBatch(Standout):
    def drop(self, active, p):
        return select(active, draw_keep(active.shape[1:], 0.5, active, self.generator))

    def forward(self, input):
        z = nn.functional.linear(input, self.weight, self.bias)
        return self.drop(ACTIVATIONS[self.activation](z), self.drop_probability(z))


class DifferentiatesTheMean(Standout):
    """Straight through: the gradient of the evaluation rule, the values of a sample."""

    def forward(self, input):
        z = nn.functional.linear(input, self.weight, self.bias)
        mean = z * torch.sigmoid(self.alpha * z + self.beta)
        return super().forward(input).detach() + mean - mean.detach()


CHECKS = [
    (check_rate_grows_with_the_pre_activation, Reversed),
    (check_mean_over_masks_is_the_evaluation, Reversed),
    (check_mean_over_masks_is_the_evaluation, EvaluatesWithTheDropProbability),
    (check_evaluation_is_the_rule_without_noise, IgnoresEvaluation),
    (check_evaluation_is_the_rule_without_noise, EvaluatesWithTheDropProbability),
    (check_evaluation_is_the_rule_without_noise, EvaluatesWithOneRateForAll),
    (check_alpha_zero_is_dropout_at_the_rate_that_beta_gives, TakesBetaForTheDropProbability),
    (check_masks_are_fresh_and_private, OneMaskForTheBatch),
    (check_training_gives_no_gradient_to_the_rule, DifferentiatesTheMean),
]


@pytest.mark.parametrize(("check", "wrong"), CHECKS, ids=lambda part: part.__name__)
def test_the_check_rejects_the_wrong_layer_alone(check, wrong):
    check(Standout)
    with pytest.raises(AssertionError):
        check(wrong)


@pytest.mark.parametrize("p", [0.1, 0.9])
def test_beta_sets_the_drop_probability_where_alpha_is_zero(p):
    check_alpha_zero_is_dropout_at_the_rate_that_beta_gives(Standout, p)


@pytest.mark.parametrize("alpha", [-1.0, 0.0, 2.0])
def test_layer_is_its_definition_on_the_same_masks(alpha):
    layer, x = seeded(alpha=alpha, beta=0.5), inputs()
    y = layer(x).detach()
    z = nn.functional.linear(x, layer.weight, layer.bias).detach()
    expected = standout(z.numpy(), alpha, 0.5, ReplayedMask(y != 0))
    torch.testing.assert_close(y, torch.from_numpy(expected), rtol=1e-15, atol=0)


@every_activation
@pytest.mark.parametrize("training", [False, True])
def test_gradients_agree_with_finite_differences(activation, training):
    x, weight = inputs(2).requires_grad_(), seeded().weight.detach().requires_grad_()

    def run(x, weight):
        layer = seeded(alpha=0.5, activation=activation).train(training)
        return torch.func.functional_call(layer, {"weight": weight}, (x,))

    assert gradcheck(run, (x, weight), raise_exception=False)


def test_backward_keeps_one_byte_an_entry_for_the_mask():
    layer, x, kept = seeded(), inputs(), []
    with saved_tensors_hooks(lambda t: kept.append(t) or t, lambda t: t):
        layer(x)
    mask = [t for t in kept if t.shape == (64, 2) and not t.is_floating_point()]
    assert [t.element_size() for t in mask] == [1]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("training", [False, True])
def test_dtype_is_kept_and_masks_are_drawn_in_float32(dtype, training):
    layer = seeded(alpha=0.0, beta=math.log(999), activation="identity").to(dtype)
    layer.train(training)
    assert layer(inputs().to(dtype)).dtype == dtype
    if training:  # bfloat16 uniforms below 0.001 come three times too often
        assert_rate(layer(torch.ones(BATCH, 3, dtype=dtype)) == 0, 0.001)


@pytest.mark.parametrize("shape", [(3,), (0, 3), (2, 3), (2, 1, 4, 3)])
def test_every_rank_works(shape):
    for training in (True, False):
        y = seeded().train(training)(torch.ones(shape, dtype=torch.float64))
        assert y.shape == (*shape[:-1], 2)


def test_a_checkpoint_of_linear_loads_both_ways():
    ours, theirs = Standout(3, 2), nn.Linear(3, 2)
    assert ours.load_state_dict(theirs.state_dict()) == ([], [])
    assert theirs.load_state_dict(ours.state_dict()) == ([], [])
    assert Standout(3, 2, bias=False).bias is None


def test_nan_shows_and_infinity_follows_the_rule():
    layer = Standout(1, 1, bias=False, activation="identity")
    nn.init.ones_(layer.weight)
    for training in (True, False):
        assert layer.train(training)(torch.full((99, 1), math.nan)).isnan().all()
    layer.train()
    assert (layer(torch.full((99, 1), math.inf)) == math.inf).all()
    assert (layer(torch.full((99, 1), -math.inf)) == 0).all()


def test_autocast_runs_in_the_dtype_of_autocast():
    with torch.autocast("cpu", torch.bfloat16):
        assert Standout(3, 2)(torch.ones(4, 3)).dtype == torch.bfloat16


def test_repr_says_the_rule():
    text = "Standout(in_features=3, out_features=2, bias=True, "
    assert repr(Standout(3, 2)) == text + "alpha=1.0, beta=0.0, activation='relu')"


@pytest.mark.parametrize("name", ["alpha", "beta"])
def test_a_rule_that_is_not_finite_is_refused(name):
    for value in (math.nan, math.inf, -math.inf):
        assert_refused(lambda v=value: Standout(3, 2, **{name: v}), ValueError, name, str(value))
    for value in (True, "1", None, 1j):
        assert_refused(lambda v=value: Standout(3, 2, **{name: v}), TypeError, name, repr(value))


@pytest.mark.parametrize("name", ["in_features", "out_features"])
def test_a_size_out_of_range_is_refused(name):
    for value, error in ((0, ValueError), (-1, ValueError), (2.0, TypeError), (True, TypeError)):
        sizes = {"in_features": 3, "out_features": 2, name: value}
        assert_refused(lambda s=sizes: Standout(**s), error, name, "integer", repr(value))
    assert_refused(lambda: Standout(3, 2, bias=0), ValueError, "bias", "(False, True)", "0")


@pytest.mark.parametrize("value", ["softmax", None, 1, torch.relu])
def test_another_activation_is_refused(value):
    words = ("activation", "'relu'", repr(value))
    assert_refused(lambda: Standout(3, 2, activation=value), ValueError, *words)


@pytest.mark.parametrize("shape", [(), (2,), (3, 2)])
def test_another_width_is_refused(shape):
    words = ("input", "(*, 3)", str(shape))
    assert_refused(lambda: Standout(3, 2)(torch.ones(shape)), ValueError, *words)
