"""Every displayed formula is read off its page and proved, and a falsified one is refused."""

from pathlib import Path

import pytest

from dropoutbook.derive import source_equations
from tests.formulas.falsify import falsified
from tests.formulas.marks import TexError
from tests.formulas.pages import displayed, formulas, labelled
from tests.formulas.tex import read
from tests.formulas.twins import proved, twins
from tests.formulas.twins.mathematics import UNIT

FORMULAS = formulas()
PAGES = {path.stem for path in (Path(__file__).parent / "twins").glob("[a-z]*.py")}
every_formula = pytest.mark.parametrize("key", FORMULAS, ids=" ".join)


def test_every_formula_has_a_twin_and_every_twin_a_formula():
    assert {(page, label) for page in PAGES for label in twins(page)} == set(FORMULAS)


def test_every_equation_of_the_source_is_displayed_once():
    numbers = sorted(int(label) for _, label in FORMULAS if label.isdecimal())
    assert numbers == sorted(source_equations)


@every_formula
def test_the_page_shows_what_is_proved(key):
    assert proved(*key, FORMULAS[key])


def sample(tex: str) -> list[str]:
    """Three or four falsified forms of a formula, from all over it."""
    found = falsified(tex)
    return found[len(found) // 7 :: len(found) // 3]


SAMPLE = [
    pytest.param(key, wrong, id=f"{' '.join(key)} {number}")
    for key, tex in FORMULAS.items()
    for number, wrong in enumerate(sample(tex))
]


@every_formula
def test_it_can_be_falsified(key):
    assert len(falsified(FORMULAS[key])) >= 20


@pytest.mark.parametrize(("key", "wrong"), SAMPLE)
def test_a_falsified_formula_is_refused(key, wrong):
    assert not proved(*key, wrong)


@pytest.mark.parametrize(
    "text",
    [
        "$$ x $$",
        "```{math}\nx\n```",
        ":::{exercise}\nWhy is\n$$\nx\n$$\n:::",
        r"\begin{align*} x \end{align*}",
        r"\[ x \]",
    ],
)
def test_every_way_to_display_a_formula_is_found(text):
    assert len(displayed(text)) == 1


def test_what_stands_in_a_line_is_not_displayed():
    assert displayed("where $x$ is $2$, and `$$` is code") == []


def test_formulas_are_named_by_their_numbers():
    assert list(labelled([r"x \tag{6.1.2}", "y", "z"])) == [
        ("6.1.2", "x "), ("unnumbered 1", "y"), ("unnumbered 2", "z"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "tex", ["w_q", "w_i (", "w_i + ", r"\alpha", "w_i)", "k_i'", r"\sum_{i=2}^n w_i", r"w_i \% k_i"]
)
def test_what_is_not_understood_is_refused(tex):
    with pytest.raises(TexError):
        read(tex, UNIT)
