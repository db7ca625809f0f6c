"""Exact expectations: moments where the expression is polynomial, all outcomes where it is not."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from math import factorial

import sympy as sp
from sympy.utilities.iterables import multiset_partitions

from dropoutbook.derive.arguments import Noise, check_laws, check_members
from dropoutbook.derive.laws import Law, Value, as_expression
from dropoutbook.derive.sums import join, terms, tidy

MAX_OUTCOMES = 2**12  # different joint outcomes, 3 to 12 s of work for Max, exp or sqrt of a sum
# what makes a polynomial a sum of monomials, and leaves the rest of an expression as it is
MULTIPLY_OUT = {"power_base": False, "power_exp": False, "log": False, "basic": False}


def expectation(expr: Value, laws: Mapping[Noise, Law]) -> sp.Expr:
    """The exact mean of `expr`, its random symbols being independent.

    A polynomial in the random symbols costs a time that grows with its terms. Anything else
    is summed over all different outcomes of the polynomials that it is made of.

    Args:
        expr: A SymPy expression, or a number.
        laws: The law of each random symbol. An `IndexedBase` delta stands for the independent
            family delta[i], i = 1..n, with n symbolic; `expr` is then polynomial in it, and
            free indices lie in 1..n as well.

    Returns:
        An expression without random symbols, exact for every value of the others.

    Raises:
        TypeError: if `expr` is not an expression, or `laws` not a mapping from symbols to laws.
        ValueError: if a parameter of a law is itself random, if `expr` is not polynomial in a
            symbol whose law is not finite (or in a family), if there are more than 2**12
            different outcomes, if an outcome leaves `expr` undefined, if indices may leave 1..n,
            or if `expr` has a random member, or a namesake of a random symbol, without a law.
    """
    expr = as_expression("expr", expr)
    check_laws(laws)
    check_members(expr, laws)
    families = {noise: law for noise, law in laws.items() if isinstance(noise, sp.IndexedBase)}
    single = {noise: law for noise, law in laws.items() if noise not in families}
    curved = {noise: law for noise, law in single.items() if not expr.is_polynomial(noise)}
    smooth = {noise: law for noise, law in single.items() if noise not in curved}
    if curved:
        return sp.Add(
            *(
                weight * expectation(expr.xreplace(outcome), smooth | families)
                for outcome, weight in _outcomes(expr, curved)
            )
        )
    return _families(expr, families, smooth) if families else _moments(expr, smooth)


def variance(expr: Value, laws: Mapping[Noise, Law]) -> sp.Expr:
    """The exact variance of `expr`; arguments and errors as for `expectation`."""
    return covariance(expr, expr, laws)


def covariance(left: Value, right: Value, laws: Mapping[Noise, Law]) -> sp.Expr:
    """The exact covariance of two expressions; arguments and errors as for `expectation`."""
    left, right = as_expression("left", left), as_expression("right", right)
    means = expectation(left, laws) * expectation(right, laws)
    return tidy(expectation(left * right, laws) - means)


def _outcomes(
    expr: sp.Expr, laws: Mapping[Noise, Law]
) -> Iterator[tuple[dict[sp.Basic, sp.Basic], sp.Expr]]:
    """Every joint outcome of the largest polynomials in `expr`, with its probability.

    One symbol after another gets its values; outcomes that are equal by then go on as one, so
    exp(x_1 + ... + x_n) of gates has n + 1 of them, and not 2**n.
    """
    parts = tuple(dict.fromkeys(_polynomials(expr, [*laws])))
    counts = {(parts, sp.Integer(1)): sp.Integer(1)}  # of each outcome and product of chances
    for noise, chances in _chances(expr, laws).items():
        before, counts = counts, defaultdict(lambda: sp.Integer(0))
        for (outcome, factors), count in before.items():
            for value, (number, factor) in chances.items():
                after = tuple(part.xreplace({noise: value}) for part in outcome)
                counts[after, factors * factor] += count * number
            if len(counts) > MAX_OUTCOMES:
                raise ValueError(
                    f"expr must have at most {MAX_OUTCOMES} different joint outcomes, which take "
                    f"some ten seconds, got more from {expr}"
                )
    weights = defaultdict(list)
    for (outcome, factors), count in counts.items():
        weights[outcome].append(count * factors)
    for outcome, summands in weights.items():
        yield dict(zip(parts, outcome, strict=True)), sp.Add(*summands)


def _chances(
    expr: sp.Expr, laws: Mapping[Noise, Law]
) -> dict[Noise, dict[sp.Expr, tuple[sp.Expr, sp.Expr]]]:
    """The probability of each value of each symbol: a number, and the factor without one."""
    chances = {}
    for noise, law in laws.items():
        values = law.values()
        if values is None:
            raise ValueError(
                f"expr must be polynomial in {noise}, whose law is not finite, got {expr}"
            )
        chances[noise] = {  # what never happens need not be defined
            value: chance.as_coeff_Mul() for value, chance in values.items() if not chance.is_zero
        }
    return chances


def _polynomials(node: sp.Basic, symbols: list[Noise]) -> Iterator[sp.Basic]:
    """The largest parts of an expression that are polynomial in symbols and have one of them."""
    if not node.has(*symbols):
        return
    if isinstance(node, sp.Expr) and node.is_polynomial(*symbols):
        yield node
    else:
        for part in node.args:
            yield from _polynomials(part, symbols)


def _moments(expr: sp.Expr, laws: Mapping[Noise, Law]) -> sp.Expr:
    """Each power of each symbol replaced by its moment, term by term."""
    coefficients = defaultdict(list)  # of each monomial in the symbols, each a list of factors
    for term in sp.Add.make_args(expr.expand(**MULTIPLY_OUT)):
        factors = [(factor, factor.as_base_exp()) for factor in sp.Mul.make_args(term)]
        powers = frozenset(power for _, power in factors if power[0] in laws)
        coefficients[powers].append([factor for factor, (base, _) in factors if base not in laws])
    return sp.Add(*(_mean(powers, parts, laws) for powers, parts in coefficients.items()))


def _mean(
    powers: Iterable[tuple[Noise, sp.Expr]], parts: list[list[sp.Expr]], laws: Mapping[Noise, Law]
) -> sp.Expr:
    """The mean of a monomial times the sum of its coefficients."""
    moments = [laws[noise].moment(int(order)) for noise, order in powers]
    if len(parts) == 1:
        return sp.Mul(*parts[0], *moments)  # one product, where there can be thousands
    return sp.Add(*(sp.Mul(*part) for part in parts)) * sp.Mul(*moments)


def _families(expr: sp.Expr, families: Mapping[Noise, Law], laws: Mapping[Noise, Law]) -> sp.Expr:
    """The mean for symbolic n: term by term, through joint cumulants (see `_joint_moment`)."""
    averaged = []
    for indices, monomial in terms(expr):
        powers, rest = _split(monomial, families)
        if any(rest.has(family) for family in families):
            raise ValueError(f"expr must be polynomial in {[*families]}, got the term {monomial}")
        means = [_joint_moment(families[f], powers[f]) for f in families]
        mean = sp.expand(_moments(rest, laws) * sp.Mul(*means))
        averaged += [(indices, part) for part in sp.Add.make_args(mean)]
    return join(averaged)


def _split(
    monomial: sp.Expr, families: Iterable[Noise]
) -> tuple[dict[Noise, dict[sp.Expr, int]], sp.Expr]:
    """The powers of each family's members in a monomial, by index, and what is left."""
    powers: dict[Noise, dict[sp.Expr, int]] = {family: {} for family in families}
    rest = sp.Integer(1)
    for factor in sp.Mul.make_args(monomial):
        base, exponent = factor.as_base_exp()
        family = base.base if isinstance(base, sp.Indexed) else None
        if family in families and exponent.is_Integer and exponent > 0:
            powers[family][base.indices[0]] = int(exponent)
        else:
            rest *= factor
    return powers, rest


def _joint_moment(law: Law, powers: Mapping[sp.Expr, int]) -> sp.Expr:
    """E[prod_i X_i ** powers[i]] for indices that may or may not coincide.

    A joint moment is the sum over partitions of products of joint cumulants, and a joint
    cumulant of independent variables vanishes unless all its indices are the same. For two
    indices: E[X_i X_j] = E[X_i] E[X_j] + [i = j] Var(X_i).
    """
    if not powers:
        return sp.Integer(1)
    total = sp.Integer(0)
    for partition in multiset_partitions(list(powers)):
        blocks = [_cumulant(law.at(block[0]), [powers[i] for i in block]) for block in partition]
        same = [sp.KroneckerDelta(block[0], i) for block in partition for i in block[1:]]
        total += sp.Mul(*blocks, *same)
    return sp.expand(total)


def _cumulant(law: Law, orders: list[int]) -> sp.Expr:
    """The joint cumulant of the powers X ** r, r in `orders`, of one variable."""
    total = sp.Integer(0)
    for partition in multiset_partitions(list(range(len(orders)))):
        sign = (-1) ** (len(partition) - 1) * factorial(len(partition) - 1)
        total += sign * sp.Mul(*(law.moment(sum(orders[i] for i in b)) for b in partition))
    return sp.expand(total)
