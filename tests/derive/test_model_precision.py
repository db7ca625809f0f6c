"""tau in eight bookkeepings: one model, one posterior, one best weight."""

from itertools import product

import pytest
import sympy as sp

from dropoutbook.derive.model_precision import decay, k, model_precision, objective, scale, tau

Sxx, Sxy, Syy = sp.symbols("S_xx S_xy S_yy", positive=True)
m, w = sp.symbols("m w", real=True)
RESIDUAL = Syy - 2 * k * m * Sxy + k * m**2 * Sxx  # of the output delta m x, averaged over masks
BOOKKEEPINGS = list(product((False, True), repeat=3))


def best_effective_weight(inverted: bool, half: bool, mean: bool, precision) -> sp.Expr:
    """k m at the minimum of the objective, with the decay that belongs to the precision tau."""
    raw = w / k if inverted else w
    loss = objective(RESIDUAL.subs(m, raw), w**2, half, mean)
    best = sp.solve(loss.diff(w), w)[0]
    (rate,) = sp.solve(sp.Eq(precision(inverted, half, mean), tau), decay)
    return sp.simplify((k * raw).subs(w, best).subs(decay, rate))


def check_the_posterior_has_one_maximum(precision, bookkeepings=BOOKKEEPINGS):
    posterior = tau / 2 * RESIDUAL + k * scale**2 / 2 * m**2
    expected = k * sp.solve(posterior.diff(m), m)[0]
    for bookkeeping in bookkeepings:
        found = best_effective_weight(*bookkeeping, precision)
        assert sp.simplify(found - expected) == 0, bookkeeping


def the_papers_for_all(inverted, half, mean):
    return model_precision(False, True, True)


def forgets_the_raw_weights(inverted, half, mean):
    return model_precision(False, half, mean)


def forgets_the_half(inverted, half, mean):
    return model_precision(inverted, True, mean)


def forgets_the_mean(inverted, half, mean):
    return model_precision(inverted, half, True)


def drops_what_it_should_keep(inverted, half, mean):
    return model_precision(inverted, half, mean).subs(k, 1 - k)


def test_all_bookkeepings_have_the_same_best_weight():
    check_the_posterior_has_one_maximum(model_precision)


@pytest.mark.parametrize(
    "wrong",
    [
        the_papers_for_all,
        forgets_the_raw_weights,
        forgets_the_half,
        forgets_the_mean,
        drops_what_it_should_keep,
    ],
    ids=lambda function: function.__name__,
)
def test_wrong_bookkeeping_is_caught(wrong):
    with pytest.raises(AssertionError):
        check_the_posterior_has_one_maximum(wrong)


def test_the_papers_formula_is_one_row():
    check_the_posterior_has_one_maximum(the_papers_for_all, [(False, True, True)])
