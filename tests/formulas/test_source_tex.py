"""What the package takes for the source's formula is what stands there, letter by letter."""

import re

import pytest
import sympy as sp

from dropoutbook.derive import source_equations
from dropoutbook.derive.lstm_equations import GATES
from dropoutbook.derive.sums import equal
from tests.formulas.test_numbered_equations import MATRICES
from tests.formulas.tex import last_side, read

LETTERS = {  # the source's, and the book's
    r"p_(\w)": r"k_\1", r"\\otimes": r"\\odot", r"\\hat c_\{t\}": "g_t", r"w_\{i\}\^\{'\}": "w_i'",
    r"Var\(\\delta_i\)": r"\\operatorname{Var}(\\delta_i)", r"\\sum_\{i\}": r"\\sum_{i=1}",
    r"\\(?:begin|end)\{align\}": "", "WX": "W X", r"\(1 - p\)f": "k f",  # p drops in the tip
}  # fmt: skip
BODY = re.compile(r"(?<=\^\{n\})\{((?:[^{}]|\{[^{}]*\})*)\}|\{(\w_i)\}")


def lines(tex: str) -> list[sp.Expr]:
    """The right-hand side of each line, in the book's letters."""
    for theirs, ours in LETTERS.items():
        tex = re.sub(theirs, ours, tex)
    tex = BODY.sub(lambda match: match[1] or match[2], tex)
    return [read(last_side(line), MATRICES) for line in tex.split(r"\\ ")]


@pytest.mark.parametrize("number", [n for n in source_equations if n not in (7, 12, 14)])
def test_the_formula_of_the_package_is_the_one_that_the_source_prints(number):
    equation = source_equations[number]
    [line] = lines(equation.tex)
    printed = equation.right if equation.printed is None else equation.printed
    assert equal(line, printed.rhs)


@pytest.mark.parametrize("number", [7, 8, 10, 11])
def test_what_the_source_prints_wrongly_is_not_the_right_formula(number):
    equation = source_equations[number]
    assert not equal(lines(equation.tex)[-1], equation.right.rhs)


def test_two_of_the_three_lines_of_equation_7_are_wrong():
    equation = source_equations[7]
    first, *others = lines(equation.tex)
    assert equal(first, equation.right.rhs)
    assert all(equal(line, equation.printed.rhs) for line in others)


def test_a_gate_is_missing_in_equation_12():
    equation = source_equations[12]
    left, functions, _ = re.findall(r"\\begin\{pmatrix\}(.*?)\\end", equation.tex)
    assert left.split(r"\\ ") == ["i", "f", "g"]
    assert functions.split(r"\\ ") == [r"\sigma", r"\sigma", r"\sigma", "tanh"]
    assert len(equation.printed.lhs) == 3
    assert len(equation.printed.rhs) == len(GATES) == 4


def test_equation_14_draws_the_mask_with_the_probability_that_it_is_kept():
    equation = source_equations[14]
    assert equation.tex == r"m_i \simeq Bernoulli(g(W_sX))"
    assert equation.printed is None
    assert equation.proves(equation.right)
    assert not equation.proves(equation.explained)
