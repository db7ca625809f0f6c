"""A number in prose is one that a cell near it computes, a formula shows, or a paper gives."""

import json
import random

import pytest

from tests.prose.numbers import ROOT, prose_numbers, text, unsupported

PAGES = ("drop_connect", "gaussian_dropout", "standout", "what_is_dropout")


def read(page):
    return json.loads((ROOT / "chapters" / f"{page}.ipynb").read_text("utf8"))


def notebook(*cells):
    kinds = {"#": "markdown", ">": "code"}
    return {
        "cells": [
            {"cell_type": kinds[cell[0]], "source": cell[1:], "outputs": []} for cell in cells
        ]
    }


@pytest.mark.parametrize("page", PAGES)
def test_numbers_in_prose_are_supported(page):
    assert list(unsupported(read(page))) == []


@pytest.mark.parametrize(
    ("prose", "found"),
    [
        ("It is 12.5 % lower in 1 000 images.", ["12.5", "1000"]),
        ("Ten seeds, and a hundred masks.", ["10", "100"]),
        ("$x = 7$, `p = 0.3`, {eq}`eq-9`, [here](page-8), section 4.2, in 2014.", []),
        (":::{exercise} Seven\\n:label: seven-7\\n:::\\n## 9 lives", []),
        ("One or 2 of them.", []),
    ],
)
def test_what_counts_as_a_number(prose, found):
    cell = "#" + prose.replace("\\n", "\n")
    assert [number for _, number, _ in unsupported(notebook(cell))] == found


@pytest.mark.parametrize(
    "beside",
    [">n = 12", ">print(12)", "#$x = 12$", ">share = 0.12"],
)
def test_a_number_is_supported_from_near(beside):
    assert list(unsupported(notebook(beside, "#There are 12 % of them."))) == []
    far = [beside, *["#Nothing."] * 4, "#There are 12 % of them."]
    assert [number for _, number, _ in unsupported(notebook(*far))] == ["12"]


def test_an_output_supports_and_a_paper_does_where_it_is_cited():
    book = notebook(">f()", "#It is 3.5.")
    book["cells"][0]["outputs"] = [{"data": {"text/markdown": ["It is ", "3.5"]}}]
    assert list(unsupported(book)) == []
    cited = "#{cite:t}`srivastava2014dropout` report 1.05 %."
    assert list(unsupported(notebook(cited))) == []
    other = cited.replace("srivastava2014dropout", "ghiasi2018dropblock")
    assert [number for _, number, _ in unsupported(notebook(other))] == ["1.05"]


def test_most_changed_numbers_are_refused():
    rng, refused, changed = random.Random(0), 0, 0
    for book in map(read, PAGES):
        for cell in book["cells"]:
            for paragraph in text(cell).split("\n\n") if cell["cell_type"] == "markdown" else []:
                for number, _ in prose_numbers(paragraph):
                    as_written = f"{number:g}"
                    if number in (0, 1, 2) or paragraph.count(as_written) != 1:
                        continue
                    false = f"{number * rng.choice([0.9, 1.1, 3]):g}"
                    whole = cell["source"]
                    cell["source"] = text(cell).replace(
                        paragraph, paragraph.replace(as_written, false)
                    )
                    refused, changed = refused + bool(list(unsupported(book))), changed + 1
                    cell["source"] = whole
    assert changed >= 30
    assert refused >= 0.6 * changed
