"""Every page, opened from the folder: nothing fails, no host is asked, it fits, all can read."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from accessibility import faint_texts, violations

BOOK = Path(__file__).resolve().parents[2] / "_build" / "html"
PAGES = sorted(page for page in BOOK.rglob("*.html") if "_static" not in page.parts)
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
EVERY_PAGE = pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(BOOK)))
# A page without the theme's scripts shows what the reader's system prefers.
SHOWS = "scheme => [undefined, scheme].includes(document.documentElement.dataset.theme)"
# What a reader who cannot scroll sideways does not see: text beyond the right edge, unless it
# stands in a box of its own that scrolls.
CUT = """() => [...document.querySelectorAll('article *')].filter(element => {
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.right <= innerWidth + 1 || !element.checkVisibility()) return false;
    for (let outer = element.parentElement; outer; outer = outer.parentElement) {
        if (/auto|scroll|hidden/.test(getComputedStyle(outer).overflowX)) return false;
    }
    return true;
}).map(element => element.outerHTML.slice(0, 80))"""


def listen(page):
    """What goes wrong in the page from now on, as a list that grows."""
    wrong = []
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    page.on(
        "requestfailed",
        lambda request: (  # what was still on its way when the page was left has not failed
            wrong.append(f"not found: {request.url}")
            if request.failure != "net::ERR_ABORTED"
            else None
        ),
    )
    page.on(
        "console",
        lambda line: wrong.append(line.text) if line.type in {"error", "warning"} else None,
    )
    page.on(
        "request",
        lambda request: (
            wrong.append(f"asks for {request.url}") if is_elsewhere(request.url) else None
        ),
    )
    return wrong


def is_elsewhere(url):
    return urlsplit(url).scheme not in {"file", "data", "blob"} and (
        urlsplit(url).hostname != "localhost"
    )


def open_page(page, path):
    page.goto(path.as_uri())
    page.wait_for_function("() => document.fonts.ready.then(() => true)")


def check_reading(page):
    """The page can be read with eyes or ears, in light and in dark, at the width it has."""
    assert violations(page) == []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.wait_for_function(SHOWS, arg=scheme)
        assert faint_texts(page) == [], scheme


@EVERY_PAGE
def test_on_a_desktop_nothing_goes_wrong_and_all_can_read(page, path):
    page.set_viewport_size(DESKTOP)
    wrong = listen(page)
    open_page(page, path)
    assert wrong == []
    check_reading(page)


@EVERY_PAGE
def test_on_a_phone_it_fits_and_all_can_read(page, path):
    page.set_viewport_size(PHONE)
    open_page(page, path)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.evaluate(CUT) == []
    check_reading(page)


BROKEN = {
    "script: gone is not defined": "<script>gone()</script>",
    "not found": "<img src='gone.png' alt=''>",
    "asks for": "<img src='https://example.invalid/a.png' alt=''>",
    "careful": "<script>console.warn('careful')</script>",
}


@pytest.mark.parametrize("words", BROKEN)
def test_what_goes_wrong_is_heard(page, tmp_path, words):
    path = tmp_path / "page.html"
    path.write_text(BROKEN[words])
    wrong = listen(page)
    open_page(page, path)
    assert any(words in line for line in wrong)


def test_what_is_cut_off_and_what_is_illegible_is_seen(page):
    page.set_viewport_size(PHONE)
    page.set_content(
        "<html lang=en><title>T</title><article><p style='width: 500px; color: #aaa'>wide"
        "<p style='overflow: auto'><b style='display: block; width: 500px'>scrolls</b>"
    )
    assert [text[:8] for text in page.evaluate(CUT)] == ["<p style"]
    assert [line.split()[0] for line in faint_texts(page)] == ["color-contrast"]
    page.set_content("<main><img src='data:,'>")
    assert {line.split()[0] for line in violations(page)} >= {"image-alt", "html-has-lang"}
