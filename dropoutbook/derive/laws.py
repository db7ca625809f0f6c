"""The laws that noise can follow, with exact moments of every order."""

from collections.abc import Mapping
from typing import TypeAlias

import sympy as sp

Value: TypeAlias = sp.Expr | complex  # what becomes an expression: any number will do


def as_expression(name: str, value: Value) -> sp.Expr:
    """`value` as a SymPy expression; text, NaN and infinities are refused."""
    try:
        expression = sp.sympify(value, strict=True)
    except sp.SympifyError:
        expression = None
    if not isinstance(expression, sp.Expr):
        raise TypeError(f"{name} must be a number or a SymPy expression, got {value!r}")
    if expression.has(sp.nan, sp.oo, -sp.oo, sp.zoo):
        raise ValueError(f"{name} must be finite, got {value!r}")
    return expression


def as_probability(name: str, value: Value) -> sp.Expr:
    """`value` as an expression that is not known to lie outside [0, 1]."""
    probability = as_expression(name, value)
    if probability.is_real is False or not _may_be_in_unit_interval(probability):
        raise ValueError(f"{name} must be in [0, 1], got {value!r}")
    return probability


def _may_be_in_unit_interval(value: sp.Expr) -> bool:
    return not (value.is_negative or (value - 1).is_positive)


class Law:
    """The distribution of one random variable: subclasses know its moments."""

    def moment(self, order: int) -> sp.Expr:
        """E[X ** order], for a positive integer order."""
        raise NotImplementedError

    def values(self) -> dict[sp.Expr, sp.Expr] | None:
        """The probability of each value, or None where the law is not finite."""
        return None

    def at(self, index: sp.Expr) -> "Law":
        """The law of the variable with this index, where parameters are indexed."""
        return self

    def parameters(self) -> tuple[sp.Expr, ...]:
        """The expressions on which the law depends."""
        return ()


def _at(parameter: sp.Expr, index: sp.Expr) -> sp.Expr:
    return parameter[index] if isinstance(parameter, sp.IndexedBase) else parameter


class Bernoulli(Law):
    """1 with probability `keep`, otherwise 0.

    Args:
        keep: Probability of keeping, k = 1 - p, in [0, 1]; a number, an expression,
            or an `IndexedBase` whose entry k[i] belongs to the variable with index i.

    Raises:
        TypeError: if `keep` is neither a number nor an expression.
        ValueError: if `keep` is a number outside [0, 1].
    """

    def __init__(self, keep: Value) -> None:
        self.keep = as_probability("keep", keep)

    def moment(self, order: int) -> sp.Expr:
        return self.keep

    def values(self) -> dict[sp.Expr, sp.Expr]:
        return {sp.Integer(1): self.keep, sp.Integer(0): 1 - self.keep}

    def at(self, index: sp.Expr) -> "Bernoulli":
        return Bernoulli(_at(self.keep, index))

    def parameters(self) -> tuple[sp.Expr, ...]:
        return (self.keep,)


class Normal(Law):
    """The normal law.

    Args:
        mean: Its mean, any real expression or an `IndexedBase`.
        variance: Its variance (not its standard deviation), at least 0.

    Raises:
        TypeError: if an argument is neither a number nor an expression.
        ValueError: if `variance` is known to be negative.
    """

    def __init__(self, mean: Value, variance: Value) -> None:
        self.mean = as_expression("mean", mean)
        self.variance = as_expression("variance", variance)
        if self.variance.is_real is False or self.variance.is_negative:
            raise ValueError(f"variance must be in [0, oo), got {variance!r}")

    def moment(self, order: int) -> sp.Expr:
        previous, current = sp.Integer(1), self.mean
        for r in range(1, order):  # E[X^(r+1)] = mean E[X^r] + r variance E[X^(r-1)]
            previous, current = (
                current,
                sp.expand(self.mean * current + r * self.variance * previous),
            )
        return current

    def at(self, index: sp.Expr) -> "Normal":
        return Normal(_at(self.mean, index), _at(self.variance, index))

    def parameters(self) -> tuple[sp.Expr, ...]:
        return self.mean, self.variance


class Finite(Law):
    """A law on finitely many values.

    Args:
        probabilities: The probability of each value; they must sum to 1.

    Raises:
        TypeError: if it is not a mapping from expressions to expressions.
        ValueError: if it is empty, a weight lies outside [0, 1], or the sum is not 1.
    """

    def __init__(self, probabilities: Mapping[Value, Value]) -> None:
        if not isinstance(probabilities, Mapping):
            raise TypeError(f"probabilities must map values to weights, got {probabilities!r}")
        self.probabilities: dict[sp.Expr, sp.Expr] = {}
        for value, weight in probabilities.items():
            key = as_expression("value", value)
            self.probabilities[key] = as_probability(f"probability of {value}", weight)
        total = sp.simplify(sp.nsimplify(sum(self.probabilities.values()), rational=True))
        if total != 1:
            raise ValueError(f"probabilities must sum to 1, got a sum of {total}")

    def moment(self, order: int) -> sp.Expr:
        return sp.Add(*(value**order * weight for value, weight in self.probabilities.items()))

    def values(self) -> dict[sp.Expr, sp.Expr]:
        return dict(self.probabilities)

    def parameters(self) -> tuple[sp.Expr, ...]:
        return (*self.probabilities.keys(), *self.probabilities.values())
