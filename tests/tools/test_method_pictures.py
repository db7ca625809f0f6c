"""The small pictures of the first page: what the code draws, and visible on light and on dark."""

import re
from pathlib import Path
from xml.etree import ElementTree

import picture
import pytest
import svg_marks
from method_pictures import pictures

from tests.contrast import contrast

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


@pytest.mark.parametrize("paper", PAPER)
@every_picture
def test_every_color_is_seen(name, paper):
    for color in set(re.findall(r"#[0-9a-f]{6}", DRAWN[name])):
        assert contrast(color, paper) >= 3
