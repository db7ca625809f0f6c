"""One sheet says what the many said: same rules, same order, addresses that still lead there."""

from types import SimpleNamespace

import pytest
from bookpages.style_sheet import join, joined, without_unused_icons

SHEETS = {
    "_static/base.css": "b {color: red}",
    "_static/styles/theme.css": '@charset "UTF-8";@import "../base.css";i {top: 0}',
    "_static/katex/katex.css": "@font-face {src: url(fonts/a.woff2)} u {background: url(data:,)}",
}
HEAD = "".join(f'<link href="../{sheet}?v=1" rel="stylesheet" />\n' for sheet in [*SHEETS][1:])


@pytest.fixture
def out(tmp_path):
    for name, text in SHEETS.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_sheets_are_joined_in_order_with_imports_in_place(out):
    assert joined(out, [*SHEETS][1:]) == (
        "b {color: red}i {top: 0}\n"
        "@font-face {src: url(katex/fonts/a.woff2)} u {background: url(data:,)}"
    )


def test_only_icons_that_nothing_names_are_left_out():
    style = '.fa-bars:before{content:"1"}.fa-gone:before,.fa-old:before{content:"2"}.fa-bars{top:0}'
    kept = '.fa-bars:before{content:"1"}.fa-bars{top:0}'
    assert without_unused_icons(style, '<i class="fa fa-bars">') == kept
    assert without_unused_icons(style, "fa-bars fa-old") == style


def test_a_page_asks_for_one_sheet(out):
    (out / "chapters").mkdir()
    page = out / "chapters" / "a.html"
    page.write_text(f"<head>{HEAD}<title>T</title></head>")
    join(SimpleNamespace(outdir=out, builder=SimpleNamespace(format="html")), None)
    assert page.read_text().count("stylesheet") == 1
    assert 'href="../_static/style.css?v=' in page.read_text()
    assert page.read_text().endswith("<title>T</title></head>")
    assert "i {top: 0}" in (out / "_static" / "style.css").read_text()
