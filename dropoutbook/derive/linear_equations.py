"""Equations (1)-(9) of the source: one linear unit, with and without gates.

The source writes p for the probability of keeping (in Eqs. (3)-(8)); here that is k, and p is
the probability of dropping. Apart from this `printed` is what the source has; `tex` is its letters.
"""

from collections.abc import Callable

import sympy as sp

from dropoutbook.derive import linear_unit as unit
from dropoutbook.derive.laws import Bernoulli
from dropoutbook.derive.linear_unit import delta, effective, i, inputs, j, k, l, n, t, w
from dropoutbook.derive.moments import expectation
from dropoutbook.derive.source_equation import SourceEquation
from dropoutbook.derive.sums import Differs, equal, gradient, replace_family


def _is_linear_unit(equation: sp.Eq) -> bool:
    output = equation.rhs
    at_zero = replace_family(output, w, lambda j: sp.Integer(0)).doit()
    return at_zero == 0 and equal(gradient(output, w[l]), inputs[l])


def _is_half_squared_error(equation: sp.Eq) -> bool:
    """Slope t - O in the target t, and no error where the target is met."""
    error = equation.rhs
    output = unit.weighted_sum(lambda j: effective[j])
    return equal(error.diff(t), t - output) and equal(error.subs(t, output), sp.Integer(0))


def _gradient(gate: Callable[[sp.Expr], sp.Expr]) -> sp.Expr:
    """The derivative in the three terms of Eqs. (4) and (6), for gates of either kind."""
    own = -t * gate(i) * inputs[i] + w[i] * gate(i) ** 2 * inputs[i] ** 2
    pair = w[j] * gate(i) * gate(j) * inputs[i] * inputs[j]
    return own + sp.Sum(pair * Differs(i, j), (j, 1, n))


_extra = w[i] * k[i] * (1 - k[i]) * inputs[i] ** 2  # w_i Var(delta_i) I_i^2
_penalty = sp.Sum(k[i] * (1 - k[i]) * w[i] ** 2 * inputs[i] ** 2, (i, 1, n))
_f, _keep, _gate = sp.Function("f"), sp.Symbol("k"), sp.Symbol("delta")
_activation = _f(unit.weighted_sum(lambda j: w[j]))

_O, _y = sp.symbols("O y")
_E_N, _E_D, _E_R = sp.symbols("E_N E_D E_R")
_dE_N, _dE_D = (
    sp.Symbol(rf"\frac{{\partial {error}}}{{\partial w_i}}") for error in ("E_N", "E_D")
)
_mean_dE_D = sp.Symbol(rf"\mathbb{{E}}\left[{_dE_D}\right]")

_equation_2 = sp.Eq(_E_N, unit.half_squared_error(lambda j: effective[j]))

linear_equations: dict[int, SourceEquation] = {
    1: SourceEquation(
        right=sp.Eq(_O, unit.weighted_sum(lambda j: w[j])),
        proves=_is_linear_unit,
        tex=r"O = \sum_{i}^{n}{w_i}{I_i}",
        difference="The sum is printed without its lower limit.",
    ),
    2: SourceEquation(
        right=_equation_2,
        proves=_is_half_squared_error,
        tex=r"E_N = \frac{1}{2}(t - \sum_{i=1}^{n}{w_{i}^{'}I_i})^2",
        difference="It is called the mean squared error; it is half the squared error of one "
        "example.",
    ),
    3: SourceEquation(
        right=sp.Eq(_E_N, unit.error_without_dropout),
        proves=lambda equation: equal(
            equation.rhs, replace_family(_equation_2.rhs, effective, lambda j: k[j] * w[j])
        ),
        tex=r"E_N = \frac{1}{2}(t - \sum_{i=1}^{n}{p_iw_iI_i})^2",
        difference="The printed p is the probability of keeping.",
    ),
    4: SourceEquation(
        right=sp.Eq(_dE_N, _gradient(lambda j: k[j])),
        proves=lambda equation: equal(equation.rhs, gradient(unit.error_without_dropout, w[i])),
        tex=r"\frac{\partial E_N}{\partial w_i} = -tp_iI_i + w_ip_i^2I_i^2 "
        r"+ \sum_{j=1,j \neq i}^{n}{w_jp_ip_jI_iI_j}",
    ),
    5: SourceEquation(
        right=sp.Eq(_E_D, unit.error_with_dropout),
        proves=lambda equation: equal(
            equation.rhs, replace_family(_equation_2.rhs, effective, lambda j: delta[j] * w[j])
        ),
        tex=r"E_D = \frac{1}{2}(t - \sum_{i=1}^{n}{\delta_iw_iI_i})^2",
        difference="The formula is right; the text before it calls the gate a drop rate, and it "
        "is neither a rate nor 1 where a unit is dropped.",
    ),
    6: SourceEquation(
        right=sp.Eq(_dE_D, _gradient(lambda j: delta[j])),
        proves=lambda equation: equal(equation.rhs, gradient(unit.error_with_dropout, w[i])),
        tex=r"\frac{\partial E_D}{\partial w_i} = -t\delta_iI_i + w_i\delta_i^2I_i^2 "
        r"+ \sum_{j=1,j \neq i}^{n}{w_j\delta_i\delta_jI_iI_j}",
    ),
    7: SourceEquation(
        right=sp.Eq(_mean_dE_D, _gradient(lambda j: k[j]) + _extra),
        proves=lambda equation: equal(
            equation.rhs, expectation(gradient(unit.error_with_dropout, w[i]), unit.gates)
        ),
        tex=r"\begin{align} E\Big[\frac{\partial E_D}{\partial w_i}\Big] "
        r"&= -tp_iI_i + w_ip_i^2I_i^2 + w_iVar(\delta_i)I_i^2 "
        r"+\sum_{j=1,j \neq i}^{n}{w_jp_ip_jI_iI_j}\\ "
        r"&=\frac{\partial E_D}{\partial w_i} + w_iVar(\delta_i)I_i^2\\ "
        r"&=\frac{\partial E_D}{\partial w_i} + w_ip_i(1 - p_i)I_i^2 \end{align}",
        printed=sp.Eq(_mean_dE_D, _gradient(lambda j: delta[j]) + _extra),
        difference="Lines 2 and 3 print the gradient with dropout where the one without stands "
        "in line 1: a random number on the right, a fixed one on the left.",
    ),
    8: SourceEquation(
        right=sp.Eq(_E_R, unit.error_without_dropout + _penalty / 2),
        proves=lambda equation: equal(
            equation.rhs, expectation(unit.error_with_dropout, unit.gates)
        ),
        tex=r"E_R = \frac{1}{2}(t - \sum_{i=1}^{n}{p_iw_iI_i})^2 "
        r"+ \sum_{i=1}^{n}{p_i(1 - p_i)w_i^2I_i^2}",
        printed=sp.Eq(_E_R, unit.error_without_dropout + _penalty),
        difference="The factor 1/2 of the penalty is missing: its gradient is twice that of (7).",
    ),
    9: SourceEquation(
        right=sp.Eq(_y, _keep * _activation),
        proves=lambda equation: equal(
            equation.rhs, expectation(_gate * _activation, {_gate: Bernoulli(_keep)})
        ),
        tex="y = (1 - p)f(WX)",
        explained=sp.Eq(_y, (1 - _keep) * _activation),
        difference="The tip calls the printed p the drop rate, and so read the formula is right. "
        "But the tip builds on w' = pw, where p is the probability of keeping: with that p, 1 - p "
        "is the wrong factor. And its words scale the weights, the formula the output.",
    ),
}
