"""Sums over a symbolic range 1..n: one normal form, so that identities can be proved.

Every index, bound or free, is taken to run over the same range 1..n.
"""

from collections.abc import Callable, Iterable
from itertools import permutations, product
from typing import Any

import sympy as sp

NAMES = ["i", "j", "l", "m", "q", "r", "s", "u", "v"]  # of bound indices, in this order

Terms = list[tuple[tuple[sp.Symbol, ...], sp.Expr]]  # (bound indices, summand)


class Differs(sp.Function):
    """The bracket [i != j]: 1 where the two indices differ, 0 where they agree."""

    nargs = 2

    @classmethod
    def eval(cls, i: sp.Expr, j: sp.Expr) -> sp.Integer | None:
        if (i - j).is_number:
            return sp.Integer(int(i != j))
        return None

    def _latex(self, printer: Any, exp: Any = None) -> str:
        i, j = map(printer._print, self.args)
        return rf"\left[{i} \neq {j}\right]"


def gradient(expression: sp.Expr, weight: sp.Indexed) -> sp.Expr:
    """The derivative with respect to one indexed weight w[i], for a free index i.

    The sum over [i = j] that the rule d w[j] / d w[i] = [i = j] leaves is carried out.
    """
    for part in expression.atoms(sp.Sum):
        _check_limits(part)
    slope = _rename_bound(expression, [i for i in weight.indices if i.is_Symbol]).diff(weight)
    return slope.replace(
        lambda part: isinstance(part, sp.Sum) and part.has(sp.KroneckerDelta),
        lambda part: sp.Add(
            *(
                _sum(*_contract(part.variables, monomial))
                for monomial in sp.Add.make_args(sp.expand(part.function))
            )
        ),
    )


def _rename_bound(expression: sp.Expr, taken: list[sp.Symbol]) -> sp.Expr:
    """The expression with other names for bound indices that stand in `taken`."""
    used = {str(symbol) for symbol in (*taken, *expression.atoms(sp.Symbol))}
    new = dict(zip(taken, _names(len(taken), used), strict=True))
    return expression.replace(
        lambda part: isinstance(part, sp.Sum) and not set(taken).isdisjoint(part.variables),
        lambda part: part.func(*(argument.xreplace(new) for argument in part.args)),
    )


def _names(count: int, used: set[str]) -> tuple[sp.Symbol, ...]:
    """The first names for bound indices that are not in use."""
    free = [sp.Symbol(name, integer=True) for name in NAMES if name not in used]
    if len(free) < count:
        raise ValueError(f"bound indices need {count} of the names {NAMES}, free are {free}")
    return tuple(free[:count])


def replace_family(
    expression: sp.Expr, base: sp.IndexedBase, value: Callable[..., sp.Expr]
) -> sp.Expr:
    """`expression` with value(*indices) in the place of base[indices], for all of them."""
    return expression.replace(
        lambda part: isinstance(part, sp.Indexed) and part.base == base,
        lambda part: value(*part.indices),
    )


def equal(left: sp.Expr, right: sp.Expr) -> bool:
    """Whether the two expressions agree for every n, as polynomials in their symbols."""
    return tidy(left - right) == 0


def tidy(expression: sp.Expr) -> sp.Expr:
    """The normal form: multiplied out, [i = j] carried out, one sum for each number of indices."""
    return join(terms(expression))


def terms(expression: sp.Expr) -> Terms:
    """`expression` as a list of monomials under sums, each with bound indices of its own."""
    expression = expression.replace(Differs, lambda i, j: 1 - sp.KroneckerDelta(i, j))
    return [
        _contract(indices, sp.expand(monomial))
        for indices, summand in _multiply_out(expression)
        for monomial in sp.Add.make_args(sp.expand(summand))
    ]


def join(monomials: Terms) -> sp.Expr:
    """The sum of monomials, with equal ones collected and the rest under shared indices."""
    monomials = [_contract(*term) for term in monomials]
    # by name: a free i of other assumptions would print like a bound one
    taken = {str(part) for bound, term in monomials for part in term.free_symbols - {*bound}}
    collected: dict[tuple[sp.Symbol, ...], sp.Expr] = {}
    for indices, summand in monomials:
        names = _names(len(indices), taken)
        renamed = (
            summand.xreplace(dict(zip(indices, order, strict=True)))
            for order in permutations(names)
        )
        collected[names] = collected.get(names, 0) + min(renamed, key=sp.default_sort_key)
    factored = ((names, _flip(sp.factor(total))) for names, total in collected.items())
    return sp.Add(*(_sum(names, total) for names, total in factored if total != 0))


def _multiply_out(expression: sp.Expr) -> Terms:
    if not expression.has(sp.Sum) or isinstance(expression, sp.Function):
        return [((), expression)]  # f(sum) is left as it stands
    if isinstance(expression, sp.Sum):
        indices, summand = _open(expression)
        return [(indices + inner, part) for inner, part in _multiply_out(summand)]
    if isinstance(expression, sp.Add):
        return [term for part in expression.args for term in _multiply_out(part)]
    if isinstance(expression, sp.Mul):
        return _product(expression.args)
    if isinstance(expression, sp.Pow) and expression.exp.is_Integer and expression.exp > 0:
        return _product([expression.base] * int(expression.exp))
    raise ValueError(f"a sum must stand in a polynomial, got {expression}")


def _product(factors: Iterable[sp.Expr]) -> Terms:
    return [
        (sum((indices for indices, _ in chosen), ()), sp.Mul(*(part for _, part in chosen)))
        for chosen in product(*(_multiply_out(factor) for factor in factors))
    ]


def _check_limits(part: sp.Sum) -> None:
    for _, *bounds in part.limits:
        if len(bounds) != 2 or bounds[0] != 1 or bounds[1] != N:
            raise ValueError(f"sums must run over 1..n, got {part}")
    if len(set(part.variables)) < len(part.limits):
        raise ValueError(f"the indices of a sum must differ, got {part}")


def _open(part: sp.Sum) -> tuple[tuple[sp.Symbol, ...], sp.Expr]:
    """A sum's indices, renamed so that no two sums share one, and its summand."""
    _check_limits(part)
    fresh = {index: sp.Dummy(index.name, integer=True) for index in part.variables}
    return tuple(fresh.values()), part.function.xreplace(fresh)


def _contract(
    indices: tuple[sp.Symbol, ...], summand: sp.Expr
) -> tuple[tuple[sp.Symbol, ...], sp.Expr]:
    """Carry out the sums that [i = j] decides, and those over an index that does not occur."""
    brackets = [f for f in sp.Mul.make_args(summand) if isinstance(f, sp.KroneckerDelta)]
    for delta in sorted(brackets, key=sp.default_sort_key):
        kept, gone = sorted(delta.args, key=lambda index: (index in indices, str(index)))
        if gone in indices and not (kept.is_Symbol or (kept.is_Integer and kept > 0)):
            raise ValueError(f"indices must stay in 1..n, got {kept} beside a sum")
        rest = (summand / delta).subs(gone, kept)
        if gone in indices:
            return _contract(tuple(index for index in indices if index != gone), rest)
        summand = delta * rest  # both free: the bracket stays, one name is used beside it
    absent = [index for index in indices if index not in summand.free_symbols]
    return tuple(i for i in indices if i not in absent), summand * N ** len(absent)


def _flip(product: sp.Expr) -> sp.Expr:
    """-(k - 1) k written as (1 - k) k, as one would by hand."""
    factors = sp.Mul.make_args(product)
    turned = [f for f in factors if f.is_Add and f.as_coeff_Add()[0].is_negative]
    if len(turned) != 1 or not product.could_extract_minus_sign():
        return product
    return sp.Mul(*(-f if f in turned else f for f in factors), -1)


def _sum(indices: tuple[sp.Symbol, ...], summand: sp.Expr) -> sp.Expr:
    return sp.Sum(summand, *((index, 1, N) for index in indices)) if indices else summand


N = sp.Symbol("n", integer=True, positive=True)
