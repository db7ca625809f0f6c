"""WeightDrop: the law of the dropped weights, and that the module stays what it is."""

import copy
import math
import pickle
import warnings

import numpy as np
import pytest
import torch
from torch import Generator, nn
from torch.func import functional_call
from torch.nn.utils import prune
from torch.nn.utils.rnn import pack_sequence

from dropoutbook import WeightDrop, mc_dropout
from dropoutbook.layers.parts.mask import draw_keep
from dropoutbook.layers.weight_drop import weight_drop
from tests.checks import assert_mean, assert_rate, assert_refused, assert_uncorrelated
from tests.layers.cases import after_seed, every_p

RECURRENT = "weight_hh_l0"


class DropsInEvaluation(WeightDrop):
    def forward(self, *args, **kwargs):
        weights = {name: self.drop(self.module.get_parameter(name)) for name in self.names}
        return functional_call(self.module, weights, args, kwargs)


class NoRescale(WeightDrop):
    def drop(self, weight):
        return super().drop(weight) * (1 - self.p)


class KeepsWithProbabilityP(WeightDrop):
    def drop(self, weight):
        return weight * draw_keep(weight.shape, 1 - self.p, weight, self.generator) / (1 - self.p)


class DropsRows(WeightDrop):
    def drop(self, weight):
        keep = draw_keep((len(weight), 1), self.p, weight, self.generator)
        return weight * keep / (1 - self.p)


class OneMaskATimeStep(WeightDrop):
    def forward(self, input, hx=None):
        steps = []
        for step in input:
            output, hx = super().forward(step[None], hx)
            steps.append(output)
        return torch.cat(steps), hx


class RefusesKeywords(WeightDrop):
    def forward(self, *args):
        return super().forward(*args)


class OverwritesTheWeights(WeightDrop):
    def forward(self, *args, **kwargs):
        if self.training:
            for name in self.names:
                weight = self.module.get_parameter(name)
                weight.data = self.drop(weight).detach()
        return self.module(*args, **kwargs)


class DetachesTheWeights(WeightDrop):
    def drop(self, weight):
        return super().drop(weight.detach())


class CopiesShareWeights(WeightDrop):
    def __deepcopy__(self, memo):
        return type(self)(self.module, self.names, self.p, generator=self.generator)


class HidesTheModule(WeightDrop):
    def __init__(self, module, names, p=0.5, *, generator=None):
        super().__init__(module, names, p, generator=generator)
        del self._modules["module"]
        object.__setattr__(self, "module", module)


def seeded(make, module: nn.Module, names, p=0.3) -> WeightDrop:
    return make(module, names, p, generator=Generator().manual_seed(0))


def linear(make, p=0.3, size=256) -> WeightDrop:
    """Weights of one on the unit vectors: the output is the dropped weight, transposed."""
    module = nn.Linear(size, size, bias=False).double()
    nn.init.ones_(module.weight)
    return seeded(make, module, "weight", p)


def used_weight(layer: WeightDrop) -> torch.Tensor:
    """The weight that one forward pass uses."""
    return layer(torch.eye(layer.module.in_features, dtype=torch.float64)).T.detach()


def lstm(make, p=0.5, **options) -> WeightDrop:
    return seeded(make, after_seed(lambda: nn.LSTM(3, 5, **options)).double(), RECURRENT, p)


def sequence(time: int = 6, batch: int = 2) -> torch.Tensor:
    generator = Generator().manual_seed(1)
    return torch.randn(time, batch, 3, dtype=torch.float64, generator=generator)


def check_law(make, p):
    w = used_weight(linear(make, p))
    assert_rate(w == 0, p)
    assert_mean(w.flatten(), 1.0, p / (1 - p))
    for axis in range(2):
        first, second = w.narrow(axis, 0, 255), w.narrow(axis, 1, 255)
        assert_uncorrelated(first, second, 1.0, p / (1 - p))


class ReplayedMask:
    """Stands in for a NumPy generator and gives the uniforms of the seeded layer's mask."""

    def __init__(self, p: float):
        self.p = p

    def random(self, shape):
        keep = torch.rand(shape, generator=Generator().manual_seed(0)) >= self.p
        return np.where(keep.numpy(), np.nextafter(1, 0), 0.0)


def check_definition(make, p):
    layer = linear(make, p, size=8)
    nn.init.normal_(layer.module.weight, generator=Generator().manual_seed(1))
    expected = weight_drop(layer.module.weight.detach().numpy(), p, ReplayedMask(p))
    np.testing.assert_allclose(used_weight(layer).numpy(), expected, rtol=1e-12)


def check_evaluation_is_the_plain_module(make, p):
    layer, x = lstm(make, p).eval(), sequence()
    assert torch.equal(layer(x)[0], layer.module(x)[0])


def check_one_mask_serves_all_time_steps(make, p):
    layer, module = lstm(make, p), lstm(make, p).module
    weight = torch.from_numpy(
        weight_drop(module.weight_hh_l0.detach().numpy(), p, ReplayedMask(p)).copy()
    )
    expected = functional_call(module, {RECURRENT: weight}, sequence())[0]
    torch.testing.assert_close(layer(sequence())[0], expected, rtol=1e-12, atol=1e-12)


def check_arguments_are_passed_on(make, p):
    layer, x = lstm(make, p), sequence()
    state = (torch.ones(1, 2, 5, dtype=torch.float64),) * 2
    try:
        by_name = layer(input=x, hx=state)[0]
    except TypeError as error:
        raise AssertionError("keywords are refused") from error
    assert torch.equal(by_name, lstm(make, p)(x, state)[0])
    assert not torch.equal(by_name, lstm(make, p)(x)[0])


def check_parameters_are_left_alone(make, p):
    layer = lstm(make, p)
    before = copy.deepcopy(layer.module.state_dict())
    layer(sequence())
    assert list(layer.state_dict()) == list(before)
    for name, value in layer.module.state_dict().items():
        assert torch.equal(value, before[name]), name
    assert len(list(layer.parameters())) == 4
    assert not layer.eval().module.training


def check_gradients_reach_the_parameters(make, p):
    layer = linear(make, p)
    used = used_weight(linear(make, p))
    y = layer(torch.eye(256, dtype=torch.float64))
    assert y.requires_grad, "no gradient at all"
    (gradient,) = torch.autograd.grad(y.sum(), layer.module.weight)
    torch.testing.assert_close(gradient, used, rtol=1e-12, atol=0)


def check_copies_share_nothing(make, p):
    layer, x = lstm(make, p), sequence()
    for duplicate in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        expected = copy.deepcopy(layer)(x)[0]
        for parameter in duplicate.parameters():
            parameter.data.zero_()
        assert torch.equal(copy.deepcopy(layer)(x)[0], expected)
        assert torch.equal(duplicate(x)[0], torch.zeros_like(expected))


CHECKS = {name: check for name, check in globals().items() if name.startswith("check_")}
MUTANTS = [
    ("check_law", NoRescale),
    ("check_law", KeepsWithProbabilityP),
    ("check_law", DropsRows),
    ("check_definition", NoRescale),
    ("check_evaluation_is_the_plain_module", DropsInEvaluation),
    ("check_one_mask_serves_all_time_steps", OneMaskATimeStep),
    ("check_arguments_are_passed_on", RefusesKeywords),
    ("check_parameters_are_left_alone", OverwritesTheWeights),
    ("check_parameters_are_left_alone", HidesTheModule),
    ("check_gradients_reach_the_parameters", DetachesTheWeights),
    ("check_copies_share_nothing", CopiesShareWeights),
]


@every_p
@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_the_wrapper_passes(check, p):
    check(WeightDrop, p)


@pytest.mark.parametrize(("name", "mutant"), MUTANTS)
def test_the_check_rejects_the_mutant(name, mutant):
    with pytest.raises(AssertionError):
        CHECKS[name](mutant, 0.1)


def test_every_check_has_a_mutant():
    assert {name for name, _ in MUTANTS} == set(CHECKS)


def test_p_one_is_the_module_without_the_weights():
    layer = lstm(WeightDrop, 1.0)
    y = layer(sequence())[0]
    y.sum().backward()
    weight = layer.module.weight_hh_l0
    zeroed = functional_call(layer.module, {RECURRENT: torch.zeros_like(weight)}, sequence())[0]
    assert torch.equal(y, zeroed)
    assert torch.equal(weight.grad, torch.zeros_like(weight))


def test_a_dropped_nan_is_zero():
    layer = linear(WeightDrop, 0.5)
    nn.init.constant_(layer.module.weight, math.nan)
    kept = layer.drop(layer.module.weight)
    assert 0 < kept.isnan().double().mean() < 1
    assert torch.equal(kept[~kept.isnan()], torch.zeros_like(kept[~kept.isnan()]))


@pytest.mark.parametrize("options", [{"num_layers": 2, "bidirectional": True}, {"bias": False}])
def test_every_weight_of_an_lstm_can_be_dropped(options):
    module = nn.LSTM(3, 5, **options)
    names = [name for name, _ in module.named_parameters() if "weight_hh" in name]
    layer = seeded(WeightDrop, module, names, p=0.5)
    before = layer.eval()(sequence().float())[0]
    assert not torch.equal(layer.train()(sequence().float())[0], before)


class WarningLSTM(nn.LSTM):
    """Says on every machine what `nn.LSTM` says on CUDA, and one thing more."""

    def forward(self, *args, **kwargs):
        warnings.warn("RNN module weights are not part of single contiguous chunk", stacklevel=1)
        warnings.warn("something else", stacklevel=1)
        return super().forward(*args, **kwargs)


def test_the_warning_about_scattered_weights_is_silenced_and_no_other():
    layer = WeightDrop(WarningLSTM(3, 5), RECURRENT)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        layer(sequence().float())
    assert [str(warning.message) for warning in caught] == ["something else"]


def test_a_packed_sequence_passes():
    layer = lstm(WeightDrop)
    packed = pack_sequence([sequence(4)[:, 0], sequence(3)[:, 0]])
    assert layer(packed)[0].data.shape == (7, 5)


def test_names_reach_into_nested_modules():
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))
    layer = WeightDrop(model, ["0.weight", "2.weight"], p=1.0)
    assert torch.equal(layer(torch.ones(3, 4)), model[2].bias.expand(3, 2))


def test_mc_dropout_turns_it_on_and_leaves_the_module_in_evaluation():
    layer = lstm(WeightDrop).eval()
    with mc_dropout(layer):
        assert not torch.equal(layer(sequence())[0], layer(sequence())[0])
        assert not layer.module.training


def test_repr_names_the_weights():
    assert "names=('weight',), p=0.1" in repr(WeightDrop(nn.Linear(2, 3), "weight", p=0.1))


LINEAR = nn.Linear(2, 3)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((LINEAR, "weights"), ValueError, ("names", "['weight', 'bias']", "weights")),
        ((LINEAR, ["weight", "weight"]), ValueError, ("names", "once")),
        ((LINEAR, []), ValueError, ("names", "one or more")),
        ((LINEAR, [0]), TypeError, ("names", "[0]")),
        ((LINEAR, 5), TypeError, ("names", "5")),
        (("lstm", "weight"), TypeError, ("module", "torch.nn.Module", "str")),
    ],
)
def test_bad_arguments_are_refused(arguments, error, words):
    assert_refused(lambda: WeightDrop(*arguments), error, *words)


def nested(module: nn.Module) -> nn.Module:
    return nn.Sequential(nn.Linear(3, 3), module)


@pytest.mark.parametrize("around", [lambda module: module, nested])
def test_checkpoints_go_both_ways(around):
    plain = around(nn.LSTM(3, 5, 2))
    wrapped = around(WeightDrop(nn.LSTM(3, 5, 2), RECURRENT))
    assert wrapped.load_state_dict(plain.state_dict()) == ([], [])
    for ours, theirs in zip(wrapped.parameters(), plain.parameters(), strict=True):
        assert torch.equal(ours, theirs)
    assert around(nn.LSTM(3, 5, 2)).load_state_dict(wrapped.state_dict()) == ([], [])
    assert around(WeightDrop(nn.LSTM(3, 5, 2), RECURRENT)).load_state_dict(
        wrapped.state_dict()
    ) == ([], [])
    with pytest.raises(RuntimeError, match="Missing"):
        wrapped.load_state_dict({})


def test_checkpoints_with_the_name_of_the_module_load():
    plain = nn.LSTM(3, 5)
    old = {f"module.{name}": weight for name, weight in plain.state_dict().items()}
    wrapped = WeightDrop(nn.LSTM(3, 5), RECURRENT)
    assert wrapped.load_state_dict(old) == ([], [])
    assert torch.equal(wrapped.module.weight_hh_l0, plain.weight_hh_l0)


def test_attributes_of_the_module_can_be_read():
    module = nn.LSTM(3, 5)
    for layer in (WeightDrop(module, RECURRENT), copy.deepcopy(WeightDrop(module, RECURRENT))):
        assert layer.hidden_size == 5
        assert layer.weight_hh_l0 is layer.module.weight_hh_l0
        layer.flatten_parameters()
        assert layer.p == 0.5
        with pytest.raises(AttributeError, match="no_such_name"):
            layer.no_such_name  # noqa: B018
    with pytest.raises(AttributeError):
        WeightDrop.__new__(WeightDrop).module  # noqa: B018


def old_weight_norm(module: nn.Module) -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated
        return nn.utils.weight_norm(module)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: old_weight_norm(nn.Linear(4, 8)), ("weight_v", "weight normalization")),
        (
            lambda: nn.utils.parametrizations.weight_norm(nn.Linear(4, 8)),
            ("parametrizations.weight.original1", "parametrization"),
        ),
        (
            lambda: prune.random_unstructured(nn.Linear(4, 8), "weight", 0.5),
            ("weight_orig",),
        ),
        (lambda: nn.Embedding(9, 4, sparse=True), ("sparse=True", "dense")),
        (lambda: nn.LazyLinear(8), ("LazyLinear", "call the module once")),
    ],
)
def test_a_weight_that_cannot_be_dropped_is_refused(make, words):
    assert_refused(lambda: WeightDrop(make(), "weight"), ValueError, "names", "weight", *words)


def test_what_a_pruned_weight_is_made_of_can_be_dropped():
    module = prune.random_unstructured(nn.Linear(64, 64, bias=False), "weight", 0.5)
    pruned = module.weight_mask == 0
    used = WeightDrop(module, "weight_orig")(torch.eye(64)).T
    assert not used[pruned].any()
    assert_rate(used[~pruned] == 0, 0.5)


def test_a_tied_weight_is_dropped_in_both_places():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = nn.Linear(64, 64, bias=False), nn.Linear(64, 64, bias=False)
            self.second.weight = self.first.weight

        def forward(self, x):
            return self.first(x), self.second(x)

    first, second = WeightDrop(Tied(), "first.weight")(torch.eye(64))
    assert torch.equal(first, second)
    assert_rate(first == 0, 0.5)
