"""Finding one's way: search, theme, the page before and after, equations that are referred to."""

import re

import pytest
import yaml

from tests.browser.test_pages import DESKTOP, PHONE, listen


@pytest.fixture(params=["folder", "server"])
def address(request, book):
    """Where the book is: read from a folder, and from a server."""
    return book.as_uri() if request.param == "folder" else request.getfixturevalue("server")


def test_search_finds_drop_block(page, address):
    wrong = listen(page)
    page.goto(f"{address}/chapters/index.html")
    page.keyboard.press("Control+k")
    page.keyboard.type("DropBlock")
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results .search li a")
    first = page.locator("#search-results .search li a").first
    first.click()
    page.wait_for_url("**/chapters/**")
    assert "DropBlock" in page.inner_text("article")
    assert wrong == []


def test_the_first_page_opens_from_the_root(page, address):
    wrong = listen(page)
    page.goto(f"{address}/index.html")
    page.wait_for_url("**/chapters/index.html")
    assert page.inner_text("h1").startswith("The Dropout Book")
    assert wrong == []


def ground(page):
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_the_theme_can_be_switched_and_stays(page, address):
    page.emulate_media(color_scheme="light")
    page.goto(f"{address}/chapters/index.html")
    light = ground(page)
    while page.get_attribute("html", "data-mode") != "dark":
        page.locator(".theme-switch-button").last.click()
    assert ground(page) != light
    page.goto(f"{address}/chapters/notation.html")
    assert page.get_attribute("html", "data-theme") == "dark"
    assert ground(page) != light


def test_next_leads_through_the_whole_book_and_previous_back(page, book, root):
    toc = yaml.safe_load((root / "_toc.yml").read_text("utf8"))
    order = [toc["root"], *(file for part in toc["parts"] for file in files(part["chapters"]))]
    page.goto((book / f"{order[0]}.html").as_uri())
    for name in order[1:]:
        page.click(".prev-next-footer .right-next")
        assert page.url.endswith(f"{name}.html")
    for name in order[-2::-1]:
        page.click(".prev-next-footer .left-prev")
        assert page.url.endswith(f"{name}.html")


def files(chapters):
    for chapter in chapters:
        yield chapter["file"]
        yield from files(chapter.get("sections", []))


def test_the_sidebar_has_the_numbers_of_the_source(page, book):
    page.set_viewport_size(DESKTOP)
    page.goto((book / "chapters" / "mc_dropout.html").as_uri())
    entries = page.locator(".bd-links li a").all_inner_texts()
    numbers = [found[0] for entry in entries if (found := re.match(r"\d+(\.\d+)?", entry))]
    assert numbers == ["1", "2", "3", "4", "5", "6", "6.1", "6.2", "6.3", "6.4", "7"]


def test_an_equation_is_shown_where_it_is_referred_to(page, book):
    page.goto((book / "chapters" / "regularization.html").as_uri())
    link = page.locator('article a[href="mathematics.html#equation-eq-5"]').first
    link.hover()
    shown = page.locator(".equation-preview[role=tooltip]")
    assert shown.locator(".katex").count() == 1
    page.mouse.move(0, 0)
    assert shown.count() == 0
    link.focus()
    assert shown.count() == 1
    page.keyboard.press("Escape")
    assert shown.count() == 0


def test_a_wide_formula_can_be_scrolled_with_the_keyboard(page, book):
    page.set_viewport_size(PHONE)
    page.goto((book / "chapters" / "mathematics.html").as_uri())
    page.wait_for_selector(".formula[tabindex='0']")
    wide = page.locator(".formula[tabindex='0']").first
    wide.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.activeElement.scrollLeft > 0")


@pytest.mark.parametrize("depth", ["", "gone/", "gone/deeper/still/"])
def test_a_missing_page_leads_to_the_first(page, server, book, depth):
    def answer(route):
        route.fulfill(
            status=404, body=(book / "404.html").read_text("utf8"), content_type="text/html"
        )

    page.route("**/no-such-page", answer)
    page.goto(f"{server}/{depth}no-such-page")
    page.wait_for_function(
        "() => document.getElementById('home').pathname === '/chapters/index.html'"
    )
    assert page.evaluate("document.getElementById('find').pathname") == "/search.html"
    page.click("#home")
    assert page.inner_text("h1").startswith("The Dropout Book")
