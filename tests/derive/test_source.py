"""The source's equations: each proved, and refuted once a sign, a factor or an index changes."""

import zlib
from collections.abc import Iterator

import numpy as np
import pytest
import sympy as sp
from sympy.core.function import AppliedUndef

from dropoutbook.derive import enumerate_expectation, source_equations
from dropoutbook.derive.linear_unit import (
    delta,
    effective,
    error_without_dropout,
    i,
    inputs,
    j,
    k,
    n,
    t,
    w,
)
from dropoutbook.derive.lstm_equations import c_before, f_t, h_before, i_t, z_h, z_x
from dropoutbook.derive.source_equation import SourceEquation
from dropoutbook.derive.sums import equal

RNG = np.random.default_rng(0)
UNITS, TARGET = 3, 0.7
W, X, K = RNG.normal(size=UNITS), RNG.normal(size=UNITS), np.array([0.1, 0.5, 0.9])

# symbols that a hand may confuse, in the equations that have no indices
TWINS = {c_before: h_before, h_before: c_before, f_t: i_t, i_t: f_t, z_x: z_h, z_h: z_x}

every_equation = pytest.mark.parametrize("number", source_equations)


def number_named(name: str) -> float:
    """A number between 0.3 and 1.3 that belongs to the name."""
    return 0.3 + zlib.crc32(name.encode()) % 1000 / 1000


def value(expression, mask=None, unit: int = 0):
    """The expression at concrete numbers, with free index i at `unit` (from 0), j beside it."""
    if isinstance(expression, sp.MatrixBase):
        return np.array([value(entry, mask, unit) for entry in expression])
    arrays = {w: W, inputs: X, k: K, effective: K * W, delta: mask}
    expression = expression.subs({i: unit + 1, j: (unit + 1) % UNITS + 1, n: UNITS}).doit()
    numbers = {
        entry: arrays[entry.base][int(entry.indices[0]) - 1]
        if entry.base in arrays
        else number_named(str(entry))
        for entry in expression.atoms(sp.Indexed)
    }
    expression = expression.xreplace(numbers)
    expression = expression.replace(
        lambda e: isinstance(e, AppliedUndef), lambda e: sp.tanh(*e.args)
    )
    names = {symbol: number_named(symbol.name) for symbol in expression.free_symbols}
    return float(expression.subs(names | {t: TARGET}))


def loss(weights: np.ndarray) -> float:
    return 0.5 * (TARGET - weights @ X) ** 2


def slope(weights: np.ndarray, gate: np.ndarray, unit: int) -> float:
    """The derivative of loss(gate * w) by w[unit], by hand."""
    return -(TARGET - (gate * weights) @ X) * gate[unit] * X[unit]


@every_equation
def test_the_right_formula_is_proved_and_the_printed_one_refuted(number):
    assert source_equations[number].settled()


@pytest.mark.parametrize("right", [True, False])
@pytest.mark.parametrize("wrong", [True, False, None])
@pytest.mark.parametrize("kind", ["printed", "explained"])
def test_an_equation_is_settled_if_one_formula_is_proved_and_the_other_refuted(right, wrong, kind):
    one, other = sp.Eq(t, 1, evaluate=False), sp.Eq(t, 2, evaluate=False)
    proves = {one: right, other: wrong}.__getitem__
    equation = SourceEquation(one, proves, "t = 1", **{kind: None if wrong is None else other})
    assert equation.settled() is (right and not wrong)


def test_a_difference_is_described_wherever_the_formulas_differ():
    for equation in source_equations.values():
        assert equation.printed is equation.explained is None or equation.difference
        assert equation.printed is None or equation.explained is None


def test_what_the_source_prints_is_as_far_off_as_the_words_say():
    printed = {number: equation.printed for number, equation in source_equations.items()}
    words = {number for number, equation in source_equations.items() if equation.difference}
    assert words == {*source_equations} - {4, 6}
    assert {n for n in printed if printed[n] is not None} == {7, 8, 10, 11, 12}
    explained = {number: equation.explained for number, equation in source_equations.items()}
    assert {n for n in explained if explained[n] is not None} == {9, 14}
    dropping, keeping = explained[9].rhs, source_equations[9].right.rhs
    assert sp.expand(dropping + keeping) == keeping.subs(sp.Symbol("k"), 1)
    penalty, half = printed[8].rhs, source_equations[8].right.rhs
    assert equal(penalty - error_without_dropout, 2 * (half - error_without_dropout))


@pytest.mark.parametrize("unit", range(UNITS))
def test_the_formulas_have_the_values_of_the_definitions(unit):
    """The same quantities in plain NumPy, which shares no code with the derivation."""
    right = {number: equation.right.rhs for number, equation in source_equations.items()}
    mask = np.array([1.0, 0.0, 1.0])
    assert value(right[1]) == pytest.approx(W @ X)
    assert value(right[2]) == pytest.approx(loss(K * W))
    assert value(right[3]) == pytest.approx(loss(K * W))
    assert value(right[4], unit=unit) == pytest.approx(slope(W, K, unit))
    assert value(right[5], mask) == pytest.approx(loss(mask * W))
    assert value(right[6], mask, unit) == pytest.approx(slope(W, mask, unit))
    mean_slope = enumerate_expectation(
        lambda masks: np.array([slope(W, row, unit) for row in masks]), K
    )
    assert value(right[7], unit=unit) == pytest.approx(float(mean_slope))
    mean_loss = enumerate_expectation(lambda masks: np.array([loss(row * W) for row in masks]), K)
    assert value(right[8]) == pytest.approx(float(mean_loss))


def test_the_missing_half_doubles_the_penalty():
    mean_loss = enumerate_expectation(lambda masks: np.array([loss(row * W) for row in masks]), K)
    penalty = mean_loss - loss(K * W)
    printed = value(source_equations[8].printed.rhs)
    assert printed - loss(K * W) == pytest.approx(2 * penalty)


def rebuilt(node: sp.Expr, position: int, part: sp.Expr) -> sp.Expr:
    return node.func(*node.args[:position], part, *node.args[position + 1 :])


def mutants(node: sp.Expr) -> Iterator[sp.Expr]:
    """Every expression that differs by one sign, factor, exponent, index or confused symbol."""
    if isinstance(node, sp.MatrixBase):
        for place, entry in enumerate(node):
            yield from (
                sp.ImmutableMatrix([*node[:place], wrong, *node[place + 1 :]])
                for wrong in mutants(entry)
            )
        return
    if node in TWINS:
        yield TWINS[node]
    if isinstance(node, sp.Indexed):
        for place, index in enumerate(node.indices):
            other = j if index == i else i
            yield node.base[(*node.indices[:place], other, *node.indices[place + 1 :])]
        return
    if isinstance(node, sp.Add):
        yield from (rebuilt(node, place, -part) for place, part in enumerate(node.args))
    if isinstance(node, sp.Mul):  # one factor lost
        yield from (rebuilt(node, place, sp.Integer(1)) for place in range(len(node.args)))
    if isinstance(node, sp.Pow):
        yield sp.Pow(node.base, node.exp + 1)
        yield node.base
    if not node.is_Atom:
        yield 2 * node
        yield -node
    parts = node.args[:1] if isinstance(node, sp.Sum) else node.args
    for place, part in enumerate(parts):
        yield from (rebuilt(node, place, changed) for changed in mutants(part))


def has_the_same_value(left: sp.Expr, right: sp.Expr) -> bool:
    """Whether it is the same formula written differently, (t - O)**2 as (O - t)**2, say."""
    masks = np.array([[1.0, 0.0, 1.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])
    return all(np.allclose(value(left, mask), value(right, mask)) for mask in masks)


def changed_equations() -> list:
    """(number, right-hand side) for every single change that is not the formula itself."""
    return [
        pytest.param(number, changed, id=f"{number}-{changed}")
        for number, equation in source_equations.items()
        for changed in dict.fromkeys(mutants(equation.right.rhs))
        if changed != equation.right.rhs
    ]


def proved(number: int, right_hand_side) -> bool:
    equation = source_equations[number]
    answer = equation.proves(sp.Eq(equation.right.lhs, right_hand_side, evaluate=False))
    assert answer in (True, False)
    return answer


@pytest.mark.parametrize(("number", "changed"), changed_equations())
def test_one_changed_sign_factor_or_index_is_refuted(number, changed):
    right = source_equations[number].right.rhs
    assert not proved(number, changed) or has_the_same_value(changed, right)


@every_equation
def test_every_equation_has_wrong_versions_to_refute(number):
    changed = (case.values[1] for case in changed_equations() if case.values[0] == number)
    assert sum(not proved(number, wrong) for wrong in changed) >= 4
