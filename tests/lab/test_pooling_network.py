"""The stacked pooling networks: each seed is a network of its own, whatever the others are."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from dropoutbook import MaxPoolDropout2d
from dropoutbook.lab.data import noisy_digits
from dropoutbook.lab.pooling_network import StackedPoolingNetwork
from dropoutbook.lab.train import fit


@pytest.fixture
def data():
    return noisy_digits((3, 5), train_size=100)


def test_a_seed_is_an_ordinary_network(data):
    net = StackedPoolingNetwork(data.seeds, nn.MaxPool2d(2))
    x, (first, second) = data.x_test[1, :7], (weight.chunk(2)[1] for weight in net.filters)
    h = functional.max_pool2d(functional.conv2d(x.view(-1, 1, 8, 8), first, padding=1).relu(), 2)
    h = functional.max_pool2d(functional.conv2d(h, second, padding=1).relu(), 2)
    expected = h.flatten(1) @ net.readout[1]
    torch.testing.assert_close(net(data.x_test[:, :7])[1], expected, rtol=1e-12, atol=1e-12)


def test_a_seed_depends_neither_on_the_others_nor_on_the_pooling():
    alone = StackedPoolingNetwork((5,), nn.MaxPool2d(2))
    among = StackedPoolingNetwork((3, 5, 7), MaxPoolDropout2d(2))
    for weights, others in zip(alone.filters, among.filters, strict=True):
        assert torch.equal(weights, others.chunk(3)[1])
    assert torch.equal(alone.readout[0], among.readout[1])
    assert not torch.equal(among.readout[0], among.readout[1])


def test_a_seed_trains_alone_as_among_others(data):
    both = StackedPoolingNetwork(data.seeds, nn.MaxPool2d(2))
    fit(both, data, steps=5, batch=20)
    single = noisy_digits((5,), train_size=100)
    alone = fit(StackedPoolingNetwork((5,), nn.MaxPool2d(2)), single, steps=5, batch=20)
    torch.testing.assert_close(alone(single.x_test)[0], both(data.x_test)[1], rtol=1e-9, atol=1e-9)


def test_it_learns(data):
    net = StackedPoolingNetwork(data.seeds, MaxPoolDropout2d(2, p=0.1))
    wrong = (fit(net, data, steps=150, batch=50)(data.x_test).argmax(-1) != data.y_test).double()
    assert not net.training
    assert wrong.mean(1).max() < 0.25  # guessing is 0.9
