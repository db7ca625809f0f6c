"""Handwritten digits, a stated share of them mislabeled, split anew for every seed."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import Tensor

from dropoutbook.lab.streams import stream

CLASSES = 10
IMAGES = 1797  # the whole of scikit-learn's digits
BRIGHTEST = 16  # the largest pixel value there


class Digits(NamedTuple):
    """Digits for S seeds, stacked; row s is the split and the label noise of `seeds[s]`.

    Shape:
        x_train: (seed, example, 64), pixel intensity in [0, 1], 1 = full ink, float64.
        y_train: (seed, example), the class to learn, some of them wrong, int64.
        x_test: (seed, example, 64), as `x_train`.
        y_test: (seed, example), the true class, int64.
        wrong: (seed, example), True where `y_train` is not the true class.
    """

    seeds: tuple[int, ...]
    x_train: Tensor
    y_train: Tensor
    x_test: Tensor
    y_test: Tensor
    wrong: Tensor


def noisy_digits(
    seeds: Iterable[int] = range(10), train_size: int = 1000, label_noise: float = 0.0
) -> Digits:
    """Scikit-learn's digits, split by class and mislabeled in training, once for every seed.

    Exactly round(label_noise * train_size) training labels are wrong, each of them uniform over
    the nine other classes. Every image outside the training set is tested on, with its true label.

    Args:
        seeds: distinct non-negative integers; a seed fixes its split and its wrong labels.
        train_size: training images for each seed, in [10, 1787]; the rest of the 1797 is tested.
        label_noise: share of wrong training labels, in [0, 1].

    Raises:
        ValueError: if an argument is outside its range, NaN included.
    """
    seeds = _checked_seeds(seeds)
    if isinstance(label_noise, bool) or not 0 <= label_noise <= 1:
        raise ValueError(f"label_noise must be in [0, 1], got {label_noise!r}")
    if isinstance(train_size, bool) or train_size not in range(CLASSES, IMAGES - CLASSES + 1):
        raise ValueError(
            f"train_size must be an integer in [{CLASSES}, {IMAGES - CLASSES}], got {train_size!r}"
        )
    splits = [_split(seed, int(train_size), label_noise) for seed in seeds]
    return Digits(seeds, *(torch.from_numpy(np.stack(part)) for part in zip(*splits, strict=True)))


def _checked_seeds(seeds: Iterable[int]) -> tuple[int, ...]:
    seeds = tuple(seeds)
    if not seeds or len(set(seeds)) < len(seeds):
        raise ValueError(f"seeds must be distinct, and at least one, got {seeds}")
    for seed in seeds:
        if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
            raise ValueError(f"seeds must be non-negative integers, got {seed!r}")
    return tuple(int(seed) for seed in seeds)


def _split(seed: int, train_size: int, label_noise: float) -> tuple[np.ndarray, ...]:
    digits = load_digits()
    x_train, x_test, true, y_test = train_test_split(
        digits.data / BRIGHTEST,
        digits.target.astype(np.int64),
        train_size=train_size,
        stratify=digits.target,
        random_state=seed,
    )
    wrong = mislabeled(true, label_noise, stream(seed, "labels"))
    return x_train, wrong, x_test, y_test, wrong != true


def mislabeled(labels: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """A copy of `labels` in which round(share * n) are replaced by one of the nine other classes.

    Args:
        labels: (n,), classes 0 to 9.
        share: share to replace, in [0, 1].
        rng: source of randomness.
    """
    noisy = labels.copy()
    chosen = rng.permutation(len(labels))[: round(share * len(labels))]
    # a shift by 1 to 9 reaches each other class once, and never the class itself
    noisy[chosen] = (labels[chosen] + rng.integers(1, CLASSES, len(chosen))) % CLASSES
    return noisy
