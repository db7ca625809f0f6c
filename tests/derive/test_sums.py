"""Sums over 1..n: identities for every n, against the same sums written out for small n."""

import pytest
import sympy as sp

from dropoutbook.derive.sums import NAMES, Differs, N, equal, gradient, tidy

i, j, q = sp.symbols("i j q", integer=True)
a, b = sp.IndexedBase("a", real=True), sp.IndexedBase("b", real=True)


def total(summand, *indices):
    return sp.Sum(summand, *((index, 1, N) for index in indices))


def written_out(expression, n):
    """The expression at a concrete n, by SymPy's own summation."""
    return sp.expand(expression.subs(N, n).doit())


EXPRESSIONS = [
    total(a[j], j) ** 2,
    total(a[j], j) * total(b[j], j) - total(a[j] * b[j], j),
    (1 - total(a[j] * b[j], j)) ** 2 / 2,
    total(a[i] * a[j] * sp.KroneckerDelta(i, j), i, j),
    total(a[i] * b[j] * Differs(i, j), i, j),
    total(b[1] + 0 * a[j], j),
    total(total(a[i] * b[j], i) ** 2, j),
    total(total(a[i], i) * b[i], i),
    total(2 ** sp.KroneckerDelta(i, j) * a[i], i, j),
    total(1 / (1 + sp.KroneckerDelta(i, j)), i, j),
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest.mark.parametrize("n", [1, 2, 3])
def test_the_normal_form_has_the_same_value(expression, n):
    assert written_out(tidy(expression) - expression, n) == 0


@pytest.mark.parametrize("n", [2, 4])
def test_the_gradient_is_the_derivative_by_each_weight(n):
    expression = (1 - total(a[j] ** 2 * b[j] + a[j], j)) ** 2 / 2
    slope = gradient(expression, a[i])
    for unit in range(1, n + 1):
        expected = written_out(expression, n).diff(a[unit])
        assert sp.expand(written_out(slope.subs(i, unit), n) - expected) == 0


def test_a_bound_index_may_have_the_name_of_the_free_one():
    expression = (1 - total(a[i] * b[i], i)) ** 2 / 2
    assert equal(gradient(expression, a[i]), -(1 - total(a[j] * b[j], j)) * b[i])


def test_a_gradient_by_a_weight_with_a_number_for_an_index():
    matrix = sp.IndexedBase("M", real=True)
    expression = total(matrix[i, 1] * a[i] + matrix[i, 1] ** 2 / 2, i)
    assert equal(gradient(expression, matrix[i, 1]), a[i] + matrix[i, 1])


def test_more_indices_than_names_are_refused():
    names = sp.symbols(NAMES, integer=True)
    with pytest.raises(ValueError, match="bound indices need 1 of the names"):
        gradient(total(a[i], i) * sp.prod(names), a[i])


def test_a_square_is_its_diagonal_and_the_rest():
    square = total(a[j], j) ** 2
    assert equal(square, total(a[j] ** 2, j) + total(a[i] * a[j] * Differs(i, j), i, j))
    assert not equal(square, total(a[j] ** 2, j))
    assert not equal(square, total(a[j] ** 2, j) + total(a[i] * a[j], i, j))


def test_the_names_of_bound_indices_do_not_matter():
    assert equal(total(a[i] * b[q], i, q), total(a[j], j) * total(b[j], j))


def test_a_bound_index_prints_unlike_every_free_symbol():
    assert str(tidy(sp.Symbol("i") * total(a[q], q))) == "Sum(i*a[j], (j, 1, n))"


def test_an_index_that_does_not_occur_counts_n():
    assert equal(total(a[i], i, j), N * total(a[i], i))
    assert tidy(total(1, i, j, q)) == N**3


def test_a_bracket_between_two_free_indices_stays():
    bracket = sp.KroneckerDelta(i, j)
    assert equal(bracket * a[i] * b[j], bracket * a[j] * b[i])
    assert not equal(bracket * a[i], a[i])


def test_differs_is_decided_where_the_indices_are():
    assert Differs(i, i) == 0
    assert Differs(1, 2) == 1
    assert Differs(i, i + 1) == 1
    assert sp.latex(Differs(i, j)) == r"\left[i \neq j\right]"


def test_a_function_of_a_sum_is_left_as_it_stands():
    f = sp.Function("f")(total(a[j], j))
    assert equal((f + 1) ** 2, f**2 + 2 * f + 1)
    assert not equal(f, sp.Function("f")(total(b[j], j)))


@pytest.mark.parametrize(
    ("outside", "words"),
    [
        (1 / total(a[j], j), "must stand in a polynomial"),
        (sp.Sum(a[j], (j, 2, N)), "must run over 1..n"),
        (total(a[j], j, j), "must differ"),
        (total(a[j] * sp.KroneckerDelta(j, i + 1), j), "must stay in 1..n"),
    ],
)
def test_what_has_no_normal_form_is_refused(outside, words):
    with pytest.raises(ValueError, match=words):
        tidy(outside + total(b[j], j))


@pytest.mark.parametrize("limits", [(j, 2, N), (j, 1, N - 1), (j, 1, 3)])
def test_a_gradient_of_another_sum_is_refused(limits):
    with pytest.raises(ValueError, match=r"sums must run over 1..n, got Sum"):
        gradient(total(b[i] * sp.Sum(a[j], limits) ** 2, i), a[i])
