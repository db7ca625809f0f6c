"""The saved results are those of the rows as they are now, and hold what the chapter shows."""

import importlib
import json
import pkgutil

import numpy as np
import pytest

from benchmarks import rows
from benchmarks.__main__ import RESULTS
from benchmarks.record import geometric_mean, ratio_in
from benchmarks.rows import FAMILIES
from benchmarks.rows.lstm import PLAIN
from benchmarks.table import goal_lines

STORED = json.loads(RESULTS.read_text("utf8"))["families"]
OUTCOMES = ({"seconds", "times", "law"}, {"absent"}, {"refused"})


def test_every_module_of_rows_is_a_family():
    assert sorted(FAMILIES) == sorted(found.name for found in pkgutil.iter_modules(rows.__path__))
    assert tuple(STORED) == FAMILIES


@pytest.mark.parametrize("family", FAMILIES)
def test_saved_rows_are_the_rows_of_the_code(family):
    module = importlib.import_module(f"benchmarks.rows.{family}")
    now = {row.name: (row.work, row.size, list(row.contestants)) for row in module.rows()}
    stored = {
        record["name"]: (record["work"], record["size"], list(record["contestants"]))
        for record in STORED[family]["rows"]
        if record["contestants"]
    }
    assert stored == now


@pytest.mark.parametrize("family", FAMILIES)
def test_every_contestant_was_timed_or_is_missing_for_a_reason(family):
    for record in STORED[family]["rows"]:
        for found in record["contestants"].values():
            assert any(found.keys() >= outcome for outcome in OUTCOMES)
            assert found.get("absent", found.get("refused", "timed"))
            times = found.get("times", [1.0])
            assert min(times) > 0
            assert found.get("seconds", {}).get("median", 1.0) == pytest.approx(np.median(times))


@pytest.mark.parametrize("family", FAMILIES)
def test_ratios_and_verdicts_follow_from_the_times(family):
    for record in STORED[family]["rows"]:
        for goal in record["goals"]:
            if record["contestants"]:
                ratio = ratio_in(record, goal["ours"], goal["against"])
                assert goal["ratio"] == (ratio and pytest.approx(ratio._asdict()))
            met = goal["ratio"] is not None and goal["ratio"]["low"] >= goal["least"]
            assert (goal["verdict"] == "met") == met
        for bound in record["bounds"]:
            assert (bound["verdict"] == "met") == (bound["value"] <= bound["most"])
        assert record["lines"] == [list(line) for line in goal_lines(record)]


def test_the_mean_of_the_lstms_follows_from_the_times():
    *shapes, mean = STORED["lstm"]["rows"]
    names = [goal["ours"] for goal in mean["goals"]][:-1]
    together = geometric_mean([ratio_in(row, name, PLAIN) for row in shapes for name in names])
    assert mean["goals"][-1]["ratio"] == pytest.approx(together._asdict())


@pytest.mark.parametrize("family", FAMILIES)
def test_the_machine_is_named(family):
    machine = STORED[family]["machine"]
    assert machine.keys() >= {"processor", "cores", "threads", "memory_gib", "gpu", "system"}
    assert machine["versions"].keys() >= {"torch", "numpy", "sympy", "dropoutbook", "keras"}
    assert STORED[family]["date"]
