"""Readings on the way against networks trained apart, and what a validation set chooses."""

import pytest
import torch
from torch.nn import functional

from dropoutbook.lab.data import noisy_digits
from dropoutbook.lab.learning_curve import LearningCurve, hold_out, learning_curve
from dropoutbook.lab.train import train

STEPS = (12, 3)
SETTINGS = {"hidden": (16,), "input_rate": 0.1}


@pytest.fixture(scope="module")
def split():
    return hold_out(noisy_digits([4, 9], train_size=60, label_noise=0.3), 20)


def seeded():
    return torch.Generator().manual_seed(0)


@pytest.fixture(scope="module")
def curve(split):
    data, held = split
    return learning_curve(data, 0.5, held, STEPS, batch=20, generator=seeded(), **SETTINGS)


def test_the_validation_set_is_taken_from_the_end(split):
    whole, (data, held) = noisy_digits([4, 9], train_size=60, label_noise=0.3), split
    assert data.x_train.shape == (2, 40, 64)
    for part, name in zip(held, ("x_train", "y_train"), strict=True):
        joined = torch.cat([getattr(data, name), part], dim=1)
        assert torch.equal(joined, getattr(whole, name))
    assert torch.equal(data.wrong, whole.wrong[:, :40])
    assert torch.equal(data.x_test, whole.x_test)


@pytest.mark.parametrize("size", [0, 60, -1, 2.5])
def test_a_side_without_images_is_refused(size):
    with pytest.raises(ValueError, match=r"size must be an integer in \[1, 59\], got"):
        hold_out(noisy_digits([4], train_size=60), size)


def test_readings_are_those_of_a_network_trained_that_long(split, curve):
    data, held = split
    assert curve.steps == sorted(STEPS)
    for steps in STEPS:
        net = train(data, 0.5, steps=steps, batch=20, generator=seeded(), **SETTINGS)
        hit = net.predict(data.x_train) == data.y_train
        nll = [
            torch.stack([functional.cross_entropy(*seed) for seed in zip(net(x), y, strict=True)])
            for x, y in ((data.x_test, data.y_test), held)
        ]
        expected = {
            "error": net.error(data.x_test, data.y_test),
            "nll": nll[0],
            "memorized": torch.stack(
                [100 * h[w].double().mean() for h, w in zip(hit, data.wrong, strict=True)]
            ),
            "learned": torch.stack(
                [100 * h[~w].double().mean() for h, w in zip(hit, data.wrong, strict=True)]
            ),
            "validation_error": net.error(*held),
            "validation_nll": nll[1],
        }
        for reading, value in expected.items():
            torch.testing.assert_close(curve.at(steps, reading), value, rtol=1e-12, atol=0)


def test_the_validation_set_chooses_for_each_seed():
    stages = torch.tensor([[3.0, 1.0], [2.0, 2.0], [4.0, 3.0]])  # lowest: second, first
    test = torch.tensor([[10.0, 20.0], [11.0, 21.0], [12.0, 22.0]])
    curve = LearningCurve(None, [1, 2, 3], *[test] * 4, stages, stages.flip(0))
    assert curve.best("error").tolist() == [11, 20]
    assert curve.best("memorized", by="nll").tolist() == [11, 22]
    assert curve.at(3, "nll").tolist() == [12, 22]


def test_no_wrong_label_leaves_nothing_to_memorize(split):
    data, held = hold_out(noisy_digits([4], train_size=60), 20)
    curve = learning_curve(data, 0.0, held, [1], hidden=(8,), batch=20)
    assert curve.memorized.isnan().all()
    assert not curve.learned.isnan().any()


def test_the_networks_are_those_of_the_last_step(split, curve):
    data, _ = split
    assert torch.equal(curve.at(12, "error"), curve.net.error(data.x_test, data.y_test))
