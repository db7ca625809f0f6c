"""The first page, the glossary and the bibliography lead on: everything named is linked."""

from pathlib import Path

import method_pictures
import pytest
from bs4 import BeautifulSoup, Tag

import dropoutbook
from dropoutbook.derive import source_equations
from tests.pages.page_checks import soup_of

CHAPTERS = Path(__file__).resolve().parents[2] / "_build" / "html" / "chapters"
GLOSSARY, REFERENCES = CHAPTERS / "glossary.html", CHAPTERS / "references.html"
INDEX = CHAPTERS / "index.html"


def links(tag: Tag, kind: str) -> list[str]:
    return [link["href"] for link in tag.select(f"a.reference.{kind}")]


def unlinked_definitions(page: BeautifulSoup) -> list[str]:
    """The terms of the glossary whose definition leads to no other page."""
    definitions = page.select("dl.glossary > dd")
    return [
        dd.find_previous_sibling("dt")["id"]
        for dd in definitions
        if not any(not target.startswith("#") for target in links(dd, "internal"))
    ]


def unlinked_papers(page: BeautifulSoup) -> list[str]:
    papers = page.select("div.citation")
    return [paper["id"] for paper in papers if not links(paper, "external")]


def test_every_word_leads_to_where_it_is_defined():
    assert len(soup_of(GLOSSARY).select("dl.glossary > dd")) >= 40
    assert unlinked_definitions(soup_of(GLOSSARY)) == []


def test_every_paper_can_be_followed():
    assert len(soup_of(REFERENCES).select("div.citation")) >= 20
    assert unlinked_papers(soup_of(REFERENCES)) == []


@pytest.mark.parametrize(
    "name", [n for n in dropoutbook.__all__ if not n.startswith("MC") and n != "Stochastic"]
)
def test_every_layer_and_function_is_on_the_first_page(name):
    assert f"api.html#dropoutbook.{name}" in links(soup_of(INDEX), "internal")


def test_every_picture_stands_once_on_the_first_page_and_says_what_it_shows():
    images = {Path(i["src"]).stem: i["alt"] for i in soup_of(INDEX).select("table img")}
    assert set(images) == {draw.__name__ for draw in method_pictures.DRAWN}
    assert len(set(images.values())) == len(images)
    assert min(map(len, images.values())) > 40


def test_the_first_page_counts_the_errata():
    assert "{{" not in soup_of(INDEX).get_text()
    equations = source_equations.values()
    wrong = sum(equation.printed is not None for equation in equations)
    assert f"Of its {len(equations)} equations, {wrong} are wrong" in soup_of(INDEX).get_text()


@pytest.mark.parametrize(
    "entry",
    [
        '<a class="reference internal" href="#term-x">x</a>',
        '<a class="reference external" href="https://example.org">x</a>',
        "chapter 2",
    ],
)
def test_a_definition_that_leads_nowhere_is_named(entry):
    page = f'<dl class="glossary"><dt id="term-word">word</dt><dd><p>{entry}</p></dd></dl>'
    assert unlinked_definitions(BeautifulSoup(page, "html.parser")) == ["term-word"]


def test_a_paper_without_a_link_is_named():
    page = (
        '<div class="citation" id="id7"><p>A. Author. <a class="reference internal" href="x">1</a>'
    )
    assert unlinked_papers(BeautifulSoup(page, "html.parser")) == ["id7"]
