"""Images for the studies: the real ones, or some that are made on the spot."""

from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from dropoutbook.lab.images import Images, load_images
from dropoutbook.lab.streams import stream

MADE = "made"
CLASSES = 10

Labeled = tuple[Tensor, Tensor]  # images (image, 1, 28, 28) and their classes (image)


class Split(NamedTuple):
    """What a network is trained on, what settings are chosen on, and what is reported."""

    train: Labeled
    choice: Labeled
    test: Labeled


@cache
def images(name: str) -> Images:
    """What `load_images` gives, or for "made" ten noisy patterns, as a test can have them."""
    return _made() if name == MADE else load_images(name)


def split(data: str, size: int, choice: int, seed: int) -> Split:
    """`size` of the training images and `choice` others, drawn for a seed, and the test images."""
    x_train, y_train, x_test, y_test = images(data)
    if size + choice > len(x_train):
        raise ValueError(f"size + choice must be at most {len(x_train)}, got {size} + {choice}")
    rows = torch.from_numpy(stream(seed, "split").permutation(len(x_train)))
    train, held = rows[:size], rows[size : size + choice]
    return Split((x_train[train], y_train[train]), (x_train[held], y_train[held]), (x_test, y_test))


def _made(train: int = 400, test: int = 200) -> Images:
    rng = np.random.default_rng(0)
    patterns = rng.random((CLASSES, 1, 28, 28), np.float32)
    classes = rng.integers(0, CLASSES, train + test)
    noise = rng.random((train + test, 1, 28, 28), np.float32)
    x, y = torch.from_numpy(0.2 * patterns[classes] + 0.8 * noise), torch.from_numpy(classes)
    return Images(x[:train], y[:train], x[train:], y[train:])
