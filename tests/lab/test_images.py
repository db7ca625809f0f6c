"""Images come from a folder or from a mirror, and only as they were published."""

import gzip
import hashlib
import re

import numpy as np
import pytest
import torch

from dropoutbook.lab import images
from dropoutbook.lab.images import FILES, load_images

PIXELS = np.random.default_rng(0).integers(0, 256, (5, 28, 28)).astype(np.uint8)
LABELS = np.array([3, 1, 4, 1, 5], np.uint8)
CONTENT = {
    FILES[0]: bytes(16) + PIXELS[:3].tobytes(),
    FILES[1]: bytes(8) + LABELS[:3].tobytes(),
    FILES[2]: bytes(16) + PIXELS[3:].tobytes(),
    FILES[3]: bytes(8) + LABELS[3:].tobytes(),
}


@pytest.fixture(params=["", ".gz"], ids=["plain", "gz"])
def folder(request, tmp_path, monkeypatch):
    """A folder with the four files, small ones, under hashes of their own."""
    (tmp_path / "mnist").mkdir()
    for name, content in CONTENT.items():
        packed = gzip.compress(content) if request.param else content
        (tmp_path / "mnist" / (name + request.param)).write_bytes(packed)
    hashes = tuple(hashlib.sha256(CONTENT[name]).hexdigest() for name in FILES)
    monkeypatch.setattr(images, "SHA256", {"mnist": hashes})
    monkeypatch.setenv("DROPOUTBOOK_DATA", str(tmp_path))
    return tmp_path / "mnist"


def test_every_pixel_and_label_is_in_its_place(folder):
    data = load_images("mnist")
    pixels = torch.cat([data.x_train, data.x_test])
    assert pixels.dtype == torch.float32
    assert torch.equal((255 * pixels).round().byte(), torch.from_numpy(PIXELS)[:, None])
    assert (pixels.min() >= 0) & (pixels.max() <= 1)
    assert torch.cat([data.y_train, data.y_test]).tolist() == LABELS.tolist()
    assert (len(data.x_train), len(data.y_test)) == (3, 2)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-1],
        lambda content: content[:-1] + bytes([content[-1] ^ 1]),
        lambda content: bytes([content[0] ^ 1]) + content[1:],
        lambda content: b"<html>not found</html>",
        lambda content: b"",
    ],
)
def test_a_damaged_file_is_refused_and_named(folder, name, damage):
    (path,) = folder.glob(f"{name}*")
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match=f"{re.escape(str(path))} is damaged.*delete it"):
        load_images("mnist")


def test_a_missing_file_is_named(folder):
    (path,) = folder.glob(f"{FILES[1]}*")
    path.unlink()
    with pytest.raises(FileNotFoundError, match=f"DROPOUTBOOK_DATA must name.*{FILES[1]}"):
        load_images("mnist")


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match=r"name must be one of .*'mnist'.*, got 'cifar'"):
        load_images("cifar")


def test_without_a_folder_the_mirror_is_asked(folder, monkeypatch):
    asked = []

    def retrieve(url, known_hash, fname, path):
        asked.append(url)
        (found,) = folder.glob(f"{fname.removesuffix('.gz')}*")
        return str(found)

    monkeypatch.delenv("DROPOUTBOOK_DATA")
    monkeypatch.setattr(images.pooch, "retrieve", retrieve)
    assert load_images("mnist").y_train.tolist() == [3, 1, 4]
    assert asked == [f"https://ossci-datasets.s3.amazonaws.com/mnist/{name}.gz" for name in FILES]
