"""The stacked network against one ordinary network a seed."""

from functools import partial

import pytest
import torch
from torch import nn
from torch.nn import functional

from dropoutbook import Dropout
from dropoutbook.lab.stacked_mlp import StackedMLP, percent_wrong

SEEDS = (3, 7)


def stacked(rates=(0.0, 0.0, 0.0), widths=(6, 5, 4, 3), **options):
    return StackedMLP(widths, rates, SEEDS, **options)


@pytest.fixture
def x():
    return torch.randn(2, 8, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def test_each_seed_is_an_ordinary_network(x):
    net = stacked().eval()
    for seed in range(2):
        h = x[seed]
        for layer, (weight, bias) in enumerate(zip(net.weights, net.biases, strict=True)):
            h = functional.linear(h, weight[seed].T, bias[seed, 0])
            h = h if layer == 2 else h.relu()
        torch.testing.assert_close(net(x)[seed], h)


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_output_takes_up_where_hidden_stops(x, layer):
    net = stacked().eval()
    torch.testing.assert_close(net.output(net.hidden(x, layer), layer), net(x))


def test_weights_of_a_seed_do_not_depend_on_the_other_seeds():
    alone = StackedMLP((6, 5, 4, 3), (0, 0, 0), SEEDS[1:])
    for weight, company in zip(alone.weights, stacked().weights, strict=True):
        assert torch.equal(weight[0], company[1])
        assert not torch.equal(company[0], company[1])


def test_initial_weights_have_variance_two_over_inputs():
    weight = StackedMLP((400, 500), (0,), SEEDS).weights[0].detach()
    n = weight.numel()
    # the sample variance of n normal draws has standard error variance * sqrt(2 / n)
    assert abs(weight.var().item() - 2 / 400) <= 5 * 2 / 400 * (2 / n) ** 0.5


def test_a_rate_acts_on_the_input_of_its_weight_layer(x):
    for layer in range(3):
        net = stacked(rates=[1.0 if index == layer else 0.0 for index in range(3)])
        gone = net.output(net.hidden(x, layer), layer)
        assert torch.equal(gone[:, :1].expand_as(gone), gone)  # no example can be told apart


def test_any_dropout_layer_will_do(x):
    net = stacked(rates=(0.0, 0.9, 0.0), dropout=partial(Dropout, rescale="test"))
    assert [layer.rescale for layer in net.dropouts] == ["test"] * 3
    full = stacked().eval()
    hidden = net.eval().hidden(x, 1)
    # zero biases, so scaling one layer's input scales the logits
    torch.testing.assert_close(net.output(hidden, 1), 0.1 * full(x))


def test_training_mode_draws_and_evaluation_does_not(x):
    net = stacked(rates=(0.0, 0.5, 0.5), generator=torch.Generator().manual_seed(1))
    assert not torch.equal(net(x), net(x))
    net.eval()
    assert torch.equal(net(x), net(x))


def test_dropout_is_drawn_anew_for_each_seed_and_example():
    net = StackedMLP((64, 3), (0.5,), SEEDS, generator=torch.Generator().manual_seed(1))
    masks = net.dropouts[0](torch.ones(2, 50, 64)).flatten(0, 1)
    assert len({tuple(mask.tolist()) for mask in masks}) == 100


def test_error_counts_wrong_predictions_in_percent(x):
    net = stacked().eval()
    y = net.predict(x)
    assert net.error(x, y).tolist() == [0, 0]
    y[1, :2] = (y[1, :2] + 1) % 3
    assert net.error(x, y).tolist() == [0, 25]


def test_percent_wrong_by_hand():
    assert percent_wrong(torch.tensor([[1, 2, 3, 4]]), torch.tensor([[1, 0, 3, 0]])).tolist() == [
        50
    ]


def test_rates_must_fit_the_widths():
    with pytest.raises(ValueError, match="rates must have 3 entries, got"):
        stacked(rates=(0.5,))


def test_dropout_layers_are_modules():
    assert all(isinstance(layer, nn.Module) for layer in stacked().dropouts)
