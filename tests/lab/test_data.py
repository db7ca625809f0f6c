"""The digits, their splits and their wrong labels."""

import numpy as np
import pytest
import torch
from scipy import stats
from sklearn.datasets import load_digits

from dropoutbook.lab.data import CLASSES, IMAGES, mislabeled, noisy_digits


@pytest.fixture(scope="module")
def digits():
    return noisy_digits(range(3), train_size=500, label_noise=0.3)


def true_labels():
    pixels, labels = load_digits(return_X_y=True)
    return dict(zip(map(tuple, (pixels / 16).tolist()), labels.tolist(), strict=True))


def rows(x):
    return {tuple(row) for row in x.tolist()}


def test_split_uses_every_image_once(digits):
    every = sorted(map(tuple, (load_digits().data / 16).tolist()))
    for train, test in zip(digits.x_train, digits.x_test, strict=True):
        assert sorted(map(tuple, torch.cat([train, test]).tolist())) == every


def test_pixels_fill_the_unit_interval(digits):
    assert digits.x_train.min() == 0
    assert digits.x_train.max() == 1


def test_share_of_wrong_labels_is_exactly_the_stated_one(digits):
    assert digits.wrong.sum(1).tolist() == [150, 150, 150]


def test_wrong_marks_the_labels_that_are_not_true(digits):
    truth = true_labels()
    for x, y, wrong in zip(digits.x_train, digits.y_train, digits.wrong, strict=True):
        true = torch.tensor([truth[tuple(row)] for row in x.tolist()])
        assert torch.equal(true != y, wrong)


def test_test_labels_are_true(digits):
    truth = true_labels()
    for x, y in zip(digits.x_test, digits.y_test, strict=True):
        assert [truth[tuple(row)] for row in x.tolist()] == y.tolist()


def test_every_class_keeps_its_share_of_the_split(digits):
    shares = np.bincount(load_digits().target) / IMAGES
    for y in digits.y_test:
        expected = shares * len(y)
        assert np.abs(np.bincount(y, minlength=CLASSES) - expected).max() <= 1


def test_wrong_labels_are_uniform_over_the_nine_other_classes():
    labels = np.repeat(np.arange(CLASSES), 900)
    noisy = mislabeled(labels, 1.0, np.random.default_rng(0))
    counts = np.zeros((CLASSES, CLASSES))
    np.add.at(counts, (labels, noisy), 1)
    assert np.all(np.diag(counts) == 0)
    others = counts[~np.eye(CLASSES, dtype=bool)].reshape(CLASSES, CLASSES - 1)
    # 80 degrees of freedom; a seeded run, so the level only says how surprising a failure is
    assert stats.chi2.sf(((others - 100) ** 2 / 100).sum(), CLASSES * (CLASSES - 2)) > 1e-6


def test_a_seed_means_the_same_split_alone_or_in_company(digits):
    alone = noisy_digits([1], train_size=500, label_noise=0.3)
    assert torch.equal(alone.x_train[0], digits.x_train[1])
    assert torch.equal(alone.y_train[0], digits.y_train[1])


def test_label_noise_leaves_the_split_alone(digits):
    clean = noisy_digits(range(3), train_size=500)
    assert torch.equal(clean.x_train, digits.x_train)
    assert torch.equal(clean.y_train[~digits.wrong], digits.y_train[~digits.wrong])
    assert not clean.wrong.any()


def test_seeds_differ(digits):
    assert rows(digits.x_train[0]) != rows(digits.x_train[1])


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan"), True])
def test_bad_share_is_refused(share):
    with pytest.raises(ValueError, match=r"label_noise must be in \[0, 1\], got"):
        noisy_digits([0], label_noise=share)


@pytest.mark.parametrize("size", [9, 1788, 100.5, float("nan"), True])
def test_bad_size_is_refused(size):
    with pytest.raises(ValueError, match=r"train_size must be an integer in \[10, 1787\], got"):
        noisy_digits([0], train_size=size)


@pytest.mark.parametrize("size", [10, 1787])
def test_the_extreme_sizes_are_allowed(size):
    digits = noisy_digits([0], train_size=size)
    assert (digits.x_train.shape, digits.x_test.shape) == ((1, size, 64), (1, IMAGES - size, 64))


@pytest.mark.parametrize("seeds", [[], [0, 0], [-1], [0.5], [True]])
def test_bad_seeds_are_refused(seeds):
    with pytest.raises(ValueError, match=r"seeds must be .*, got"):
        noisy_digits(seeds)
