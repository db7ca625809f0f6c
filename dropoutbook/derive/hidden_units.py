"""A gate on each unit of a hidden layer: the mean loss, for every number of units.

Inputs, hidden units and outputs are all numbered 1..n; a smaller layer has zeros for the rest.
"""

import sympy as sp

from dropoutbook.derive.linear_unit import delta, i, j, k, l, n
from dropoutbook.derive.sums import gradient, replace_family

h = sp.IndexedBase("h", real=True)  # units of the layer, before their gates
x = sp.IndexedBase("x", real=True)  # inputs
t = sp.IndexedBase("t", real=True)  # targets
V = sp.IndexedBase("V", real=True)  # weights into the layer, (unit, input)
U = sp.IndexedBase("U", real=True)  # weights out of it, (output, unit)

level, slope = sp.Symbol("a", real=True), sp.IndexedBase("b", real=True)
curvature = sp.IndexedBase("H", real=True)

# a loss that is quadratic in the units, and no other
quadratic_form = (
    level
    + sp.Sum(slope[j] * h[j], (j, 1, n))
    + sp.Sum(curvature[j, l] * h[j] * h[l], (j, 1, n), (l, 1, n)) / 2
)
# the outputs U h against the targets
squared_error = sp.Sum((t[i] - sp.Sum(U[i, j] * h[j], (j, 1, n))) ** 2, (i, 1, n)) / 2


def dropped(loss: sp.Expr, units: sp.IndexedBase = h) -> sp.Expr:
    """The loss with inverted gates: delta[j] / k[j] units[j] in the place of units[j]."""
    return replace_family(loss, units, lambda j: delta[j] / k[j] * units[j])


def of_inputs(loss: sp.Expr) -> sp.Expr:
    """The loss as a function of the inputs, with the linear units h = V x."""
    m = sp.Dummy("m", integer=True)  # no sum of `loss` may take it for its own index
    return replace_family(loss, h, lambda j: sp.Sum(V[j, m] * x[m], (m, 1, n)))


def second_order_penalty(loss: sp.Expr, units: sp.IndexedBase = h) -> sp.Expr:
    """What inverted gates add to a loss on average, to second order in their noise.

        1/2 sum_j (1 - k_j) / k_j h_j**2 d2 loss / d h_j**2

    Exact for a loss that is quadratic in the units.

    Args:
        loss: polynomial in `units`, its sums over 1..n.
        units: what is dropped.

    Source:
        Wei, Kakade and Ma (2020), The implicit and explicit regularization effects of dropout.
    """
    second = gradient(gradient(loss, units[j]), units[j])
    return sp.Sum((1 - k[j]) / k[j] * units[j] ** 2 * second, (j, 1, n)) / 2
