"""Every page of the built book, and the book as a whole."""

from collections import Counter
from pathlib import Path

import pytest

from dropoutbook.derive import source_equations
from tests.pages.page_checks import EVERY_PAGE, equation_numbers

BOOK = Path(__file__).resolve().parents[2] / "_build" / "html"
PAGES = sorted(page for page in BOOK.rglob("*.html") if "_static" not in page.parts)


@pytest.mark.parametrize("check", EVERY_PAGE, ids=lambda check: check.__name__)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(BOOK)))
def test_page(page, check):
    assert check(page) == []


def test_no_equation_number_is_used_twice():
    numbers = Counter(number for page in PAGES for number in equation_numbers(page))
    assert [number for number, count in numbers.items() if count > 1] == []


def test_the_equations_of_the_source_are_all_there():
    numbers = {number for page in PAGES for number in equation_numbers(page)}
    assert {number for number in numbers if number.isdigit()} == {str(n) for n in source_equations}


def test_fonts_are_woff2_only():
    fonts = {file.suffix for file in BOOK.rglob("*") if file.suffix in {".woff2", ".woff", ".ttf"}}
    assert fonts == {".woff2"}
