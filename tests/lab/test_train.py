"""Training many seeds at once, in pairs."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from dropoutbook.lab.data import noisy_digits
from dropoutbook.lab.train import cross_entropy, minibatches, train


@pytest.fixture(scope="module")
def digits():
    return noisy_digits([4, 9], train_size=60)


def seeded():
    return torch.Generator().manual_seed(0)


def test_a_minibatch_epoch_visits_every_example_once(digits):
    order = minibatches(digits, steps=6, batch=20)
    assert order.shape == (6, 2, 20)
    for seed in range(2):
        for epoch in (order[:3, seed], order[3:, seed]):
            assert sorted(epoch.flatten().tolist()) == list(range(60))


def test_seeds_and_epochs_are_shuffled_apart(digits):
    order = minibatches(digits, steps=2, batch=60)
    assert not torch.equal(order[0, 0], order[0, 1])
    assert not torch.equal(order[0, 0], order[1, 0])


def test_order_of_a_seed_does_not_depend_on_the_other_seeds(digits):
    alone = noisy_digits([9], train_size=60)
    assert torch.equal(minibatches(alone, 5, 20)[:, 0], minibatches(digits, 5, 20)[:, 1])


def test_stacked_training_is_ordinary_training_of_each_seed(digits):
    net = train(digits, hidden=(16,), steps=12, batch=20)
    start = train(digits, hidden=(16,), steps=1, batch=20, learning_rate=0.0)
    order = minibatches(digits, 12, 20)
    for seed in range(2):
        plain = nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 10)).double()
        with torch.no_grad():
            for layer, weight, bias in zip(plain[::2], start.weights, start.biases, strict=True):
                layer.weight.copy_(weight[seed].T)
                layer.bias.copy_(bias[seed, 0])
        optimizer = torch.optim.Adam(plain.parameters(), lr=3e-3)
        for rows in order[:, seed]:
            optimizer.zero_grad()
            logits = plain(digits.x_train[seed, rows])
            functional.cross_entropy(logits, digits.y_train[seed, rows]).backward()
            optimizer.step()
        expected = plain(digits.x_test[seed])
        torch.testing.assert_close(net(digits.x_test)[seed], expected, rtol=1e-8, atol=1e-10)


def test_training_learns(digits):
    net = train(digits, steps=100, batch=20)
    # ten balanced classes: guessing is wrong for 90 percent
    assert (net.error(digits.x_test, digits.y_test) < 45).all()


def test_arms_start_from_the_same_weights(digits):
    plain = train(digits, 0.0, steps=1, batch=20, learning_rate=0.0)
    dropped = train(digits, 0.9, steps=1, batch=20, learning_rate=0.0, generator=seeded())
    for weight, other in zip(plain.parameters(), dropped.parameters(), strict=True):
        assert torch.equal(weight, other)


def test_same_generator_same_network(digits):
    one, two = (train(digits, 0.5, steps=5, batch=20, generator=seeded()) for _ in range(2))
    assert torch.equal(one(digits.x_test), two(digits.x_test))


def test_dropout_is_on_while_training(digits):
    plain = train(digits, 0.0, steps=5, batch=20)
    dropped = train(digits, 0.5, steps=5, batch=20, generator=seeded())
    assert not torch.allclose(plain(digits.x_test), dropped(digits.x_test))


def test_rates_reach_their_layers(digits):
    net = train(digits, (0.1, 0.2), input_rate=0.3, steps=1, batch=20, generator=seeded())
    assert [layer.p for layer in net.dropouts] == [0.3, 0.1, 0.2]
    net = train(digits, 0.5, hidden=(8, 8, 8), steps=1, batch=20, generator=seeded())
    assert [layer.p for layer in net.dropouts] == [0, 0.5, 0.5, 0.5]


def test_training_returns_evaluation_mode(digits):
    net = train(digits, 0.5, steps=1, batch=20, generator=seeded())
    assert not any(module.training for module in net.modules())


def test_the_objective_is_what_falls(digits):
    def small_weights(net, x, y):
        return sum(weight.square().sum() for weight in net.weights)

    start, end = (
        train(digits, hidden=(8,), steps=n, batch=20, learning_rate=rate, objective=small_weights)
        for n, rate in ((1, 0.0), (60, 3e-3))
    )
    assert small_weights(end, None, None) < small_weights(start, None, None) / 2
    assert (end.error(digits.x_train, digits.y_train) > 45).all()  # nothing asks for the labels


def test_the_cross_entropy_adds_up_over_the_seeds(digits):
    net, (_, x, y, *_) = train(digits, hidden=(8,), steps=1, batch=20), digits
    alone = [functional.cross_entropy(net(x)[seed], y[seed]) for seed in range(2)]
    torch.testing.assert_close(cross_entropy(net, x, y), sum(alone))


def test_no_bar_is_written_to_a_file(digits, capfd):
    train(digits, steps=3, batch=20)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("batch", [0, 61, float("nan")])
def test_bad_batch_is_refused(digits, batch):
    with pytest.raises(ValueError, match=r"batch must be in \[1, 60\], got"):
        train(digits, batch=batch)


def test_bad_steps_are_refused(digits):
    with pytest.raises(ValueError, match="steps must be at least 1, got 0"):
        train(digits, steps=0, batch=20)


def test_bad_rates_are_refused(digits):
    with pytest.raises(ValueError, match=r"p, .*must be .*\[0, 1\], got nan"):
        train(digits, np.nan, steps=1, batch=20)
    with pytest.raises(ValueError, match="rates must have 3 entries"):
        train(digits, (0.5,), steps=1, batch=20)
