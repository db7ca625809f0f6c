"""The font of icons holds what the style sheet can show, and little else."""

import base64
import logging
import re
from io import BytesIO

from bookpages.icon_font import FONT, cut, embedded
from fontTools.ttLib import TTFont

FACE = '@font-face{font-family:I;src:url(a/fa-solid-900.woff2) format("woff2"),url(b.ttf)}'


def characters(font):
    with TTFont(BytesIO(font)) as opened:
        return set(opened.getBestCmap())


def test_only_the_characters_asked_for_are_left():
    whole = characters(FONT.read_bytes())
    bars, gear, absent = 0xF0C9, 0xF013, 0x4E00
    assert whole > {bars, gear}
    assert characters(cut(FONT, {bars, absent})) == {bars}
    assert cut(FONT, {bars})[:4] == b"wOFF"


def test_cutting_is_silent(caplog):
    with caplog.at_level(logging.DEBUG):
        cut(FONT, {0xF0C9})
    assert caplog.records == []


def test_the_sheet_brings_its_icons_along():
    style = embedded(FACE + '.bars::before{content:"\\f0c9"}.gear{content:"\uf013"}')
    assert "fa-solid" not in style
    (font,) = re.findall(r"data:font/woff;base64,([^)]+)\)", style)
    found = characters(base64.b64decode(font))
    assert found > {0xF0C9, 0xF013}
    assert 0xF0CA not in found
    assert style.endswith('.gear{content:"\uf013"}')
