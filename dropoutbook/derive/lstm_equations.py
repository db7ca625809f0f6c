"""Equations (10)-(12) of the source: masks in the recurrence of an LSTM, for one of its units."""

import sympy as sp

from dropoutbook.derive.source_equation import SourceEquation

c_t, c_before, h_before = sp.symbols(r"c_t c_{t-1} h_{t-1}")
x_t, m, z_x, z_h = sp.symbols("x_t m z_x z_h")
i_t, f_t, o_t, g_t = sp.symbols("i_t f_t o_t g_t")
candidate = sp.Symbol(r"\hat{c}_t")  # the g of Eq. (12), as Eqs. (10) and (11) write it
GATES = sp.ImmutableMatrix([i_t, f_t, o_t, g_t])
sigma = sp.Function("sigma")


def cell(before: sp.Expr, update: sp.Expr) -> sp.Expr:
    """The cell of an LSTM: what is remembered, and what is written."""
    return f_t * before + i_t * update


def gates(x: sp.Expr, h: sp.Expr) -> sp.ImmutableMatrix:
    """The gates i, f, o and the candidate of an LSTM with input x and last hidden state h."""
    sums = [sp.Symbol(f"W_{{x{q}}}") * x + sp.Symbol(f"W_{{h{q}}}") * h for q in "ifog"]
    return sp.ImmutableMatrix([*(sigma(total) for total in sums[:3]), sp.tanh(sums[3])])


def _is_gated(equation: sp.Eq, shut: sp.Expr) -> bool:
    """Linear in the mask; an LSTM where it is 1 (slopes f and i, no offset), `shut` where it is 0.

    The slope f of c_t in c_{t-1} is the memory of the cell.
    """
    mask = sp.Poly(equation.rhs, m)
    plain = sp.expand(equation.rhs.subs(m, 1))
    slopes = (plain.diff(c_before), plain.diff(candidate), plain.subs({c_before: 0, candidate: 0}))
    closed = sp.expand(equation.rhs.subs(m, 0) - shut)
    return mask.degree() == 1 and slopes == (f_t, i_t, 0) and closed == 0


def _masks_the_inputs(equation: sp.Eq) -> bool:
    """All four gates of an LSTM, at a masked input and a masked hidden state."""
    masked = {x_t: x_t * z_x, h_before: h_before * z_h}
    return equation.lhs == GATES and equation.rhs == gates(x_t, h_before).subs(
        masked, simultaneous=True
    )


lstm_equations: dict[int, SourceEquation] = {
    10: SourceEquation(
        right=sp.Eq(c_t, cell(c_before, candidate) * m),
        proves=lambda equation: _is_gated(equation, shut=sp.Integer(0)),
        tex=r"c_t = (f_t \otimes h_{t-1} + i_t \otimes \hat c_{t}) \otimes m",
        printed=sp.Eq(c_t, cell(h_before, candidate) * m),
        difference="The hidden state is printed for the cell state, which would leave the cell "
        "without memory of itself.",
    ),
    11: SourceEquation(
        right=sp.Eq(c_t, cell(c_before, candidate * m)),
        proves=lambda equation: _is_gated(equation, shut=f_t * c_before),
        tex=r"c_t = f_t \otimes h_{t-1} + i_t \otimes \hat c_{t}\otimes m",
        printed=sp.Eq(c_t, cell(h_before, candidate * m)),
        difference="The hidden state is printed for the cell state here, too.",
    ),
    12: SourceEquation(
        right=sp.Eq(GATES, gates(x_t * z_x, h_before * z_h)),
        proves=_masks_the_inputs,
        tex=r"\begin{pmatrix}i\\ f\\ g\end{pmatrix}= "
        r"\begin{pmatrix}\sigma\\ \sigma\\ \sigma\\ tanh\end{pmatrix}\bigg( "
        r"\begin{pmatrix}x_t \otimes z_x\\ h_{t-1}\otimes z_h\end{pmatrix}\cdot W\bigg)",
        printed=sp.Eq(
            sp.ImmutableMatrix([i_t, f_t, g_t]), gates(x_t * z_x, h_before * z_h), evaluate=False
        ),
        difference="Three gates are printed on the left and four functions on the right: the "
        "output gate is missing. And W stands behind a column, where it does not fit.",
    ),
}
