"""Exact expectations, against enumeration, against SymPy's own statistics, and for symbolic n."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import stats

from dropoutbook.derive import (
    Bernoulli,
    Finite,
    Normal,
    covariance,
    enumerate_expectation,
    expectation,
    moments,
    variance,
)
from dropoutbook.derive.sums import N, equal

i, j, q = sp.symbols("i j q", integer=True)
a, k = sp.IndexedBase("a", real=True), sp.IndexedBase("k", positive=True)
delta, epsilon = sp.IndexedBase("delta"), sp.IndexedBase("epsilon")
x, y, z = sp.symbols("x y z", real=True)
p = sp.Symbol("p", positive=True)
THROW = {-1: sp.Rational(1, 2), 2: sp.Rational(1, 3), 5: sp.Rational(1, 6)}


def total(summand, *indices):
    return sp.Sum(summand, *((index, 1, N) for index in indices))


polynomials = st.lists(
    st.tuples(st.integers(-3, 3), st.tuples(*[st.integers(0, 3)] * 3)), min_size=1, max_size=5
)


@settings(deadline=None, max_examples=40)
@given(polynomials, st.tuples(*[st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0])] * 3))
def test_polynomials_of_gates_agree_with_all_masks(terms, keep):
    gates = sp.symbols("d1:4")
    expr = sum(c * sp.prod(g**r for g, r in zip(gates, powers, strict=True)) for c, powers in terms)
    laws = {gate: Bernoulli(sp.Rational(str(k))) for gate, k in zip(gates, keep, strict=True)}
    function = sp.lambdify([gates], expr + 0 * gates[0], "numpy")
    by_masks = enumerate_expectation(lambda m: function(m.T) + np.zeros(len(m)), list(keep))
    assert float(expectation(expr, laws)) == pytest.approx(float(by_masks), abs=1e-12)


def test_it_agrees_with_sympy_stats():
    die = stats.FiniteRV("die", THROW)
    bell = stats.Normal("bell", 1, 3)
    laws = {
        x: Finite({-1: sp.Rational(1, 2), 2: sp.Rational(1, 3), 5: sp.Rational(1, 6)}),
        y: Normal(1, 9),
    }
    assert expectation(x**3 * y**4 + x, laws) == stats.E(die**3) * stats.E(bell**4) + stats.E(die)


def test_what_is_not_polynomial_is_enumerated():
    laws = {x: Bernoulli(p), y: Normal(2, 1)}
    assert sp.expand(expectation(sp.exp(x) * y**2, laws) - 5 * (p * sp.E + 1 - p)) == 0


@pytest.mark.parametrize("n", [1, 2, 3, 4])
@pytest.mark.parametrize(
    "expr",
    [
        (1 - total(delta[j] * a[j], j)) ** 2,
        (1 - total(delta[j] * a[j], j)) ** 3,
        total(delta[i] * delta[j] * delta[q] * a[i] * a[j], i, j, q),
        total(delta[j] ** 2 * a[j], j) * delta[i],
        delta[i] * delta[q] * total(delta[j] * a[j], j) ** 2,
        total(delta[j] * epsilon[j] * a[j], j) ** 2,
    ],
)
def test_symbolic_n_agrees_with_the_units_written_out(expr, n):
    laws = {delta: Bernoulli(k), epsilon: Normal(1, 4)}
    written = {delta[u]: Bernoulli(k[u]) for u in range(1, n + 1)}
    written |= {epsilon[u]: Normal(1, 4) for u in range(1, n + 1)}
    for free in {(1, 1), (1, n), (n, 1)}:
        at = dict(zip((i, q), free, strict=True))
        # bound indices share names with free ones in some cases: only free ones are replaced
        concrete = expr.subs(at).subs(N, n).doit()
        symbolic = expectation(expr, laws).subs(at).subs(N, n).doit()
        assert sp.expand(expectation(concrete, written) - symbolic) == 0


def test_two_gates_of_one_family():
    product = expectation(delta[i] * delta[j], {delta: Bernoulli(k)})
    expected = k[i] * k[j] + sp.KroneckerDelta(i, j) * k[i] * (1 - k[i])
    assert equal(product, expected)


def test_variance_and_covariance_for_symbolic_n():
    laws = {delta: Bernoulli(k)}
    output = total(delta[j] * a[j], j)
    assert equal(variance(output, laws), total(k[j] * (1 - k[j]) * a[j] ** 2, j))
    assert equal(covariance(output, delta[i], laws), k[i] * (1 - k[i]) * a[i])


def test_variance_of_a_square():
    assert sp.expand(variance(x**2, {x: Normal(0, y)}) - 2 * y**2) == 0


def test_time_grows_with_the_terms_and_not_with_the_masks():
    gates = sp.symbols("d1:41")  # 2^40 masks
    laws = {gate: Bernoulli(p) for gate in gates}
    mean = expectation(sp.expand(sum(gates) ** 2), laws)
    assert sp.expand(mean - (40 * p + 40 * 39 * p**2)) == 0


def test_a_constant_is_its_own_mean():
    assert expectation(3, {x: Bernoulli(p)}) == 3
    assert expectation(y, {}) == y


def test_what_is_not_polynomial_in_an_infinite_law_is_refused():
    with pytest.raises(ValueError, match="expr must be polynomial in x, whose law is not finite"):
        expectation(sp.exp(x), {x: Normal(0, 1)})


def test_what_is_not_polynomial_in_a_family_is_refused():
    with pytest.raises(ValueError, match="expr must be polynomial in"):
        expectation(sp.exp(delta[i]), {delta: Bernoulli(k)})
    with pytest.raises(ValueError, match="expr must be polynomial in"):
        expectation(sp.exp(total(delta[j], j)), {delta: Bernoulli(k)})


GATES, RATES = sp.symbols("d1:41"), sp.symbols("k1:41", positive=True)


def outcomes_visited(monkeypatch, expr, laws) -> int:
    """How many outcomes an expectation sums over."""
    visited = []
    outcomes = moments._outcomes

    def counted(*arguments):
        for outcome in outcomes(*arguments):
            visited.append(outcome)
            yield outcome

    monkeypatch.setattr(moments, "_outcomes", counted)
    expectation(expr, laws)
    return len(visited)


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (sp.exp(sum(GATES)), 41),
        (sp.Max(0, sum(GATES) - 3), 41),
        (sp.exp(sum(GATES[:3])) * sp.Max(1, sum(GATES[2:4])), 10),  # pairs that can be
        (sp.exp(sum(a[u] * gate for u, gate in enumerate(GATES[:6]))), 2**6),
    ],
)
def test_equal_outcomes_are_visited_once(monkeypatch, expr, expected):
    laws = {gate: Bernoulli(p) for gate in GATES if expr.has(gate)}
    assert outcomes_visited(monkeypatch, expr, laws) == expected


def test_equal_outcomes_add_up_to_the_binomial_law():
    mean = expectation(sp.exp(sum(GATES)), {gate: Bernoulli(p) for gate in GATES})
    assert sp.expand(mean - (p * sp.E + 1 - p) ** 40) == 0


@pytest.mark.parametrize("keep", [RATES[:5], [sp.Rational(u, 7) for u in range(5)]])
def test_equal_outcomes_of_unequal_gates_add_up(keep):
    laws = {gate: Bernoulli(k) for gate, k in zip(GATES, keep, strict=False)}
    mean = expectation(sp.exp(sum(GATES[:5])), laws)
    assert sp.expand(mean - sp.prod(k * sp.E + 1 - k for k in keep)) == 0


def test_too_many_outcomes_are_refused_before_they_are_evaluated(monkeypatch):
    monkeypatch.setattr(moments, "_moments", lambda *_: pytest.fail("an outcome was evaluated"))
    weighted = sum(a[u] * gate for u, gate in enumerate(GATES[:13]))
    with pytest.raises(ValueError, match=r"at most 4096 different joint outcomes.* seconds"):
        expectation(sp.exp(weighted), {gate: Bernoulli(p) for gate in GATES[:13]})


def test_a_random_parameter_is_refused():
    with pytest.raises(ValueError, match="the law of x must not depend on the random"):
        expectation(x, {x: Normal(y, 1), y: Normal(0, 1)})


@pytest.mark.parametrize("bad", ["x", None, [x], sp.Eq(x, 1)])
def test_what_is_no_expression_is_refused(bad):
    with pytest.raises(TypeError, match="must be a number or a SymPy expression"):
        expectation(bad, {x: Bernoulli(p)})


@pytest.mark.parametrize("bad", [None, [x], {x: 0.5}, {"x": Bernoulli(p)}, {x + 1: Bernoulli(p)}])
def test_laws_must_map_symbols_to_laws(bad):
    with pytest.raises(TypeError, match="laws must map symbols to laws, got"):
        expectation(x, bad)


def test_a_wrong_cumulant_is_caught(monkeypatch):
    """Known wrong rule: E[d_i d_j] = k_i k_j also where i = j."""
    wrong = lambda law, powers: sp.prod(law.at(i).moment(r) for i, r in powers.items())  # noqa: E731
    monkeypatch.setattr(moments, "_joint_moment", wrong)
    with pytest.raises(AssertionError):
        test_two_gates_of_one_family()


NAMESAKE, MATRIX = sp.Symbol("y"), sp.IndexedBase("M")


@pytest.mark.parametrize(
    ("expr", "laws", "words"),
    [
        (MATRIX[i, j] * MATRIX[i, q], {MATRIX: Bernoulli(p)}, "must have one index"),
        (total(delta[j], j) * total(delta[i + 1], i), {delta: Bernoulli(p)}, "must stay in 1..n"),
        (total(delta[j], j) * delta[0], {delta: Bernoulli(p)}, "must stay in 1..n"),
        (total(delta[j], j) * delta[N + 1], {delta: Bernoulli(p)}, "must stay in 1..n"),
        (total(delta[j], j) * delta[2 * i], {delta: Bernoulli(p)}, "must stay in 1..n"),
        (sp.Sum(delta[j], (j, 1, 2)), {delta[1]: Bernoulli(p)}, "must be a number"),
        (delta[j], {delta[1]: Bernoulli(p)}, "must be a number"),
        (delta[1], {delta: Bernoulli(p), delta[1]: Normal(0, 1)}, "one law"),
        (delta[1] * k[1], {delta: Bernoulli(k), k[1]: Normal(0, 1)}, "must not depend"),
        (x, {x: Bernoulli(k)}, "only a family has indexed parameters"),
        (NAMESAKE**2, {y: Bernoulli(p)}, "the same assumptions"),
        (a[j], {sp.IndexedBase("a"): Bernoulli(p)}, "the same assumptions"),
        (x * y / (x + y), {x: Bernoulli(p), y: Bernoulli(p)}, "expr must be finite"),
    ],
)
def test_what_would_be_answered_wrongly_is_refused(expr, laws, words):
    with pytest.raises(ValueError, match=words):
        expectation(expr, laws)


def test_an_index_in_its_range_is_answered():
    laws = {delta: Bernoulli(p)}
    for index in (1, N, i):
        assert equal(covariance(total(delta[j], j), delta[index], laws), p * (1 - p))


def test_the_label_of_a_family_is_no_symbol():
    label, family = sp.Symbol("y", real=True), sp.IndexedBase("y")
    assert expectation(label + family[1], {label: Bernoulli(p)}) == p + family[1]


def test_an_outcome_of_probability_zero_need_not_be_defined():
    assert expectation(1 / x, {x: Bernoulli(1)}) == 1
    assert expectation(sp.log(x) * y, {x: Finite({0: 0, 1: 1}), y: Normal(3, 1)}) == 0
