"""What dropped hidden units add to a loss: for every n, and against all masks of small layers."""

import numpy as np
import pytest
import sympy as sp

from dropoutbook.derive import enumerate_expectation, expectation
from dropoutbook.derive import hidden_units as hidden
from dropoutbook.derive import linear_unit as unit
from dropoutbook.derive.hidden_units import U, V, dropped, h, of_inputs, second_order_penalty, x
from dropoutbook.derive.sums import equal
from tests.derive.test_sums import written_out

i, j, l, n, k = unit.i, unit.j, unit.l, unit.n, unit.k  # noqa: E741 - as in linear_unit


def added(loss):
    """What the gates add on average, exactly."""
    return expectation(dropped(loss), unit.gates) - loss


def total(summand, *indices):
    return sp.Sum(summand, *((index, 1, n) for index in indices))


CHARGE = (1 - k[j]) / k[j] / 2
PATHS = total(CHARGE * U[i, j] ** 2 * total(V[j, l] * x[l], l) ** 2, i, j)


@pytest.mark.parametrize("loss", [hidden.quadratic_form, hidden.squared_error])
def test_second_order_is_exact_for_a_quadratic_loss(loss):
    assert equal(added(loss), second_order_penalty(loss))


def test_two_linear_layers_pay_for_their_paths():
    penalty = of_inputs(second_order_penalty(hidden.squared_error))
    assert equal(penalty, PATHS)
    assert equal(penalty, of_inputs(added(hidden.squared_error)))


@pytest.mark.parametrize(
    "wrong",
    [
        2 * PATHS,  # the half forgotten
        total((1 - k[j]) * k[j] / 2 * U[i, j] ** 2 * total(V[j, l] * x[l], l) ** 2, i, j),
        total(CHARGE * U[j, i] ** 2 * total(V[j, l] * x[l], l) ** 2, i, j),  # rows of U
        total(CHARGE * U[i, j] ** 2 * V[j, l] ** 2 * x[l] ** 2, i, j, l),  # inputs apart
        total(CHARGE * total(U[i, j], i) ** 2 * total(V[j, l] * x[l], l) ** 2, j),
    ],
)
def test_wrong_penalties_are_refused(wrong):
    assert not equal(of_inputs(second_order_penalty(hidden.squared_error)), wrong)


@pytest.mark.parametrize("power", [3, 4])
def test_second_order_is_not_exact_beyond(power):
    loss = total(h[j] ** power, j)
    assert not equal(added(loss), second_order_penalty(loss))


def test_the_linear_unit_is_a_special_case():
    loss = unit.half_squared_error(lambda j: unit.effective[j])
    expected = total(CHARGE * unit.effective[j] ** 2 * unit.inputs[j] ** 2, j)
    assert equal(second_order_penalty(loss, unit.inputs), expected)


def numbers(size, rng):
    """Values of all members, for layers of `size` units each."""
    rates = {k[a]: sp.Rational(int(rng.integers(1, 10)), 10) for a in range(1, size + 1)}
    pairs = [(a, b) for a in range(1, size + 1) for b in range(1, size + 1)]
    singles = {m[a]: int(rng.integers(-5, 6)) for m in (x, hidden.t) for a in range(1, size + 1)}
    return rates | singles | {m[pair]: int(rng.integers(-5, 6)) for m in (U, V) for pair in pairs}


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_penalty_is_what_all_masks_average_to(size):
    values = numbers(size, np.random.default_rng(size))

    def array(base, *shape):
        entries = np.ndindex(*shape)
        return np.array([float(values[base[tuple(a + 1 for a in e)]]) for e in entries]).reshape(
            shape
        )

    weights_out, weights_in = array(U, size, size), array(V, size, size)
    targets, keep = array(hidden.t, size), array(k, size)
    units = weights_in @ array(x, size)

    def loss(mask):
        return ((targets - (mask / keep * units) @ weights_out.T) ** 2).sum(-1) / 2

    exact = enumerate_expectation(loss, keep) - loss(keep)
    penalty = of_inputs(second_order_penalty(hidden.squared_error))
    np.testing.assert_allclose(float(written_out(penalty, size).subs(values)), exact, rtol=1e-10)
