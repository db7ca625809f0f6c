"""The equations that the pages show under the source's numbers are those that are proved."""

import re
from pathlib import Path

import nbformat
import pytest
import sympy as sp

from dropoutbook.derive import source_equations
from dropoutbook.derive.linear_unit import inputs, j, n, w
from dropoutbook.derive.lstm_equations import GATES, gates, h_before, x_t, z_h, z_x
from dropoutbook.derive.variant_equations import M, W, a, g, kept, pi, v, x
from tests.formulas.tex import ATOMS, TexError, last_side, read

CHAPTERS = Path(__file__).parents[2] / "chapters"
NUMBERED = re.compile(r"\$\$((?:(?!\$\$).)*?)\\tag\{(\d+)\}", re.DOTALL)


def typeset() -> dict[int, str]:
    """The TeX of each equation of the source, from the Markdown of the chapters."""
    found = {}
    for path in CHAPTERS.glob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            for tex, number in (
                NUMBERED.findall(cell.source) if cell.cell_type == "markdown" else ()
            ):
                assert int(number) not in found, f"({number}) stands twice"
                found[int(number)] = tex
    return found


# Formulas in the notation of matrices, and what one row of them stands for
i = sp.Symbol("i", integer=True)
MATRICES = ATOMS | {
    "f(W X)": sp.Function("f")(sp.Sum(w[j] * inputs[j], (j, 1, n))),
    r"a((M \odot W) v)": a(sp.Sum(M[i, j] * W[i, j] * v[j], (j, 1, n))),
    "g(W_s x)_i": g(sp.Sum(pi[i, j] * x[j], (j, 1, n))),
}
LSTM_GATES = r"""\begin{pmatrix} i_t \\ f_t \\ o_t \\ g_t \end{pmatrix} =
\begin{pmatrix} \sigma \\ \sigma \\ \sigma \\ \tanh \end{pmatrix}
\left( W \begin{pmatrix} x_t \odot z_x \\ h_{t-1} \odot z_h \end{pmatrix} \right) ."""


def right_hand_sides(number: int, tex: str) -> list[sp.Expr]:
    """What stands on the right of the last equality sign of each line, side remarks left out."""
    lines = re.sub(r"\\(?:begin|end)\{aligned\}", "", tex)
    if number != 14:  # there the remark, P(m_i = 1), is the statement
        lines = re.sub(r",?\s*\\qquad.*", "", lines, flags=re.DOTALL)
    return [read(last_side(line), MATRICES) for line in lines.split(r"\\")]


def proved(number: int, tex: str) -> bool:
    """Whether each line of the formula passes the check that belongs to its number."""
    equation = source_equations[number]
    if number == 12:  # one form, which is compared as it stands
        same = tex.split() == LSTM_GATES.split()
        masked = sp.Eq(GATES, gates(x_t * z_x, h_before * z_h), evaluate=False)
        return same and equation.proves(masked)
    try:
        lines = right_hand_sides(number, tex)
    except TexError:
        return False
    left = equation.right.lhs
    return all(equation.proves(sp.Eq(left, line, evaluate=False)) for line in lines)


TYPESET = typeset()
every_number = pytest.mark.parametrize("number", source_equations)


def test_every_equation_of_the_source_is_typeset_once():
    assert set(TYPESET) == set(source_equations)


@every_number
def test_the_page_shows_what_is_proved(number):
    assert proved(number, TYPESET[number])


def test_the_gate_of_standout_is_shown_as_a_keep_probability():
    assert source_equations[14].right.lhs == kept
    assert "P(m_i = 1) =" in TYPESET[14]


CHANGES = {  # one sign, factor, exponent or index; each where it occurs, one at a time
    "+": "-", "-": "+", r"\frac12": "", r"\frac{1}{2}": "", "^2": "^3", "w_i": "w_j", "w_j": "w_i",
    "I_i": "I_j", "I_j": "I_i", "k_i": "k_j", "k_j": "k_i", r"\delta_i": r"\delta_j",
    r"\delta_j": r"\delta_i", "E_N": "E_D", r"\neq": "=", "c_{t-1}": "h_{t-1}", "f_t": "i_t",
    "i_t": "f_t", r"\odot m": "", "k\\,": "(1 - k)\\,", "x_t": "h_{t-1}", "z_h": "z_x",
    r" o_t \\": "", "W_s x": "W x", "M \\odot": "",
}  # fmt: skip


def changed(tex: str) -> list[str]:
    """The formula with one change, in every way; left-hand sides and remarks are left alone."""
    start = tex.index("=") if "pmatrix" not in tex else 0
    end = tex.find(r"\qquad") if r"\qquad" in tex and "P(m_i" not in tex else len(tex)
    return [
        tex[: place.start()] + new + tex[place.end() :]
        for old, new in CHANGES.items()
        for place in re.finditer(re.escape(old), tex)
        if start < place.start() < end
    ]


WRONG = [(number, tex) for number in TYPESET for tex in changed(TYPESET[number])]


@pytest.mark.parametrize(("number", "tex"), WRONG)
def test_a_change_of_what_the_page_shows_is_refused(number, tex):
    assert not proved(number, tex)


@every_number
def test_every_equation_can_be_shown_wrongly(number):
    assert sum(number == other for other, _ in WRONG) >= 1


@pytest.mark.parametrize("tex", ["w_q", "w_i (", "w_i + ", r"\alpha", "w_i)", "k_i'", ""])
def test_what_is_not_understood_is_refused(tex):
    with pytest.raises((TexError, IndexError)):
        read(tex)
