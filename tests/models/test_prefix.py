"""The shortcut of `mc_predict` gives what a whole pass a sample gives, and is refused in traps."""

import inspect
from contextlib import suppress
from functools import partial, wraps
from itertools import product
from unittest.mock import patch

import numpy as np
import pytest
import torch
from torch import Generator, Tensor, nn
from torch.nn.modules import module as hooks

from dropoutbook import DropBlock, Dropout, Standout, WeightDrop, mc_dropout, mc_predict
from dropoutbook.models.mc_predict import forward_samples
from dropoutbook.models.parts import prefix
from dropoutbook.models.parts.seeded import seeded
from tests.mutants import rejects

X = torch.randn(5, 6, generator=Generator().manual_seed(1))


def seed() -> Generator:
    return Generator().manual_seed(0)


def fixed_weights(build):
    """`build` from seed 0, with the global generator put back."""

    @wraps(build)
    def built(*args, **options):
        with torch.random.fork_rng(devices=()):
            torch.manual_seed(0)
            return build(*args, **options)

    return built


@fixed_weights
def late(*first: nn.Module, dropout: nn.Module | None = None) -> nn.Sequential:
    """A network whose only dropout stands before its last layer."""
    prefix = first or (nn.Linear(6, 6), nn.BatchNorm1d(6), nn.Tanh())
    head = [dropout or Dropout(0.5), nn.Linear(6, 3)]
    return nn.Sequential(nn.Sequential(*prefix), nn.Identity(), *head).eval()


def by_definition(model, x, samples=6):
    with mc_dropout(model), torch.no_grad(), seeded(model, seed()):
        return forward_samples(model, x, samples)


def remaining(model, x=X) -> int:
    """How many modules are left to run for each sample."""
    with mc_dropout(model), torch.no_grad():
        return len(prefix.split(model, x)[1])


class Calls(nn.Module):
    """A module of the reader's own that counts its calls."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def forward(self, x):
        self.count += 1
        return x


class OwnNumPy(Calls):
    """A branch skipped one time in ten, by a generator that nobody else knows."""

    def forward(self, x):
        self.rng = getattr(self, "rng", None) or np.random.default_rng(0)
        return x * (self.rng.random() > 0.1)


class Functional(Calls):
    """Random in evaluation, by the global generator."""

    def forward(self, x):
        return nn.functional.dropout(x, 0.5)


class Pair(nn.Module):
    def forward(self, x):
        return x[0]


IMAGES = torch.randn(2, 3, 8, 8, generator=Generator().manual_seed(2))


@fixed_weights
def models() -> dict[str, tuple[nn.Module, Tensor, int]]:
    """A network, an input, and how many modules are left to run for each sample."""
    images = [nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.MaxPool2d(2)]
    return {
        "late": (late(), X, 2),
        "torch": (late(dropout=nn.Dropout(0.5)), X, 2),
        "in place": (late(dropout=Dropout(0.5, inplace=True)), X, 2),
        "in place, torch": (late(dropout=nn.Dropout(0.5, inplace=True)), X, 2),
        "identity": (late(nn.Identity()), X, 2),
        "identity, in place": (late(nn.Identity(), dropout=nn.Dropout(0.5, inplace=True)), X, 2),
        "first": (nn.Sequential(Dropout(0.5), nn.Linear(6, 3)).eval(), X, 2),
        "first, in place": (nn.Sequential(nn.Dropout(0.5, inplace=True)).eval(), X, 1),
        "overwrites": (late(nn.LeakyReLU(inplace=True)), X, 2),
        "rate 0": (late(nn.Dropout(0.0), nn.Linear(6, 6)), X, 2),
        "learned": (nn.Sequential(nn.Linear(6, 4), Standout(4, 2)).eval(), X, 1),
        "weights": (nn.Sequential(nn.ReLU(), WeightDrop(nn.Linear(6, 2), "weight")).eval(), X, 1),
        "two": (nn.Sequential(nn.ReLU(), Dropout(0.5), nn.Tanh(), nn.Dropout(0.2)).eval(), X, 3),
        "images": (nn.Sequential(*images, DropBlock(0.3, 2), nn.Flatten()).eval(), IMAGES, 2),
        "tuple": (nn.Sequential(nn.MaxPool1d(2, return_indices=True), Pair(), Dropout()), X, 3),
        "alone": (Dropout(0.5), X, 1),
    }


MODELS = models()


def check_it_is_the_definition_bit_for_bit(predict, name):
    model, x, rest = MODELS[name]
    kept = x.clone()
    found = predict(model, x, 6, generator=seed()).samples
    assert torch.equal(found, by_definition(model, x))
    assert torch.equal(x, kept)
    assert not torch.equal(found[0], found[1])
    assert remaining(model, x.clone()) == rest


@pytest.mark.parametrize("name", MODELS)
def test_it_is_the_definition_bit_for_bit(name):
    check_it_is_the_definition_bit_for_bit(mc_predict, name)


def takes_a_dropout_into_the_prefix(*arguments, **options):
    pure = prefix.is_deterministic
    with patch.object(prefix, "is_deterministic", lambda m: pure(m) or type(m) is Dropout):
        return mc_predict(*arguments, **options)


def lets_layers_overwrite_the_features(*arguments, **options):
    with patch("dropoutbook.models.mc_predict._copy", lambda input: input):
        return mc_predict(*arguments, **options)


@pytest.mark.parametrize(
    ("name", "mutant"),
    [
        ("late", takes_a_dropout_into_the_prefix),
        ("in place, torch", lets_layers_overwrite_the_features),
    ],
)
def test_the_check_rejects(name, mutant):
    rejects(check_it_is_the_definition_bit_for_bit, mc_predict, mutant, name)


@pytest.mark.parametrize("chunk", [1, 4, 6])
def test_chunks_keep_the_prefix_too(chunk):
    for name in ("late", "two", "images"):
        model, x, _ = MODELS[name]
        found = mc_predict(model, x, 6, chunk=chunk, generator=seed()).samples
        again = mc_predict(model, x, 6, chunk=chunk, generator=seed()).samples
        assert torch.equal(found, again)
        assert len({sample.numpy().tobytes() for sample in found}) == 6


def test_the_prefix_runs_once_and_the_rest_for_every_sample(monkeypatch):
    calls = {"prefix": 0, "rest": 0}
    model = late()

    def counted(name, forward):
        def call(self, x):
            calls[name] += 1
            return forward(self, x)

        return call

    monkeypatch.setattr(nn.Tanh, "forward", counted("prefix", nn.Tanh.forward))
    monkeypatch.setattr(Dropout, "forward", counted("rest", Dropout.forward))
    mc_predict(model, X, 9)
    assert calls == {"prefix": 1, "rest": 9}


@pytest.mark.parametrize("trap", [Calls, OwnNumPy, Functional])
def test_a_module_of_the_readers_own_runs_for_every_sample(trap):
    first, second = late(trap()), late(trap())
    second.load_state_dict(first.state_dict())
    found = mc_predict(first, X, 40, generator=seed()).samples
    assert torch.equal(found, by_definition(second, X, 40))
    assert first[0][0].count == second[0][0].count
    assert remaining(first) == 4


def test_a_generator_of_its_own_would_have_passed_a_trial():
    """Two equal passes are no proof: this module gives equal outputs ten times, then another."""
    trap = OwnNumPy()
    outputs = [trap(X) for _ in range(40)]
    same = [torch.equal(output, outputs[0]) for output in outputs]
    assert same[1]
    assert not all(same)


class Renamed(nn.Sequential):
    """Of the reader's own: what its forward does is not known."""


def altered(change, at):
    model = late()
    change(at(model))
    return model


def noise(*_):
    """A hook that lets everything pass, as far as anyone can tell from outside."""


ALTERATIONS = {
    "hook": lambda module: module.register_forward_hook(noise),
    "pre-hook": lambda module: module.register_forward_pre_hook(noise),
    "patch": lambda module: setattr(module, "forward", type(module).forward.__get__(module)),
}
PLACES = {
    "whole": (lambda model: model, 1),
    "nested": (lambda model: model[0], 4),
    "first": (lambda model: model[0][0], 6),
    "middle": (lambda model: model[0][1], 5),
}


@pytest.mark.parametrize("change", ALTERATIONS)
@pytest.mark.parametrize("place", PLACES)
def test_hooks_and_patches_end_the_prefix(change, place):
    at, rest = PLACES[place]
    model = altered(ALTERATIONS[change], at)
    assert remaining(late()) == 2
    assert remaining(model) == rest
    found = mc_predict(model, X, 6, generator=seed()).samples
    assert torch.equal(found, by_definition(model, X))


def test_a_hook_on_all_modules_ends_the_prefix():
    handle = hooks.register_module_forward_hook(noise)
    try:
        assert remaining(late()) == 1
    finally:
        handle.remove()
    assert remaining(late()) == 2


def test_other_modules_end_the_prefix():
    sequence = Renamed(nn.Linear(6, 6), Dropout(0.5))
    assert remaining(sequence.eval()) == 1
    assert remaining(late(nn.Sequential(Renamed(nn.ReLU())))) == 4
    parametrized = nn.utils.parametrizations.weight_norm(nn.Linear(6, 6))
    assert remaining(late(parametrized)) == 4
    assert remaining(nn.Sequential(nn.LSTM(6, 6), Pair(), Dropout(0.5)).eval()) == 3
    capped = nn.Sequential(nn.Embedding(9, 6, max_norm=1.0), Dropout(0.5))
    assert remaining(capped, torch.tensor([1, 2])) == 2
    pools = nn.Sequential(nn.FractionalMaxPool2d(2, output_size=4), Dropout(0.5)).eval()
    assert remaining(pools, IMAGES) == 2
    found = mc_predict(pools, IMAGES, 6, generator=seed()).samples
    assert torch.equal(found, by_definition(pools, IMAGES))


ARGUMENTS = [(), (2,), (4,), (4, 4), (4, 4, 1), (2, 1), (4, 4, 4), (2, 4)]
INPUTS = [torch.rand(4, *[4] * axes, generator=seed()) for axes in range(1, 5)]


def outputs_twice(kind) -> list | None:
    """Two outputs in evaluation for one input, the first that such a module takes."""
    for arguments, x in product(ARGUMENTS, INPUTS):
        with suppress(Exception):  # most arguments fit few classes
            module = kind(*arguments).eval()
            return [module(x.clone()) for _ in range(2)]
    return None


def test_the_modules_that_count_as_deterministic_are():
    kinds = {kind for kind in vars(nn).values() if inspect.isclass(kind)}
    counted = {k for k in kinds if k.__module__ in prefix.PURE and k not in prefix.RANDOM}
    pairs = {kind.__name__: outputs_twice(kind) for kind in counted}
    pairs = {name: pair for name, pair in pairs.items() if pair is not None}
    assert len(pairs) > 60
    assert [name for name, pair in pairs.items() if not torch.equal(*pair)] == []
    random = outputs_twice(partial(nn.FractionalMaxPool2d, 1, output_size=3))
    assert not torch.equal(*random)


def test_the_generators_are_left_as_the_definition_leaves_them():
    model = late()
    torch.manual_seed(0)
    mc_predict(model, X, 6)
    after = torch.get_rng_state()
    torch.manual_seed(0)
    with mc_dropout(model), torch.no_grad():
        forward_samples(model, X, 6)
    assert torch.equal(after, torch.get_rng_state())


def test_autocast_reaches_the_prefix():
    model = late()
    with torch.autocast("cpu", torch.bfloat16):
        found = mc_predict(model, X, 6, generator=seed()).samples
        expected = by_definition(model, X)
    assert found.dtype == torch.bfloat16
    assert torch.equal(found, expected)


def test_the_mode_is_restored_after_an_exception_in_the_prefix():
    model = late().train()
    with pytest.raises(RuntimeError):
        mc_predict(model, torch.ones(2, 5), 2)
    assert all(module.training for module in model.modules())
