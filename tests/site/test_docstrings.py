"""Docstrings reach the page as they were meant."""

from textwrap import dedent

import pytest
from bookpages.docstrings import as_markup, skip
from bs4 import BeautifulSoup
from docutils.core import publish_doctree
from docutils.nodes import emphasis, literal_block, paragraph, strong, title_reference
from sphinx.ext.napoleon import Config, GoogleDocstring

from dropoutbook import Dropout, DropScheduler, VariationalLSTM
from tests.site.conftest import build_book

DOCSTRING = """
    Drops entries.

        y = x * keep / (1 - p)
        z = |x| ** 2

            deeper

    with x**2 and *keep*, x_ and `a * b` in a sentence, |y| too.

    Args:
        p: in [0, 1], *not* more.
        input_size ... proj_size, options: as they are.

    Shape:
        input: (N, C, *), any.

    Moments, given x:
        E[y] = x * 1,
        Var[y] = 2.

    Source:
        Someone (2014), *Paper*.
"""


@pytest.fixture(scope="module")
def lines():
    return as_markup(dedent(DOCSTRING).strip().splitlines())


@pytest.fixture(scope="module")
def tree(lines):
    config = Config(napoleon_custom_sections=[["Shape", "params_style"], "Source"])
    text = str(GoogleDocstring(lines, config))
    # warnings of docutils are errors here
    return publish_doctree(text, settings_overrides={"halt_level": 2, "report_level": 5})


def test_formulas_stand_as_they_were_written(tree):
    shown = [block.astext() for block in tree.findall(literal_block)]
    assert shown == [
        "y = x * keep / (1 - p)\nz = |x| ** 2\n\n    deeper",
        "E[y] = x * 1,\nVar[y] = 2.",
    ]


def test_only_backticks_are_markup(tree):
    assert [node.astext() for node in tree.findall(title_reference)] == ["a * b"]
    assert not list(tree.findall(emphasis))
    texts = " ".join(node.astext() for node in tree.findall(paragraph))
    for text in ("x**2 and *keep*, x_ and", "|y| too", "*not* more", "(N, C, *), any", "*Paper*"):
        assert text in texts


def test_unknown_sections_get_a_heading(tree):
    assert "Moments, given x:" in [node.astext() for node in tree.findall(strong)]


def test_a_name_with_an_ellipsis_is_no_type(lines):
    assert "    input_size…proj_size, options: as they are." in lines


def test_plain_text_is_left_alone():
    lines = ["A sentence.", "", "Args:", "    p: a rate.", "        More.", "", "    q: another."]
    assert as_markup(lines) == lines


@pytest.mark.parametrize(
    ("value", "left_out"),
    [
        (Dropout.drop, True),
        (VariationalLSTM.masks, True),
        (VariationalLSTM.from_lstm, None),
        (DropScheduler.step, None),
    ],
)
def test_of_a_layer_only_what_makes_one_is_shown(value, left_out):
    assert skip(None, "class", value.__name__, value, False, None) is left_out


def test_an_array_like_is_shown_by_its_name(tmp_path):
    config = {
        "extensions": ["myst_parser", "bookpages.docstrings", "sphinx.ext.napoleon"],
        "autodoc_typehints": "description",
        "html_math_renderer": "mathjax",
        "nitpicky": False,
    }
    function = "```{eval-rst}\n.. autofunction:: dropoutbook.lab.diagrams.draw_network\n```"
    app, warnings = build_book(tmp_path, {"a": function}, **config)
    text = BeautifulSoup((app.outdir / "a.html").read_text(), "html.parser").get_text()
    assert warnings == ""
    assert "keep (Sequence[ArrayLike]) – for each layer" in text
