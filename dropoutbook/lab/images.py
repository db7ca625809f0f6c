"""MNIST and Fashion-MNIST, from a folder or from their public mirrors, checked bit by bit."""

import gzip
import hashlib
import os
import zlib
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pooch
import torch
from torch import Tensor

FOLDER = "DROPOUTBOOK_DATA"  # the environment variable that names a folder with the files
MIRRORS = {
    "mnist": "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "fashion-mnist": "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
}
FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
SHA256 = {  # of the decompressed files, in the order of FILES
    "mnist": (
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
    "fashion-mnist": (
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ),
}


class Images(NamedTuple):
    """Images of ten classes, in the order of their files.

    Shape:
        x_train, x_test: (image, 1, 28, 28), intensity in [0, 1], 1 = full ink, float32.
        y_train, y_test: (image), the class, int64.
    """

    x_train: Tensor
    y_train: Tensor
    x_test: Tensor
    y_test: Tensor


def load_images(name: str) -> Images:
    """The 60 000 training and 10 000 test images of a data set.

    They come from the folder that the environment variable DROPOUTBOOK_DATA names, which has a
    folder `mnist` or `fashion-mnist` with the four files, compressed (`.gz`) or not; without it
    from pooch's cache, into which they are downloaded the first time (11 or 30 MB).

    Args:
        name: "mnist" or "fashion-mnist".

    Raises:
        ValueError: if `name` is another, or a file is not, bit by bit, the one that was published.
        FileNotFoundError: if DROPOUTBOOK_DATA is set and a file is missing there.
    """
    if name not in MIRRORS:
        raise ValueError(f"name must be one of {tuple(MIRRORS)}, got {name!r}")
    x_train, y_train, x_test, y_test = (
        _checked(_fetch(name, file), sha256)
        for file, sha256 in zip(FILES, SHA256[name], strict=True)
    )
    return Images(_pixels(x_train), _classes(y_train), _pixels(x_test), _classes(y_test))


def _fetch(name: str, file: str) -> Path:
    if folder := os.environ.get(FOLDER):
        places = [Path(folder, name, file + ending) for ending in ("", ".gz")]
        for place in places:
            if place.is_file():
                return place
        raise FileNotFoundError(f"{FOLDER} must name a folder with {places[1]}, or without .gz")
    cache = pooch.os_cache("dropoutbook") / name
    return Path(pooch.retrieve(f"{MIRRORS[name]}{file}.gz", None, f"{file}.gz", cache))


def _checked(path: Path, sha256: str) -> bytes:
    content = path.read_bytes()
    if path.suffix == ".gz":
        with suppress(OSError, EOFError, zlib.error):  # damaged: the hash will tell
            content = gzip.decompress(content)
    if (found := hashlib.sha256(content).hexdigest()) != sha256:
        raise ValueError(
            f"{path} is damaged, delete it to fetch it again: its SHA-256 must be {sha256}, "
            f"got {found}"
        )
    return content


def _pixels(content: bytes) -> Tensor:
    """Of an IDX file: 16 bytes of header, then a byte a pixel, row by row."""
    pixels = np.frombuffer(content, np.uint8, offset=16).reshape(-1, 1, 28, 28)
    return torch.from_numpy(pixels.astype(np.float32) / 255)


def _classes(content: bytes) -> Tensor:
    """Of an IDX file: 8 bytes of header, then a byte a label."""
    return torch.from_numpy(np.frombuffer(content, np.uint8, offset=8).astype(np.int64))
