"""The head of a page says what a link to it shows, and where the picture is once that is known."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from bookpages.logo import KEPT, NETWORK
from bookpages.social_card import CARD, WORDS, draw
from bs4 import BeautifulSoup
from matplotlib.colors import to_rgb

from tests.site.conftest import CONFIG, DRESSED, build_book

DESCRIBED = """\
---
myst:
  html_meta:
    description: What "it" says.
---
# A *title* & more
"""
EXTENSIONS = {"extensions": [*CONFIG["extensions"], "bookpages.social_card"]}


@pytest.fixture(scope="module", params=["", "https://example.org/book"])
def book(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("book")
    (folder / "described.md").write_text(DESCRIBED)
    config = DRESSED | EXTENSIONS | {"html_baseurl": request.param}
    app, _ = build_book(folder, {}, **config)
    return request.param, app.outdir


def said(page):
    """The meta elements of a page, by name."""
    metas = BeautifulSoup(page.read_text(), "html.parser").find_all("meta", content=True)
    names = [meta.get("property") or meta.get("name") for meta in metas]
    assert names.count("description") == 1
    return {name: meta["content"] for name, meta in zip(names, metas, strict=True)}


def test_a_page_is_described_in_the_words_of_its_source(book):
    found = said(book[1] / "described.html")
    assert found["og:site_name"] == "A Book"
    assert found["og:title"] == "A title & more"
    assert found["og:description"] == found["description"] == 'What "it" says.'


def test_a_page_without_a_source_is_described_too(book):
    found = said(book[1] / "search.html")
    assert found["og:description"] == found["description"] == "A Book: search"


def test_each_unit_stands_in_its_place_as_it_is(tmp_path):
    draw(tmp_path / "card.png", "A Book")
    picture = plt.imread(tmp_path / "card.png")
    for x, y, kept in [unit for layer in NETWORK for unit in layer]:
        row, column = round(63 + 504 * y / 64), round(36 + 504 * x / 64)
        expected = to_rgb(KEPT) if kept else (1, 1, 1)
        np.testing.assert_allclose(picture[row, column, :3], expected, atol=0.005)


def test_the_picture_is_named_by_its_full_address_or_not_at_all(book):
    address, folder = book
    found = said(folder / "described.html")
    assert plt.imread(folder / CARD).shape[:2] == (630, 1200)
    if address:
        assert found["og:url"] == f"{address}/described.html"
        assert found["og:image"] == f"{address}/{CARD}"
        assert found["og:image:alt"] == f"A Book: {WORDS}"
        assert found["twitter:card"] == "summary_large_image"
    else:
        assert not {"og:url", "og:image"} & found.keys()
        assert found["twitter:card"] == "summary"
