"""What a page reads from the results of a study."""

import json

import numpy as np
import pytest

from dropoutbook.lab.study import beside_none, final, read_study, readings, tuned, where

ROWS = [
    {"arm": "a", "seed": 1, "choice_error": [3.0, 1.0, 2.0], "test_error": [30.0, 10.0, 20.0]},
    {"arm": "a", "seed": 0, "choice_error": [1.0, 1.0, 2.0], "test_error": [31.0, 11.0, 21.0]},
    {"arm": "b", "seed": 0, "choice_error": [9.0], "test_error": [5.0]},
]


@pytest.mark.parametrize("depth", [".", "chapters"])
def test_a_study_is_found_from_the_root_and_from_the_chapters(tmp_path, monkeypatch, depth):
    (tmp_path / "studies").mkdir()
    (tmp_path / "chapters").mkdir()
    (tmp_path / "studies" / "s.json").write_text(json.dumps({"rows": ROWS}))
    monkeypatch.chdir(tmp_path / depth)
    assert read_study("studies/s.json")["rows"] == ROWS
    with pytest.raises(FileNotFoundError, match=r"path must lie in .*, got 'studies/t.json'"):
        read_study("studies/t.json")


def test_rows_are_picked_by_all_their_values():
    assert where(ROWS, arm="a", seed=0) == [ROWS[1]]
    with pytest.raises(ValueError, match="values must be those of a row, got"):
        where(ROWS, arm="b", seed=1)


def test_last_and_stopped_readings_are_in_the_order_of_seeds():
    rows = where(ROWS, arm="a")
    assert np.array_equal(readings(rows, "test_error"), [21, 20])
    assert np.array_equal(readings(rows, "test_error", stop="choice_error"), [31, 10])


TUNING = [
    {"p": 0.1, "choice_error": [5.0, 1.0, 4.0]},
    {"p": 0.1, "choice_error": [5.0, 2.0, 4.0]},
    {"p": 0.5, "choice_error": [9.0, 2.0, 3.0]},
    {"p": 0.5, "choice_error": [9.0, 2.0, 3.0]},
]


def test_the_setting_is_chosen_at_a_reading_or_with_its_own():
    assert tuned(TUNING, "p", by="choice_error") == ({"p": 0.1}, 1)
    assert tuned(TUNING, "p", by="choice_error", place=-1) == ({"p": 0.5}, -1)
    assert tuned(TUNING[2:], "p", "q", by="choice_error") == ({"p": 0.5, "q": None}, 1)
    with pytest.raises(ValueError, match="rows must be at least one, got none"):
        tuned([], "p", by="choice_error")


def network(stage, arm, rate, seed, last, size=5, steps=20, early=0.0):
    scores = {"choice_error": [early, last], "choice_nll": [early, last]}
    scores |= {"test_error": [10 * early, 10 * last], "test_nll": [early, last]}
    common = {"stage": stage, "arm": arm, "learning_rate": rate, "size": size, "steps": steps}
    return common | {"seed": seed} | scores


STUDY = [
    network("tuning", "none", 1, 9, last=3.0, early=2.0),
    network("tuning", "none", 2, 9, last=4.0, early=1.0),
    *(
        network("final", "none", rate, seed, last=rate, early=5.0)
        for rate in (1, 2)
        for seed in (0, 1)
    ),
    *(network("final", "none", 1, seed, last=7.0, steps=10) for seed in (0, 1)),
    *(network("final", "dropout", 2, seed, last=0.5 + seed, early=9.0) for seed in (1, 0)),
]


def test_final_networks_are_those_of_the_rate_that_tuning_prefers():
    assert [row["learning_rate"] for row in final(STUDY, "none", size=5)] == [1, 1]
    stopped = final(STUDY, "none", size=5, stop="choice_error")
    assert [row["learning_rate"] for row in stopped] == [2, 2]
    assert [row["steps"] for row in final(STUDY, "none", length=0, size=5)] == [10, 10]
    larger = [row | {"size": 50} for row in STUDY if row["stage"] == "final"]
    rows = final(STUDY + larger, "none", size=50, tuned_on={"size": 5})
    assert [row["learning_rate"] for row in rows] == [1, 1]
    with pytest.raises(ValueError, match="values must be those of a row"):
        final(STUDY + larger, "none", size=50)


def test_none_is_read_in_three_ways_beside_the_others():
    found = beside_none(STUDY, ["dropout"], size=5)
    assert {arm: columns["test error, %"].tolist() for arm, columns in found.items()} == {
        "dropout": [5, 15],
        "none, at its end": [10, 10],
        "none, stopped on error": [20, 20],
        "none, stopped on likelihood": [20, 20],
    }
