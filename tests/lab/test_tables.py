"""Tables that a run writes say what the numbers are."""

import numpy as np
import pytest

from dropoutbook.lab.statistics import paired_difference
from dropoutbook.lab.tables import comparison, table

ARMS = {
    "none": {"error": [5.0, 6.0, 7.0], "nll": [1.0, 1.0, 1.0]},
    "dropout": {"error": [4.0, 5.5, 5.0], "nll": [1.0, 1.5, 2.0]},
}


def cells(text):
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]


def test_a_table_has_a_line_for_each_row():
    assert table(["a", "b"], [["x", 1], ["y", 2]]).splitlines() == [
        "| a | b |",
        "| --- | ---: |",
        "| x | 1 |",
        "| y | 2 |",
    ]


def test_each_arm_stands_with_its_mean_and_its_distance_from_the_baseline():
    head, _, none, dropout = cells(comparison(ARMS, "none"))
    assert head == ["", "error", "minus none", "nll", "minus none"]
    assert none == ["none", "6.00", "", "1.00", ""]
    mean, low, high, *_ = paired_difference(ARMS["dropout"]["error"], ARMS["none"]["error"])
    assert dropout[:3] == ["dropout", "4.83", f"{mean:+.2f} ({low:+.2f} to {high:+.2f})"]
    assert mean == pytest.approx(np.mean([-1, -0.5, -2]))


def test_the_sign_follows_the_baseline():
    *_, none, _ = cells(comparison(ARMS, "dropout", digits=1))
    assert none[2].startswith("+1.2 (")
