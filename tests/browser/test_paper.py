"""The PDF holds the whole book: every chapter and section, typeset, with its fonts."""

import pdf
import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader

from tests.pages.page_checks import RAW_TEX


@pytest.fixture(scope="module")
def printed(browser, book, tmp_path_factory):
    target = tmp_path_factory.mktemp("pdf") / "book.pdf"
    pdf.print_book(browser, target)
    return PdfReader(target)


@pytest.fixture(scope="module")
def titles(book):
    pages = (soup for _, soup in pdf.pages(book / "chapters" / "index.html"))
    heads = [soup.h1 for soup in pages]
    for head in heads:
        head.select_one(".headerlink").decompose()
    return [head.get_text().strip() for head in heads]


def test_every_chapter_begins_where_the_outline_says(printed, titles):
    entries = [entry for entry in printed.outline if not isinstance(entry, list)]
    assert [entry.title for entry in entries] == titles[1:]
    numbers = [printed.get_destination_page_number(entry) for entry in entries]
    assert numbers == sorted(set(numbers))
    assert len(printed.pages) > max(50, numbers[-1])
    for number, title in zip(numbers, titles[1:], strict=True):
        text = " ".join(printed.pages[number].extract_text().split())
        assert text.startswith(title)
        assert text.endswith(f" {number + 1}")


def test_every_font_is_in_it(printed):
    fonts = {}
    for page in printed.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            fonts[font.idnum] = font.get_object()
    assert len(fonts) > 10
    assert [font["/BaseFont"] for font in fonts.values() if not is_embedded(font)] == []


def is_embedded(font):
    if font["/Subtype"] == "/Type3":  # drawn by procedures that are part of the font
        return True
    inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
    return any(f"/FontFile{n}" in inner["/FontDescriptor"] for n in ("", "2", "3"))


def test_links_lead_to_places_inside(printed):
    links = [note.get_object() for page in printed.pages for note in page.get("/Annots", [])]
    inside = [link for link in links if "/Dest" in link]
    assert len(inside) > 300
    names = set(printed.named_destinations)
    assert {link["/Dest"] for link in inside} - names == set()


def test_no_formula_is_left_as_it_was_typed(book):
    soup = BeautifulSoup(pdf.whole(book / "chapters" / "index.html"), "html.parser")
    for shown_as_it_is in soup.select("code, pre, .math, svg"):
        shown_as_it_is.decompose()
    assert RAW_TEX.findall(soup.get_text()) == []
