"""A run writes its results at once, keeps those of other families, and refuses unknown names."""

import json
from types import SimpleNamespace

import pytest

import benchmarks.__main__ as program
from benchmarks.row import OURS, Absent, Contestant, Goal, Row

FIELDS = {"name", "family", "work", "size", "contestants", "goals", "bounds", "lines"}


def absent():
    raise Absent("not installed")


def rows():
    contestants = {OURS: lambda: Contestant(list, str), "peer": absent}
    yield Row("a row", "family", "work", contestants, [Goal(OURS, "peer", 2.0)], seconds=0.0)


@pytest.fixture
def results(tmp_path, monkeypatch):
    """Where results go; every family has the one row above."""
    module = SimpleNamespace(rows=rows)
    monkeypatch.setattr(program.importlib, "import_module", lambda name: module)
    monkeypatch.setattr(program, "machine", lambda: {"processor": "none"})
    monkeypatch.setattr(program.torch, "set_num_threads", lambda threads: None)
    return tmp_path / "results.json"


def test_results_have_every_field_and_survive_the_way_through_json(results, capsys):
    program.main(["lstm", f"--output={results}"])
    stored = json.loads(results.read_text("utf8"))["families"]["lstm"]
    (record,) = stored["rows"]
    assert record.keys() >= FIELDS
    assert stored["machine"] == {"processor": "none"}
    assert record["contestants"]["peer"] == {"absent": "not installed"}
    assert record["lines"][0][-1] == "absent"
    assert "peer: absent: not installed" in capsys.readouterr().out


def test_a_run_of_one_family_keeps_the_others(results):
    program.main(["noise", f"--output={results}"])
    first = json.loads(results.read_text("utf8"))["families"]
    program.main(["dropout", f"--output={results}"])
    both = json.loads(results.read_text("utf8"))["families"]
    assert list(both) == ["dropout", "noise"]
    assert both["noise"] == first["noise"]


def test_without_a_name_all_families_run_in_order(results):
    program.main([f"--output={results}"])
    assert tuple(json.loads(results.read_text("utf8"))["families"]) == program.FAMILIES


def test_an_unknown_family_is_refused(results, capsys):
    with pytest.raises(SystemExit, match="2"):
        program.main(["dropouts", f"--output={results}"])
    message = capsys.readouterr().err
    assert "FAMILY must be among" in message
    assert "['dropouts']" in message
    assert not results.exists()
