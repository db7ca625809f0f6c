"""One sheet says what the many said: same rules, same order, addresses that still lead there."""

from bookpages.style_sheet import joined, with_one_sheet, without_unused_icons

SHEETS = {
    "_static/base.css": "b {color: red}",
    "_static/styles/theme.css": '@charset "UTF-8";@import "../base.css";i {top: 0}',
    "_static/katex/katex.css": "@font-face {src: url(fonts/a.woff2)"
    ',url(fonts/a.woff) format("woff"),url(fonts/a.ttf) format("truetype")} '
    "u {background: url(data:,)}",
}
HEAD = "".join(f'<link href="../{sheet}?v=1" rel="stylesheet" />\n' for sheet in [*SHEETS][1:])


PAGE = f"<head>{HEAD}<title>T</title></head>"


def test_sheets_are_joined_in_order_with_imports_in_place():
    assert joined(SHEETS, [*SHEETS][1:]) == (
        "b {color: red}i {top: 0}\n"
        "@font-face {src: url(katex/fonts/a.woff2)} u {background: url(data:,)}"
    )


def test_only_icons_that_nothing_names_are_left_out():
    style = '.fa-bars:before{content:"1"}.fa-gone:before,.fa-old:before{content:"2"}.fa-bars{top:0}'
    kept = '.fa-bars:before{content:"1"}.fa-bars{top:0}'
    assert without_unused_icons(style, '<i class="fa fa-bars">') == kept
    assert without_unused_icons(style, "fa-bars fa-old") == style


def test_a_page_asks_for_one_sheet():
    written = with_one_sheet({"chapters/a.html": PAGE, "404.html": "<p>No sheet</p>"}, SHEETS)
    page = written["chapters/a.html"]
    assert page.count("stylesheet") == 1
    assert 'href="../_static/style.css?v=' in page
    assert page.endswith("<title>T</title></head>")
    assert written["404.html"] == "<p>No sheet</p>"
    assert "i {top: 0}" in written["_static/style.css"]


def test_icons_of_scripts_stay():
    up, gone = '.fa-up:before{content:"1"}', '.fa-gone:before{content:"2"}'
    texts = {"_static/a.css": up + gone, "_static/a.js": "icon = 'fa-up'"}
    page = '<link href="_static/a.css" rel="stylesheet">'
    assert with_one_sheet({"a.html": page}, texts)["_static/style.css"] == up
