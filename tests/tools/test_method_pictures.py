"""The small pictures of the first page: what the code draws, and visible on light and on dark."""

import re
from pathlib import Path
from xml.etree import ElementTree

import picture
import pytest
import svg_marks
import torch
from method_pictures import pictures

PACKAGE = Path(picture.__file__).parents[1] / "dropoutbook"
DRAWN = dict(pictures())
PAPER = ["#ffffff", "#f3f4f5", "#121212", "#29313d"]  # the theme's pages and rows, light and dark
every_picture = pytest.mark.parametrize("name", DRAWN)


@every_picture
def test_the_file_is_what_the_code_draws(name):
    assert (picture.METHODS / f"{name}.svg").read_text("utf8") == DRAWN[name], (
        "draw it again: .venv/bin/python tools/picture.py"
    )


def test_there_is_no_other_file():
    assert {file.stem for file in picture.METHODS.iterdir()} == set(DRAWN)


@every_picture
def test_a_picture_has_the_name_of_a_module(name):
    assert any((PACKAGE / part / f"{name}.py").is_file() for part in ("layers", "models"))


@every_picture
def test_every_mark_lies_inside(name):
    """A mark that hung over the edge would be cut off."""
    for mark in ElementTree.fromstring(DRAWN[name]):
        box = {key: float(mark.get(key, 0)) for key in ("x", "y", "cx", "cy", "r")}
        spots = [box["cx"] - box["r"], box["cy"] - box["r"], box["cx"] + box["r"]]
        spots += [box["cy"] + box["r"], box["x"] + float(mark.get("width", 0))]
        spots += [box["y"] + float(mark.get("height", 0))]
        spots += map(float, re.findall(r"-?[\d.]+", mark.get("d", "")))
        assert 0 <= min(spots) <= max(spots) <= svg_marks.SIZE


NO_RINGS = {"gaussian_dropout", "mc_dropout", "drop_connect", "recurrent_dropout_lstm"}


@pytest.mark.parametrize("name", sorted(DRAWN.keys() - NO_RINGS))
def test_units_are_kept_and_dropped(name):
    assert len(re.findall(f'<(?:circle|rect)[^>]*fill="{svg_marks.BLUE}"', DRAWN[name])) >= 2
    assert len(re.findall('<(?:circle|rect)[^>]*fill="none"', DRAWN[name])) >= 2


def contrast(first: str, second: str) -> float:
    """The contrast ratio of WCAG 2."""
    codes = (
        torch.tensor([int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)]) for c in (first, second)
    )
    weights = torch.tensor([0.2126, 0.7152, 0.0722])
    linear = (torch.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) for c in codes)
    dark, light = sorted(float(weights @ c) + 0.05 for c in linear)
    return light / dark


@pytest.mark.parametrize("paper", PAPER)
@every_picture
def test_every_color_is_seen(name, paper):
    for color in set(re.findall(r"#[0-9a-f]{6}", DRAWN[name])):
        assert contrast(color, paper) >= 3


def test_the_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21, rel=1e-6)
    assert contrast("#d9822b", "#ffffff") < 3  # the orange of the logo would not do
