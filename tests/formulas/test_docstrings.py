"""The moments and laws that docstrings of layers state are read there and proved."""

import inspect
import re

import pytest
import sympy as sp

import dropoutbook
from dropoutbook.derive import Bernoulli, expectation, variance
from tests.formulas.falsify import falsified
from tests.formulas.meaning import Meaning, k
from tests.formulas.twins import convolution, drop_connect, gaussian_dropout, in_every_case

HEADINGS = re.compile(r"^(?:Moments|Law)\b[^\n]*:\n((?:    .*\n?)+)", re.MULTILINE)
AS_TEX = {
    r"\*\*\(([^()]*)\)": r"^{\1}", r"\*\*(\w)": r"^\1", r"\*": r"\\odot", ";": ",",
    r"\bE\b": r"\\mathbb{E}", r"\b(Var|Cov)\b": r"\\operatorname{\1}", r"_\((\w)\)": r"_{(\1)}",
}  # fmt: skip


def typeset(line: str) -> str:
    """A line of a docstring as TeX."""
    for written, tex in AS_TEX.items():
        line = re.sub(written, tex, line)
    return line.strip()


def stated() -> dict[tuple[str, int], str]:
    """The lines under the headings of all public objects, by name and order."""
    found = {}
    for name in dropoutbook.__all__:
        doc = inspect.getdoc(getattr(dropoutbook, name)) or ""
        lines = [line for text in HEADINGS.findall(doc) for line in text.splitlines()]
        found |= {(name, number): typeset(line) for number, line in enumerate(lines)}
    return found


delta, x = sp.symbols("delta x", real=True)
gate = {delta: Bernoulli(k)}
inverted = Meaning({"y": delta * x / k, "x": x}, laws=gate)
block = convolution.sharing(4)
channel = convolution.TWINS["4.2"]

MEANINGS = {
    ("DropBlock", 0): Meaning(
        {"y": block.names["y_i"], "x": block.names["x_i"]},
        laws=block.laws,
        words={", units less than b apart are correlated.": ""},
    ),
    ("DropConnect", 0): Meaning(
        {
            "W": drop_connect.weights, "v": drop_connect.x, "b": drop_connect.biases,
            "u": sp.Matrix(drop_connect.totals),
            r"\mathbb{E}": lambda units: units.applyfunc(
                lambda unit: expectation(unit, drop_connect.biased)
            ),
            r"\operatorname{Var}": lambda units: units.applyfunc(
                lambda unit: variance(unit, drop_connect.biased)
            ),
        }
    ),
    ("Dropout", 0): Meaning(inverted.names, laws=gate, words={'rescale="train": ': ""}),
    ("Dropout", 1): Meaning({"y": delta * x, "x": x}, laws=gate, words={'rescale="test": ': ""}),
    ("GaussianDropout", 0): gaussian_dropout.TWINS["6.1.1"],
    ("MaxPoolDropout2d", 0): convolution.TWINS["4.8"],
    ("SpatialDropout", 0): Meaning(
        channel.names | {"y": channel.names["y_i"], "x": channel.names["x_i"]},
        laws=channel.laws,
        words={" within a channel,": ", B =", " between channels.": ""},
    ),
    ("WeightDrop", 0): Meaning(
        {"y": delta * x / k, "w": x},
        laws=gate,
        words={
            r"\mathbb{E} =": r"\mathbb{E}[y] =",
            r"\operatorname{Var} =": r"\operatorname{Var}[y] =",
            ", for p < 1.": "",
        },
    ),
}  # fmt: skip
STATED = stated()
every_line = pytest.mark.parametrize("line", STATED, ids=lambda line: f"{line[0]} {line[1]}")


def test_every_line_has_a_meaning():
    assert set(STATED) == set(MEANINGS)


@every_line
def test_it_holds(line):
    assert in_every_case(MEANINGS[line], STATED[line])


@every_line
def test_it_is_refused_in_falsified_forms(line):
    found = falsified(STATED[line])
    assert [wrong for wrong in found if in_every_case(MEANINGS[line], wrong)] == []


def test_a_docstring_is_read_as_it_is_meant():
    text = "E[y] = x_(i) * p**(n - i);  Var[y] = x**2"
    assert typeset(text) == (
        r"\mathbb{E}[y] = x_{(i)} \odot p^{n - i},  \operatorname{Var}[y] = x^2"
    )
