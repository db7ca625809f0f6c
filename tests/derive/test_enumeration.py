"""The enumeration of all masks, against sums written out with itertools."""

from itertools import product
from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dropoutbook.derive import enumerate_expectation, enumeration


def brute_force(function, keep):
    total = 0.0
    for mask in product([0.0, 1.0], repeat=len(keep)):
        weight = prod(k if m else 1 - k for m, k in zip(mask, keep, strict=True))
        total = total + weight * function(np.array([mask]))[0]
    return total


@given(st.lists(st.floats(0, 1), min_size=0, max_size=6))
def test_it_is_the_sum_over_all_masks(keep):
    weights = np.arange(1.0, len(keep) + 1)
    np.testing.assert_allclose(
        enumerate_expectation(lambda m: np.cos(m @ weights), keep),
        brute_force(lambda m: np.cos(m @ weights), keep),
        atol=1e-12,
    )


def test_chunks_change_nothing(monkeypatch):
    keep = [0.1, 0.5, 0.9, 0.3]
    whole = enumerate_expectation(lambda m: m * (m.sum(axis=1) ** 2)[:, None], keep)
    monkeypatch.setattr(enumeration, "CHUNK", 3)
    np.testing.assert_allclose(
        enumerate_expectation(lambda m: m * (m.sum(axis=1) ** 2)[:, None], keep), whole
    )


def test_the_mean_of_a_mask_is_its_keep_probability():
    keep = np.array([0.1, 0.9, 0.0, 1.0])
    np.testing.assert_allclose(enumerate_expectation(lambda m: m, keep), keep)


@pytest.mark.parametrize("bad", [[0.5, -0.1], [1.5], [float("nan")], [[0.5]], 0.5])
def test_what_is_no_row_of_probabilities_is_refused(bad):
    with pytest.raises(ValueError, match=r"keep must be one row of numbers in \[0, 1\], got"):
        enumerate_expectation(lambda m: m, bad)


def test_too_many_units_are_refused_before_any_work():
    with pytest.raises(ValueError, match="keep must have at most 24 entries, got 25"):
        enumerate_expectation(lambda m: m, [0.5] * 25)


def test_as_many_units_as_are_allowed_are_begun():
    class BegunError(Exception):
        pass

    def begin(masks):
        raise BegunError

    with pytest.raises(BegunError):
        enumerate_expectation(begin, [0.5] * 24)


@pytest.mark.parametrize(
    ("function", "got"),
    [
        (lambda m: m.sum(), r"\(\)"),
        (lambda m: 1.0, r"\(\)"),
        (lambda m: None, r"\(\)"),
        (lambda m: m.T, r"\(2, 4\)"),
        (lambda m: m[:1], r"\(1, 2\)"),
    ],
)
def test_a_function_without_a_value_for_each_mask_is_refused(function, got):
    words = r"function must map masks of shape \(4, 2\) to values of shape \(4, ...\), got shape "
    with pytest.raises(ValueError, match=words + got):
        enumerate_expectation(function, [0.5, 0.1])


def test_masks_come_in_chunks_of_bounded_size():
    sizes = []
    enumerate_expectation(lambda m: sizes.append(len(m)) or m[:, 0], [0.5] * 15)
    assert sizes == [enumeration.CHUNK] * 2
