"""Laws: their moments against SciPy-free definitions, and what they refuse."""

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from dropoutbook.derive import Bernoulli, Finite, Normal

x, mu, sigma = sp.symbols("x mu sigma", positive=True)
k = sp.Symbol("k", positive=True)


@pytest.mark.parametrize("order", [1, 2, 3, 4, 5, 6])
def test_normal_moments_are_the_integrals(order):
    density = sp.exp(-((x - mu) ** 2) / (2 * sigma**2)) / (sigma * sp.sqrt(2 * sp.pi))
    line = sp.Symbol("line", real=True)
    integral = sp.integrate(line**order * density.subs(x, line), (line, -sp.oo, sp.oo))
    assert sp.expand(Normal(mu, sigma**2).moment(order) - integral) == 0


@pytest.mark.parametrize("order", [1, 2, 5])
def test_bernoulli_moments_are_those_of_its_values(order):
    law = Bernoulli(k)
    assert sum(value**order * weight for value, weight in law.values().items()) == law.moment(order)


def test_finite_moments_are_weighted_powers():
    law = Finite({-1: sp.Rational(1, 4), 3: sp.Rational(3, 4)})
    assert law.moment(1) == 2
    assert law.moment(2) == 7


def test_parameters_may_be_indexed():
    keep = sp.IndexedBase("k")
    index = sp.Symbol("i", integer=True)
    assert Bernoulli(keep).at(index).moment(3) == keep[index]


@given(st.floats().filter(lambda keep: not 0 <= keep <= 1))
def test_bernoulli_refuses_what_is_no_probability(keep):
    with pytest.raises(ValueError, match="keep must be"):
        Bernoulli(keep)


@given(st.floats(max_value=0, exclude_max=True, allow_infinity=False))
def test_normal_refuses_a_negative_variance(variance):
    with pytest.raises(ValueError, match=r"variance must be in \[0, oo\), got"):
        Normal(0, variance)


@given(st.dictionaries(st.integers(-5, 5), st.fractions(0, 1), max_size=4))
def test_finite_refuses_weights_that_do_not_sum_to_one(weights):
    if sum(weights.values()) == 1:
        assert Finite(weights).values() == {
            sp.sympify(v): sp.sympify(p) for v, p in weights.items()
        }
    else:
        with pytest.raises(ValueError, match="probabilities must sum to 1"):
            Finite(weights)


def test_finite_takes_decimal_weights_whose_floating_sum_is_not_one():
    assert Finite({0: 0.1, 1: 0.2, 2: 0.7}).moment(1) == pytest.approx(1.6)


@pytest.mark.parametrize("bad", ["k", None, [1], {"a": 1}])
@pytest.mark.parametrize("law", [Bernoulli, lambda v: Normal(v, 1), lambda v: Normal(0, v)])
def test_what_is_no_expression_is_refused(law, bad):
    with pytest.raises(TypeError, match="must be a number or a SymPy expression"):
        law(bad)


@pytest.mark.parametrize("bad", [None, [0, 1], 3, "ab"])
def test_finite_refuses_what_is_no_mapping(bad):
    with pytest.raises(TypeError, match="probabilities must map values to weights"):
        Finite(bad)


def test_finite_refuses_weights_outside_the_unit_interval():
    with pytest.raises(ValueError, match=r"must be in \[0, 1\], got -1"):
        Finite({0: -1, 1: 2})


@pytest.mark.parametrize("bad", [sp.nan, sp.oo, -sp.oo, sp.zoo, float("nan"), float("inf")])
def test_infinite_parameters_are_refused(bad):
    with pytest.raises(ValueError, match="mean must be finite"):
        Normal(bad, 1)


def test_a_variance_that_is_not_real_is_refused():
    with pytest.raises(ValueError, match="variance must be in"):
        Normal(0, sp.I)
