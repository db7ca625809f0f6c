"""`mc_dropout`: what is on inside, and that nothing is different afterwards."""

import inspect
import sys

import pytest
import torch
from torch import nn
from torch.nn import functional

import dropoutbook
from dropoutbook import Dropout, Standout, mc_dropout
from dropoutbook.layers.stochastic import Stochastic
from tests.checks import assert_refused
from tests.models import wrong_mc_dropout as wrong
from tests.models.wrong_mc_dropout import flags
from tests.mutants import rejects, without_mutant

ARGUMENTS = {
    "DropConnect": lambda layer: layer(4, 4),
    "MaxPoolDropout2d": lambda layer: layer(2),
    "Standout": lambda layer: layer(4, 4),
    "WeightDrop": lambda layer: layer(nn.Linear(4, 4), "weight"),
}
LAYERS = {
    name: value
    for name, value in vars(dropoutbook).items()
    if inspect.isclass(value) and issubclass(value, nn.Module)
}


def build(name: str) -> nn.Module:
    """A layer of the package with the rate it has by default."""
    recurrent = name.endswith("LSTM")
    make = ARGUMENTS.get(name, lambda layer: layer(4, 4) if recurrent else layer())
    return make(LAYERS[name])


def network() -> nn.Sequential:
    """Dropouts of both libraries around a batch normalization that has seen data."""
    net = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(0.3), Dropout(0.5))
    net(torch.randn(64, 4, generator=torch.Generator().manual_seed(0)) + 3)
    return net.eval()


def check_batch_normalization_stays_in_evaluation(context):
    for mode in (False, True):
        net = network().train(mode)
        before = net[1].running_mean.clone()
        with context(net):
            assert flags(net) == [False, False, False, True, True]
            net(torch.randn(64, 4))
        assert torch.equal(net[1].running_mean, before)


def check_flags_are_restored(context):
    net = network()
    net[2].train()  # a mixed state, not one that train() or eval() could make
    before = flags(net)
    with context(net):
        pass
    assert flags(net) == before


def check_flags_are_restored_after_an_exception(context):
    net = network()
    before = flags(net)
    with pytest.raises(ZeroDivisionError), context(net):
        raise ZeroDivisionError
    assert flags(net) == before


def check_only_the_flag_of_the_stochastic_module_moves(context):
    class Wrapper(Stochastic, nn.Module):
        p = 0.5

        def __init__(self):
            super().__init__()
            self.norm = nn.BatchNorm1d(4)

    wrapper = Wrapper().eval()
    with context(nn.Sequential(wrapper).eval()):
        assert wrapper.training
        assert not wrapper.norm.training


def check_nothing_to_turn_on_is_an_error(context):
    for model in (nn.Linear(2, 2), nn.Dropout(0.0), Dropout(0.0), nn.LSTM(2, 2, 2)):
        name = type(model).__name__
        assert_refused(lambda m=model: context(m).__enter__(), ValueError, "model", "p > 0", name)


def check_recurrent_and_attention_rates_are_found(context):
    x = torch.ones(1, 5, 4)
    for model in (
        nn.LSTM(4, 4, num_layers=2, dropout=0.5, batch_first=True),
        nn.GRU(4, 4, num_layers=2, dropout=0.5, batch_first=True),
        nn.RNN(4, 4, num_layers=2, dropout=0.5, batch_first=True),
        nn.MultiheadAttention(4, 2, dropout=0.5, batch_first=True),
        nn.TransformerEncoderLayer(4, 2, 8, dropout=0.5, batch_first=True),
        nn.TransformerEncoder(
            nn.TransformerEncoderLayer(4, 2, 8, dropout=0.5, batch_first=True), 2
        ),
    ):
        model.eval()
        with context(model), torch.no_grad():
            inputs = (x, x, x) if isinstance(model, nn.MultiheadAttention) else (x,)
            outputs = [model(*inputs) for _ in range(2)]
        first, second = (y if isinstance(y, torch.Tensor) else y[0] for y in outputs)
        assert not torch.equal(first, second), type(model).__name__


MUTANTS = [
    (check_batch_normalization_stays_in_evaluation, wrong.trains_everything),
    (check_flags_are_restored, wrong.restores_evaluation),
    (check_flags_are_restored_after_an_exception, wrong.forgets_exceptions),
    (check_only_the_flag_of_the_stochastic_module_moves, wrong.turns_on_recursively),
    (check_nothing_to_turn_on_is_an_error, wrong.accepts_anything),
    (check_recurrent_and_attention_rates_are_found, wrong.looks_for_dropout_layers_alone),
]


@pytest.mark.parametrize(("check", "mutant"), MUTANTS)
def test_the_check_rejects(check, mutant):
    rejects(check, mc_dropout, mutant)


def test_every_check_has_a_mutant():
    assert not without_mutant(sys.modules[__name__], (check.__name__ for check, _ in MUTANTS))


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_of_the_package_is_turned_on(name):
    """A layer that fails here is no `ActivationDropout` and does not carry `Stochastic`."""
    layer = build(name).eval()
    with mc_dropout(nn.Sequential(layer)):
        assert layer.training
    assert not layer.training


@pytest.mark.parametrize(
    "layer", [nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout]
)
def test_every_dropout_of_torch_is_turned_on(layer):
    module = layer(0.1).eval()
    with mc_dropout(module) as same:
        assert same is module
        assert module.training


def test_a_module_of_the_readers_own_can_be_marked():
    class Functional(Stochastic, nn.Module):
        p = 0.5

        def forward(self, x):
            return functional.dropout(x, self.p, self.training)

    model = nn.Sequential(Functional()).eval()
    x = torch.ones(99)
    assert torch.equal(model(x), x)
    with mc_dropout(model):
        assert not torch.equal(model(x), x)


def test_contexts_nest():
    net = network()
    with mc_dropout(net):
        with mc_dropout(net):
            pass
        assert net[3].training
    assert not net[3].training


@pytest.mark.parametrize("layers", [1, 2])
def test_a_variational_lstm_is_found_by_each_of_its_rates(layers):
    none = {"p_input": 0.0, "p_hidden": 0.0}
    silent = dropoutbook.VariationalLSTM(4, 4, layers, **none)
    assert_refused(lambda: mc_dropout(silent).__enter__(), ValueError, "model", "p > 0")
    with mc_dropout(nn.Sequential(silent, Dropout(0.5)).eval()):
        assert not silent.training
    for name in none:
        layer = dropoutbook.VariationalLSTM(4, 4, layers, **none | {name: 0.1}).eval()
        with mc_dropout(layer):
            assert layer.training


def test_a_rate_of_zero_beside_another_stays_off():
    net = nn.Sequential(Dropout(0.0), Standout(2, 2)).eval()
    with mc_dropout(net):
        assert flags(net) == [False, False, True]


@pytest.mark.parametrize("value", [None, "model", torch.relu, [nn.Dropout()]])
def test_something_else_is_refused(value):
    words = ("model", "torch.nn.Module", type(value).__name__)
    assert_refused(lambda: mc_dropout(value).__enter__(), TypeError, *words)


@pytest.mark.filterwarnings("ignore:dropout option adds dropout after all but last")
def test_a_recurrent_network_of_one_layer_has_nowhere_to_drop():
    with (
        pytest.raises(ValueError, match="must hold a dropout"),
        mc_dropout(nn.LSTM(3, 2, dropout=0.5)),
    ):
        pass
