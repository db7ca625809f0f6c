"""The descent that all studies share: it learns, it repeats, and arms of a seed start alike."""

import pytest
import torch
from torch import nn

from dropoutbook import Dropout
from studies.data import Split, images, split
from studies.descent import classify, initialize, masks, optimizer, reading_steps, scores

SHORT = {"seed": 0, "steps": 200, "batch": 20, "learning_rate": 3e-3}


def network(p=0.0, generator=None):
    drop = Dropout(p, generator=generator)
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 16), nn.ReLU(), drop, nn.Linear(16, 10))


def trained(p=0.0, seed=0, **options):
    net = network(p, masks(seed))
    initialize(net, seed)
    return classify(net, split("made", 200, 100, seed), **SHORT | {"seed": seed} | options)


def test_a_training_repeats_bit_by_bit_and_learns():
    first, again = trained(), trained()
    del first["seconds"], again["seconds"]
    assert first == again
    assert first["test_error"][-1] < 70 < first["test_error"][0]  # chance: 90
    assert first["train_nll"][-1] < 1.5 < first["train_nll"][0]


def test_masks_change_with_the_seed_and_the_rate_only():
    assert trained()["train_nll"] != trained(p=0.3)["train_nll"]
    assert not torch.equal(torch.rand(3, generator=masks(0)), torch.rand(3, generator=masks(1)))


def test_arms_of_a_seed_start_alike_and_seeds_do_not():
    nets = [network(), network(0.5, masks(0)), network()]
    for net, seed in zip(nets, (0, 0, 1), strict=True):
        initialize(net, seed)
    one, same, other = (net[1].weight for net in nets)
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert one.std().item() == pytest.approx((2 / 784) ** 0.5, rel=0.05)
    assert not nets[0][1].bias.any()


def test_the_rate_rises_and_falls_to_zero():
    adam, rate = optimizer(network(), 100, 1.0, 0.0)
    seen = []
    for _ in range(100):
        seen.append(rate.get_last_lr()[0])
        adam.step()
        rate.step()
    assert seen[0] < seen[4] == max(seen)
    assert seen[5:] == pytest.approx([1 - step / 100 for step in range(5, 100)])
    assert rate.get_last_lr() == [0]


def test_weight_decay_shrinks():
    assert trained(weight_decay=30.0)["train_nll"][-1] > trained()["train_nll"][-1]


def test_readings_end_with_the_last_step():
    assert reading_steps(1000) == [20, 40, 70, 100, 150, 200, 300, 400, 550, 700, 850, 1000]
    assert reading_steps(3) == [1, 2, 3]


def test_scores_are_those_of_evaluation():
    net, x = network(0.5), torch.rand(30, 1, 28, 28)
    y = net.eval()(x).argmax(1)
    assert scores(net.train(), (x, y))["error"] == 0
    assert scores(net, (x, (y + 1) % 10))["error"] == 100


def test_a_split_uses_no_image_twice_and_never_trains_on_what_it_tests():
    data = images("made")
    parts: Split = split("made", 300, 100, seed=3)
    rows = torch.cat([parts.train[0], parts.choice[0]]).flatten(1)
    assert len(rows.unique(dim=0)) == 400 == len(data.x_train.flatten(1).unique(dim=0))
    assert torch.equal(parts.test[0], data.x_test)
    assert not torch.equal(parts.train[1], split("made", 300, 100, seed=4).train[1])
    with pytest.raises(ValueError, match=r"size \+ choice must be at most 400, got 300 \+ 101"):
        split("made", 300, 101, seed=0)


def test_every_step_is_announced():
    calls = []
    trained(after_step=lambda: calls.append(1))
    assert len(calls) == SHORT["steps"]
