"""What a page reads from the results of a study."""

import json

import numpy as np
import pytest

from dropoutbook.lab.study import read_study, readings, tuned, where

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
