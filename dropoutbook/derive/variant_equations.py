"""Equations (13) and (14) of the source: a gate on each weight, and a gate that looks."""

import sympy as sp

from dropoutbook.derive.laws import Bernoulli
from dropoutbook.derive.linear_unit import i, j, l, n
from dropoutbook.derive.moments import expectation
from dropoutbook.derive.source_equation import SourceEquation
from dropoutbook.derive.sums import equal, gradient, replace_family

M, W, v, W_s, x = (sp.IndexedBase(name) for name in ("M", "W", "v", "W_s", "x"))
a, g = sp.Function("a"), sp.Function("g")
r_i, m_i = sp.symbols("r_i m_i")
kept, dropped = (sp.Symbol(rf"P{{\left(m_i={value}\right)}}") for value in (1, 0))

_activity = g(sp.Sum(W_s[i, j] * x[j], (j, 1, n)))


def _gates_each_weight(equation: sp.Eq) -> bool:
    """An activation of a sum that is linear in the mask, with slope W_il v_l in each M_il."""
    if equation.rhs.func != a:
        return False
    total = equation.rhs.args[0]
    empty = replace_family(total, M, lambda *indices: sp.Integer(0)).doit()
    return empty == 0 and equal(gradient(total, M[i, l]), W[i, l] * v[l])


def _keeps_the_active(equation: sp.Eq) -> bool:
    """The mean of m_i y is y times the activity, which is the rule of standout at test."""
    keep = equation.rhs if equation.lhs == kept else 1 - equation.rhs
    y = sp.Symbol("y")
    return equal(expectation(m_i * y, {m_i: Bernoulli(keep)}), _activity * y)


variant_equations: dict[int, SourceEquation] = {
    13: SourceEquation(
        right=sp.Eq(r_i, a(sp.Sum(M[i, j] * W[i, j] * v[j], (j, 1, n)))),
        proves=_gates_each_weight,
        tex=r"r = a((M\otimes W)v)",
        difference="Not said: each example of a batch draws a mask of its own, and biases are "
        "masked like weights.",
    ),
    14: SourceEquation(
        right=sp.Eq(kept, _activity),
        proves=_keeps_the_active,
        tex=r"m_i \simeq Bernoulli(g(W_sX))",
        explained=sp.Eq(dropped, _activity),
        difference="Where the mask is 1, the unit is kept; the sentence before the formula calls "
        "it the probability of being dropped.",
    ),
}
