"""A small book with the real theme: its pages are mended, and what goes wrong is a warning."""

import re

import pytest
from bookpages.policy import hashed, policy, with_policy

from tests.site.conftest import CONFIG, DRESSED, build_book

CONFIGURED = {
    **DRESSED,
    "extensions": [*CONFIG["extensions"], "bookpages.finish"],
    "html_additional_pages": {"404": "not_found.html", "start": "first_page.html"},
}
PAGES = {"a": "Text.", "b": '<img src="https://example.org/a.png" alt="Of another host">'}


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    return build_book(tmp_path_factory.mktemp("book"), PAGES, **CONFIGURED)


@pytest.fixture(scope="module")
def pages(build):
    """The HTML of each page."""
    return {path.stem: path.read_text() for path in build[0].outdir.glob("*.html")}


@pytest.fixture(scope="module")
def page_of_theme(tmp_path_factory):
    """A page as the theme alone writes it."""
    config = {"html_theme": DRESSED["html_theme"], "html_context": {"default_mode": "auto"}}
    app, _ = build_book(tmp_path_factory.mktemp("plain"), {"a": PAGES["a"]}, **config)
    return (app.outdir / "a.html").read_text()


@pytest.mark.parametrize(
    "part",
    ["fontawesome.js", 'rel="preload"', "searchindex.js", "onlyprint", '("theme") || "auto"'],
)
def test_the_template_leaves_out_what_the_theme_still_writes(pages, page_of_theme, part):
    assert part in page_of_theme
    assert part not in pages["a"]


def test_the_search_page_has_the_scripts_that_search(pages):
    for script in ("searchtools.js", "language_data.js", "searchindex.js"):
        assert pages["search"].count(script) == 1


@pytest.mark.parametrize("page", ["a", "index", "search"])
def test_a_page_has_one_heading_one_style_sheet_and_waits_for_no_script(pages, page):
    assert pages[page].count("<h1") == 1
    assert pages[page].count('rel="stylesheet"') == 1
    assert "<script src" not in pages[page]


def test_a_page_without_a_theme_of_its_own_shows_what_the_system_prefers(pages):
    assert '(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")' in pages["a"]


def test_pages_of_their_own_lead_to_the_first_page(pages):
    for name in ("404", "start"):
        assert 'href="index.html"' in pages[name]
        assert "<title>" in pages[name]
        assert "stylesheet" not in pages[name]
    assert '<meta http-equiv="refresh" content="0; url=index.html">' in pages["start"]
    assert "new URL('index.html', folder)" in pages["404"]


def test_what_goes_wrong_fails_the_build(build):
    app, warnings = build
    assert "b.html loads https://example.org/a.png" in warnings
    assert warnings.count("loads https:") == 1
    assert "no page needs this repair any more: the same id for every proof" in warnings
    assert app.statuscode == 1


def test_each_page_has_a_policy_before_all_that_it_governs(pages):
    assert len(pages) >= 5
    for text in pages.values():
        first = re.match(
            r"\s*<!DOCTYPE html>\s*<html[^>]*>\s*<head>\s*<meta charset[^>]*>\s*", text
        )
        assert text[first.end() :].startswith('<meta http-equiv="Content-Security-Policy"')
        assert text.count("Content-Security-Policy") == 1


def test_a_policy_allows_the_scripts_of_its_page_and_no_other_host():
    page = (
        "<script>one()</script><script src=a.js>no()</script>"
        '<button class="b" onclick="a &amp;&amp; b()">'
    )
    script = next(part for part in policy(page).split("; ") if part.startswith("script-src"))
    wanted = {hashed("one()"), hashed("a && b()"), "script-src", "'self'", "'unsafe-hashes'"}
    assert set(script.split()) == wanted
    assert hashed("") == "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    assert "default-src 'self';" in policy(page)
    assert not re.search(r"https?:|//|\*|'unsafe-eval'", re.sub(r"'sha256-\S+", "", policy(page)))


def test_a_page_that_no_policy_can_stand_in_fails_the_build():
    with pytest.raises(ValueError, match="meta charset"):
        with_policy("<html><head></head></html>")
