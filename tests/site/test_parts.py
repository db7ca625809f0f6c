"""The extension as a whole, on a small book: each of its parts leaves its mark on the pages."""

import shutil
from pathlib import Path

import bookpages
import pytest
from bookpages.downloads import NAME
from matplotlib.figure import Figure

from dropoutbook.derive import source_equations
from dropoutbook.testing import PROPERTIES
from tests.site.conftest import CONFIG, DRESSED, SITE, build_book

CONFIGURED = {
    **DRESSED,
    "extensions": ["myst_parser", "bookpages"],
    "myst_enable_extensions": [*CONFIG["myst_enable_extensions"], "substitution"],
    "html_baseurl": "https://example.org/book",
    "html_theme_options": {"repository_url": "https://github.com/a/b"},
}
PAGES = {
    "tagged": "$$\nx \\tag{7}\n$$",
    "referring": "There are {{ equations }} equations; see {eq}`eq-7`.",
    "listing": "<!-- names -->\n\n<!-- properties -->",
    "documented": "```{eval-rst}\n.. autofunction:: dropoutbook.mc_dropout\n```",
    "moving": "```{interactive} standout\nA caption.\n```",
    "pictured": "![A picture](picture.png)",
}


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Path:
    """The folder of the pages."""
    folder = tmp_path_factory.mktemp("book")
    (folder / "chapters").mkdir()
    shutil.copy(SITE.parent / "chapters" / "claims.toml", folder / "chapters")
    Figure(figsize=(1, 1)).savefig(folder / "picture.png", dpi=60)
    return build_book(folder, PAGES, **CONFIGURED)[0].outdir


# of each part: the page, and what stands there because of it
MARKS = {
    "counts": ("referring", [f"There are {len(source_equations)} equations"]),
    "docstrings": ("documented", ["Inside, every dropout in", '<div class="highlight-text']),
    "modules": ("listing", [f"<p>{next(iter(PROPERTIES.values())).__doc__}</p>"]),
    "equation_tags": ("tagged", ['<span class="eqno">(7)']),
    "katex": ("tagged", ['class="katex"', "<math"]),
    "equation_previews": (
        "referring",
        ['<template id="preview-equation-eq-7"><span class="katex-display">'],
    ),
    "interactive": ("moving", ["figures.js"]),
    "repository": ("tagged", ["github.com/a/b/edit/", "github.com/a/b/issues/new"]),
    "social_card": ("tagged", ['property="og:title"', "_static/social-card.png"]),
    "downloads": ("tagged", [f'href="{NAME}.zip"', "download-all-button"]),
    "finish": ("pictured", ['<img width="60" height="60"', "_static/style.css?v="]),
}


@pytest.mark.parametrize("part", MARKS)
def test_a_part_leaves_its_mark(book, part):
    page, marks = MARKS[part]
    text = (book / f"{page}.html").read_text()
    for mark in marks:
        assert mark in text


def test_every_part_has_a_mark():
    assert set(MARKS) == {part.__name__.removeprefix("bookpages.") for part in bookpages.PARTS}


def test_the_archive_and_the_picture_are_written(book):
    assert (book / f"{NAME}.zip").is_file()
    assert (book / "_static" / "social-card.png").is_file()
