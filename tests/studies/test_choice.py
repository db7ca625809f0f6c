"""The setting that goes on is the best on the choosing data, over all its seeds."""

import pytest

from studies.choice import best, cases

ROWS = [
    {"p": 0.1, "rate": 1, "seed": 0, "choice_error": [9.0, 1.0], "test_error": [0.0, 9.0]},
    {"p": 0.1, "rate": 1, "seed": 1, "choice_error": [9.0, 6.0], "test_error": [0.0, 9.0]},
    {"p": 0.9, "rate": 1, "seed": 0, "choice_error": [0.0, 3.0], "test_error": [9.0, 0.0]},
    {"p": 0.9, "rate": 1, "seed": 1, "choice_error": [0.0, 3.0], "test_error": [9.0, 0.0]},
]


def test_the_mean_of_the_last_reading_decides():
    assert best(ROWS, "p", "rate", by="choice_error") == {"p": 0.9, "rate": 1}
    assert best(ROWS[:1] + ROWS[2:3], "p", by="choice_error") == {"p": 0.1}
    with pytest.raises(ValueError, match="rows must be at least one, got none"):
        best([], "p", by="choice_error")


def test_cases_are_all_combinations_in_order():
    assert cases(a=[1, 2], b=["x"]) == [{"a": 1, "b": "x"}, {"a": 2, "b": "x"}]
