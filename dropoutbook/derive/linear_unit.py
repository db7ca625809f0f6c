"""One linear unit with a gate on each input: the symbols and formulas of Eqs. (1)-(8).

The formulas hold for every number n of inputs, and for keep probabilities k[i] that may differ.
"""

from collections.abc import Callable

import sympy as sp

from dropoutbook.derive.laws import Bernoulli
from dropoutbook.derive.sums import N

n = N  # how many inputs
i, j, l = sp.symbols("i j l", integer=True)  # noqa: E741 - the indices as printed
t = sp.Symbol("t", real=True)  # target
w = sp.IndexedBase("w", real=True)  # raw weights
effective = sp.IndexedBase("w'", real=True)  # effective weights w' = k w
inputs = sp.IndexedBase("I", real=True)  # inputs
k = sp.IndexedBase("k", positive=True)  # keep probabilities
delta = sp.IndexedBase("delta", real=True)  # gates, 1 = kept

Weight = Callable[[sp.Expr], sp.Expr]  # from an index to its weight

gates = {delta: Bernoulli(k)}  # the laws of all gates, independent


def weighted_sum(weight: Weight) -> sp.Sum:
    """sum_j weight(j) I_j, over all n inputs; `weight` maps an index to an expression."""
    return sp.Sum(weight(j) * inputs[j], (j, 1, n))


def half_squared_error(weight: Weight) -> sp.Expr:
    """(t - sum_j weight(j) I_j)**2 / 2 of one example with target t."""
    return (t - weighted_sum(weight)) ** 2 / 2


error_without_dropout = half_squared_error(lambda j: k[j] * w[j])  # E_N of Eq. (3)
error_with_dropout = half_squared_error(lambda j: delta[j] * w[j])  # E_D of Eq. (5)
