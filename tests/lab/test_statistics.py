"""The statistics against SciPy, against brute force, and against statistics known to be wrong."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dropoutbook.lab.statistics import holm, paired_difference, sign_test, tost

A = np.array([5.1, 7.3, 6.2, 9.9, 4.4, 8.0, 7.7])
B = np.array([4.0, 6.9, 6.5, 8.1, 4.1, 6.6, 7.0])

pairs = st.lists(
    st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=3, max_size=12
).filter(lambda rows: len({a - b for a, b in rows}) > 1)


@given(pairs, st.sampled_from([0.8, 0.95, 0.99]))
def test_interval_is_scipys(rows, confidence):
    a, b = np.array(rows, dtype=float).T
    ours = paired_difference(a, b, confidence)
    theirs = stats.ttest_rel(a, b).confidence_interval(confidence)
    assert (ours.low, ours.high) == pytest.approx(tuple(theirs))
    assert ours.mean == pytest.approx((a - b).mean())
    assert ours.pairs == len(rows)


def test_interval_covers_at_its_stated_rate():
    rng = np.random.default_rng(0)
    runs = 2000
    covered = 0
    for _ in range(runs):
        shared = rng.normal(size=5)
        found = paired_difference(shared + rng.normal(1, 1, 5), shared, 0.9)
        covered += found.low <= 1 <= found.high
    assert abs(covered / runs - 0.9) <= 5 * math.sqrt(0.9 * 0.1 / runs)


WRONG_INTERVALS = {
    "unpaired": lambda a, b: stats.ttest_ind(a, b).confidence_interval(0.95),
    "one-sided": lambda a, b: (
        (a - b).mean() + stats.sem(a - b) * stats.t.ppf([0.05, 0.95], len(a) - 1)
    ),
    "n for n - 1 in the variance": lambda a, b: (
        (a - b).mean() + stats.sem(a - b, ddof=0) * stats.t.ppf([0.025, 0.975], len(a) - 1)
    ),
    "n for n - 1 in the quantile": lambda a, b: (
        (a - b).mean() + stats.sem(a - b) * stats.t.ppf([0.025, 0.975], len(a))
    ),
    "normal quantile": lambda a, b: (
        (a - b).mean() + stats.sem(a - b) * stats.norm.ppf([0.025, 0.975])
    ),
}


@pytest.mark.parametrize("name", WRONG_INTERVALS)
def test_interval_is_none_of_the_wrong_ones(name):
    found = paired_difference(A, B)
    wrong = WRONG_INTERVALS[name](A, B)
    assert abs(found.high - wrong[1]) > 0.01 * (found.high - found.mean)


@given(pairs.filter(lambda rows: any(a != b for a, b in rows)))
def test_sign_test_counts_every_pattern_of_signs(rows):
    a, b = np.array(rows, dtype=float).T
    found = sign_test(a, b)
    n, greater = int((a != b).sum()), int((a > b).sum())
    extreme = [
        abs(sum(signs) - n / 2) >= abs(greater - n / 2)
        for signs in itertools.product((0, 1), repeat=n)
    ]
    assert (found.greater, found.pairs) == (greater, n)
    assert found.p_value == pytest.approx(sum(extreme) / 2**n)


def test_sign_test_is_two_sided():
    assert sign_test(A, A - 1).p_value == pytest.approx(2 / 2**7)
    assert sign_test(A - 1, A).p_value == pytest.approx(2 / 2**7)


@given(pairs, st.floats(0.5, 60))
def test_equivalence_is_two_one_sided_tests(rows, margin):
    a, b = np.array(rows, dtype=float).T
    found = tost(a, b, margin)
    error, freedom = stats.sem(a - b), len(a) - 1
    p_value = max(
        stats.t.sf(((a - b).mean() + margin) / error, freedom),
        stats.t.cdf(((a - b).mean() - margin) / error, freedom),
    )
    assert found.p_value == pytest.approx(p_value)
    if abs(p_value - 0.05) > 1e-9:
        assert found.equivalent == (p_value < 0.05)


def test_equivalence_needs_evidence_and_not_its_absence():
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 10, 6)
    assert stats.ttest_1samp(noise, 0).pvalue > 0.05
    assert not tost(noise, np.zeros(6), margin=1).equivalent


def test_equivalence_can_hold_where_a_difference_is_certain():
    a = np.array([0.29, 0.30, 0.31, 0.30])
    assert stats.ttest_1samp(a, 0).pvalue < 0.001
    assert tost(a, np.zeros(4), margin=1).equivalent


@pytest.mark.parametrize(("shift", "certain"), [(0, True), (0.5, True), (1, False), (2, False)])
def test_equivalence_of_arms_at_a_constant_distance(shift, certain):
    found = tost(np.arange(4.0) + shift, np.arange(4.0), margin=1)
    assert found.equivalent is certain
    assert found.p_value == (0 if certain else 1)


def test_equivalence_errs_at_most_at_its_level_on_the_margin():
    rng = np.random.default_rng(2)
    runs = 2000
    claims = sum(tost(rng.normal(1, 0.2, 6), np.zeros(6), 1).equivalent for _ in range(runs))
    assert abs(claims / runs - 0.05) <= 5 * math.sqrt(0.05 * 0.95 / runs)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.floats(0.001, 0.999))
def test_holm_rejects_step_by_step(p_values, alpha):
    adjusted = holm(p_values)
    rejected = set()
    for step, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        scaled = p_values[index] * (len(p_values) - step)
        if abs(scaled - alpha) < 1e-12 or scaled > alpha:
            break
        rejected.add(index)
    if not np.any(np.abs(adjusted - alpha) < 1e-12):
        assert set(np.flatnonzero(adjusted <= alpha)) == rejected


def test_holm_by_hand():
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])


def test_holm_is_not_bonferroni():
    assert holm([0.04, 0.01, 0.03])[0] != pytest.approx(min(1, 3 * 0.04))


def test_holm_never_exceeds_one():
    assert holm([0.9, 0.8]).tolist() == [1, 1]


def test_results_print_as_one_line():
    assert str(paired_difference([3, 5, 4], [1, 2, 2])) == (
        "mean difference +2.33, 95% interval +0.90 to +3.77, 3 pairs"
    )
    assert str(sign_test([3, 5, 4], [1, 2, 4])) == "greater in 2 of 2 pairs, two-sided p = 0.5"
    assert str(tost([0.1, 0.2, 0.0], [0, 0, 0], 1)) == (
        "equivalence within 1 shown: +0.10, 90% interval -0.07 to +0.27"
    )
    assert "not shown" in str(tost([0.1, 2.2, 0.0], [0, 0, 0], 1))


@pytest.mark.parametrize("function", [paired_difference, sign_test, lambda a, b: tost(a, b, 1)])
@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        ([1, 2], [1, 2, 3], "a and b must be two or more pairs, got shapes"),
        ([1], [2], "a and b must be two or more pairs, got shapes"),
        ([[1, 2]], [[1, 3]], "a and b must be two or more pairs, got shapes"),
        ([1, math.nan], [1, 2], "a must be finite, got"),
        ([1, 2], [1, math.inf], "b must be finite, got"),
    ],
)
def test_bad_pairs_are_refused(function, a, b, message):
    with pytest.raises(ValueError, match=message):
        function(a, b)


@pytest.mark.parametrize("bad", [0, -1, math.nan, math.inf])
def test_bad_margin_is_refused(bad):
    with pytest.raises(ValueError, match="margin must be positive and finite, got"):
        tost(A, B, bad)


@pytest.mark.parametrize("bad", [0, 0.5, math.nan])
def test_bad_alpha_is_refused(bad):
    with pytest.raises(ValueError, match=r"alpha must be in \(0, 0.5\), got"):
        tost(A, B, 1, bad)


@pytest.mark.parametrize("bad", [0, 1, math.nan])
def test_bad_confidence_is_refused(bad):
    with pytest.raises(ValueError, match=r"confidence must be in \(0, 1\), got"):
        paired_difference(A, B, bad)


def test_ties_alone_are_refused():
    with pytest.raises(ValueError, match="a and b must differ in at least one pair"):
        sign_test([1, 2], [1, 2])


@pytest.mark.parametrize("bad", [[], [0.5, -0.1], [1.1], [math.nan], [[0.1]]])
def test_bad_p_values_are_refused(bad):
    with pytest.raises(ValueError, match=r"p_values must be one or more numbers in \[0, 1\]"):
        holm(bad)


@pytest.mark.parametrize(
    ("a", "said"),
    [
        ([1.0, 1.1, 1.2], "dropout is lower than none (-1.90 points, 95 % interval"),
        ([5.0, 5.1, 5.2], "dropout is higher than none (+2.10 points"),
        ([2.0, 4.0, 3.1], "dropout and none cannot be told apart (+0.03 points"),
    ],
)
def test_a_difference_says_its_direction(a, said):
    sentence = paired_difference(a, [2.9, 3.0, 3.1]).sentence("dropout", "none")
    assert sentence.startswith(said)
    assert sentence.endswith("3 pairs)")
