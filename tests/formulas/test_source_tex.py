"""What the package takes for the source's formula is what stands there, letter by letter."""

import re

import pytest
import sympy as sp

from dropoutbook.derive import Bernoulli, source_equations
from dropoutbook.derive import linear_unit as unit
from dropoutbook.derive.lstm_equations import GATES
from dropoutbook.derive.moments import variance
from dropoutbook.derive.sums import equal
from tests.formulas.meaning import EVERYWHERE, Meaning
from tests.formulas.tex import read
from tests.formulas.twins import drop_connect, recurrence, standout
from tests.formulas.twins.mathematics import SLOPES, UNIT

LETTERS = EVERYWHERE | UNIT | SLOPES | {  # the source's p keeps in Eqs. (3) to (8)
    "p": unit.k, "Var": lambda value: variance(value, unit.gates),
}  # fmt: skip
TIP = {"p": 1 - sp.Symbol("k"), "f(WX)": source_equations[9].right.rhs.args[1]}  # it drops there
LEFT = {1: "O", 2: "E_N", 3: "E_N", 5: "E_D", 8: "E_R", 9: "y", 10: "c_t", 11: "c_t"}


def names(number: int) -> dict[str, object]:
    if number in (10, 11):
        return recurrence.CELL
    return LETTERS | (TIP if number == 9 else {})


def lines(number: int) -> list[sp.Expr]:
    """The right-hand sides of the formula."""
    sides = "".join(source_equations[number].tex.split("=", 1)[1:])
    [relation] = read(sides, names(number))
    return [side.value for side in relation]


@pytest.mark.parametrize("number", LEFT)
def test_the_formula_of_the_package_is_the_one_that_the_source_prints(number):
    equation = source_equations[number]
    printed = equation.right if equation.printed is None else equation.printed
    assert Meaning(names(number) | {LEFT[number]: printed.rhs}).proves(equation.tex)


@pytest.mark.parametrize("number", [4, 6])
def test_the_gradient_of_the_source_is_the_gradient(number):
    assert Meaning(LETTERS).proves(source_equations[number].tex)


@pytest.mark.parametrize("number", [7, 8, 10, 11])
def test_what_the_source_prints_wrongly_is_not_the_right_formula(number):
    assert not equal(lines(number)[-1], source_equations[number].right.rhs)


def test_two_of_the_three_lines_of_equation_7_are_wrong():
    equation = source_equations[7]
    first, *others = lines(7)
    assert equal(first, equation.right.rhs)
    assert len(others) == 2
    assert all(equal(line, equation.printed.rhs) for line in others)


def test_a_gate_is_missing_in_equation_12():
    equation = source_equations[12]
    left, functions, _ = re.findall(r"\\begin\{pmatrix\}(.*?)\\end", equation.tex)
    assert left.split(r"\\ ") == ["i", "f", "g"]
    assert functions.split(r"\\ ") == [r"\sigma", r"\sigma", r"\sigma", "tanh"]
    assert len(equation.printed.lhs) == 3
    assert len(equation.printed.rhs) == len(GATES) == 4


def test_equation_13_is_that_of_the_page():
    assert drop_connect.TWINS["13"].proves(source_equations[13].tex)


def test_equation_14_draws_the_mask_with_the_probability_that_it_is_kept():
    equation = source_equations[14]
    page = standout.TWINS["14"]
    source = {"Bernoulli": Bernoulli, "g(W_sX)": standout.activity}
    assert Meaning({**page.names, **source}, laws=page.laws).proves(equation.tex)
    assert equation.printed is None
    assert equation.proves(equation.right)
    assert not equation.proves(equation.explained)
