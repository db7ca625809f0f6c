"""The text of each built page is the text of its source: no letter and no comma is lost."""

import pickle
import re
from collections import Counter
from pathlib import Path

import pytest
from bookpages import katex
from bs4 import BeautifulSoup, NavigableString, Tag
from docutils import nodes
from sphinx.util.docutils import new_document

from tests.mutants import rejects

BUILD = Path(__file__).resolve().parents[2] / "_build"
DOCTREES = BUILD / ".doctrees"
PAGES = sorted(path.relative_to(DOCTREES) for path in DOCTREES.rglob("*.doctree"))
OBJECT = "\N{OBJECT REPLACEMENT CHARACTER}"  # stands for a formula, a link, a piece of code


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def of_source(paragraph: nodes.paragraph) -> str:
    """Its own text, with one character for everything else."""
    parts = (child.astext() if isinstance(child, nodes.Text) else OBJECT for child in paragraph)
    return plain("".join(parts))


def of_page(paragraph: Tag) -> str:
    """The same of a built page, where a formula and the comma behind it share a box."""
    parts = []
    for child in paragraph.children:
        if isinstance(child, NavigableString):
            parts.append(str(child))
        elif "nowrap" in child.get("class", []):
            parts.append(of_page(child))
        else:
            parts.append(OBJECT)
    return plain("".join(parts))


def with_formula(document: nodes.document) -> list[nodes.paragraph]:
    """Paragraphs whose text stays as it is: with formulas, and no reference still to be written."""
    return [
        paragraph
        for paragraph in document.findall(nodes.paragraph)
        if any(isinstance(child, nodes.math) for child in paragraph)
        and all(isinstance(child, nodes.Text | nodes.math) for child in paragraph)
    ]


def check_text(html: str, document: nodes.document) -> None:
    """Each such paragraph of the source stands on the page, as often as in the source."""
    soup = BeautifulSoup(html, "html.parser")
    shown = Counter(of_page(tag) for tag in soup.find_all(["p", "figcaption", "span"]))
    wanted = Counter(
        re.sub(r"^Proof\. ", f"{OBJECT} ", of_source(each)) for each in with_formula(document)
    )
    missing = [text for text, count in wanted.items() if shown[text] < count]
    assert not missing, missing


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_no_text_is_lost(page: Path):
    document = pickle.loads((DOCTREES / page).read_bytes())
    check_text((BUILD / "html" / page.with_suffix(".html")).read_text("utf8"), document)


def test_there_is_something_to_compare():
    trees = [pickle.loads((DOCTREES / page).read_bytes()) for page in PAGES]
    assert sum(len(with_formula(tree)) for tree in trees) > 300


def written(exchange) -> str:
    """The paragraph "mmm..., n, z, " after `KeepPunctuation`, as a page would show it."""
    document = sample()
    katex._exchange, before = exchange, katex._exchange
    try:
        katex.KeepPunctuation(document).run()
    finally:
        katex._exchange = before
    inner = "".join(map(shown_as, document[0]))
    return f"<p>{inner}</p>"


def shown_as(node: nodes.Node) -> str:
    if isinstance(node, nodes.Text):
        return node.astext()
    if isinstance(node, nodes.math):
        return "<span class='math'></span>"
    return f"<span class='nowrap'>{''.join(map(shown_as, node))}</span>"


def sample() -> nodes.document:
    document, paragraph = new_document("sample"), nodes.paragraph()
    for name in (katex.SHORT * "m", "n", "z"):  # behind a long formula a line may break
        paragraph += [nodes.math("", name), nodes.Text(", ")]
    document += paragraph
    return document


def first_that_is_equal(old: nodes.Node, new: nodes.Node) -> None:
    old.parent.replace(old, new)


def test_the_check_rejects_a_comma_in_another_place():
    def check(exchange):
        check_text(written(exchange), sample())

    rejects(check, katex._exchange, first_that_is_equal)
