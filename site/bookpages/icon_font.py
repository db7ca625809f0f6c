"""The few icons of the pages, inside the style sheet: no request of 150 kB, no text that moves."""

import base64
import logging
import re
from io import BytesIO
from pathlib import Path

import pydata_sphinx_theme
from fontTools import subset

logging.getLogger("fontTools").setLevel(logging.WARNING)  # else Sphinx shows each step of it
(FONT,) = Path(pydata_sphinx_theme.__file__).parent.rglob("fa-solid-900.ttf")
SOURCE = re.compile(r"src:url\([^)]*fa-solid-900\.woff2\)[^;}]*")
ESCAPE = re.compile(r"\\([0-9a-f]{2,4})\b")


def embedded(style: str) -> str:
    """The style with its font of icons cut down to the characters that its rules can show."""
    shown = {int(digits, 16) for digits in ESCAPE.findall(style)} | {*map(ord, style)}
    font = base64.b64encode(cut(FONT, shown)).decode()
    return SOURCE.sub(f'src:url(data:font/woff;base64,{font}) format("woff")', style)


def cut(font: Path, characters: set[int]) -> bytes:
    """The font with these characters alone, as WOFF."""
    options, file = subset.Options(flavor="woff"), BytesIO()
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    with subset.load_font(font, options) as loaded:
        subsetter.subset(loaded)
        subset.save_font(loaded, file, options)
    return file.getvalue()
