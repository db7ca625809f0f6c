"""What the displayed formulas of this page stand for: one unit of an LSTM under masks."""

import sympy as sp

from dropoutbook.derive import Bernoulli, expectation, source_equations, variance
from dropoutbook.derive import lstm_equations as lstm
from tests.formulas.meaning import Meaning, Pinned, k

CELL = {
    "f_t": lstm.f_t, "i_t": lstm.i_t, "o_t": lstm.o_t, "c_{t-1}": lstm.c_before,
    "h_{t-1}": lstm.h_before, "m": lstm.m, "m_t": lstm.m,
    "g_t": lstm.candidate, r"\hat c_t": lstm.candidate,
}  # fmt: skip


def cell(value: sp.Expr) -> Meaning:
    return Meaning(CELL | {"c_t": value})


# the mean weight of an update three steps after it was written, by the masks that it meets
f, lag = sp.Symbol("f", positive=True), 3
m = sp.symbols("m_0:4")
laws = {mask: Bernoulli(k) for mask in m}
MET = [  # a and b of each row of the table, and what the update is multiplied by
    (k, k, sp.Mul(*m)),
    (k, 1, m[0] ** (lag + 1)),
    (k, k, k ** (lag + 1)),
    (1, 1 / k, (m[0] / k) ** (lag + 1)),
    (k, 1, m[0]),
]


def memory(a: sp.Expr, b: sp.Expr, met: sp.Expr) -> Meaning:
    weight = expectation(met * f**lag, laws)
    return Meaning({"r": {lag: weight}, "a": a, "b": b, "f": f, "j": sp.Integer(lag)})


TWINS = {
    "5.1": Meaning(
        CELL
        | {
            "c_t": lstm.cell(lstm.c_before, lstm.candidate),
            "h_t": lstm.o_t * sp.tanh(lstm.cell(lstm.c_before, lstm.candidate)),
        }
    ),
    "10": cell(source_equations[10].right.rhs),
    "unnumbered 1": cell(source_equations[10].printed.rhs),
    "11": cell(source_equations[11].right.rhs),
    "unnumbered 2": cell(source_equations[11].printed.rhs),
    "12": Pinned(
        r"\begin{pmatrix} i_t \\ f_t \\ o_t \\ g_t \end{pmatrix} = "
        r"\begin{pmatrix} \sigma \\ \sigma \\ \sigma \\ \tanh \end{pmatrix} "
        r"\left( W \begin{pmatrix} x_t \odot z_x \\ h_{t-1} \odot z_h \end{pmatrix} \right) .",
        reason="a column of functions is applied to a column of sums; "
        "this form is that of source_equations[12]",
    ),
    "unnumbered 3": Pinned(
        r"\begin{pmatrix} i \\ f \\ g \end{pmatrix} = "
        r"\begin{pmatrix} \sigma \\ \sigma \\ \sigma \\ \tanh \end{pmatrix} "
        r"\left( \begin{pmatrix} x_t \otimes z_x \\ h_{t-1} \otimes z_h \end{pmatrix} "
        r"\cdot W \right) ,",
        reason="quoted from the source, which prints three rows on the left and four on the right",
    ),
    "5.2": [memory(*row) for row in MET],
}


def weight(met: sp.Expr) -> Meaning:
    return Meaning({"f": f, "j": sp.Integer(lag)}, shows=expectation(met * f**lag, laws))


T = 4
zoneout = sp.Mul(*(gate * f + 1 - gate for gate in m[1:])) * m[0]
updates = {"T": sp.Integer(T)}

INLINE = {
    r"(f / k)^j": weight(MET[3][2]),
    r"r_j = k (k f + 1 - k)^j": Meaning(
        {"r": {lag: expectation(zoneout, laws)}, "f": f, "j": sp.Integer(lag)}
    ),
    r"T^2 p / k": Meaning(updates, shows=variance(T * m[0] / k, laws)),
    r"T p / k": Meaning(updates, shows=variance(sum(m) / k, laws)),
}
