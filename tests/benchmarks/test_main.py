"""A run writes its results at once, keeps those of other families, and refuses unknown names."""

import json
from types import SimpleNamespace

import pytest

import benchmarks.__main__ as program
from benchmarks import results as file
from benchmarks.row import OURS, Goal, Row

FIELDS = {"name", "family", "work", "size", "weak", "contestants", "goals", "bounds", "lines"}


def rows():
    yield Row("a row", "family", "work", dict.fromkeys((OURS, "peer")), [Goal(OURS, "peer", 2.0)])


def start(step, family, name, names):
    if step == "time":
        return dict.fromkeys(names, 0.5)
    return dict.fromkeys(names, {"law": ""} if name == OURS else {"absent": "not installed"})


@pytest.fixture
def results(tmp_path, monkeypatch):
    """Where results go; every family has the one row above, and no process is started."""
    module = SimpleNamespace(rows=rows)
    measured = program.measured
    monkeypatch.setattr(program.importlib, "import_module", lambda name: module)
    monkeypatch.setattr(program, "measured", lambda rows, n: measured(rows, n, start))
    monkeypatch.setattr(program, "machine", lambda: {"processor": "none"})
    monkeypatch.setattr(program.torch, "set_num_threads", lambda threads: None)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    return tmp_path / "results.json"


def test_results_have_every_field_and_survive_the_way_through_json(results, capsys):
    program.main(["lstm", f"--output={results}", "--processes=3"])
    stored = file.load(results)["lstm"]
    (record,) = stored["rows"]
    assert record.keys() == FIELDS
    assert stored["machine"] == {"processor": "none"}
    assert stored["processes"] == 3
    assert record["contestants"][OURS]["times"] == [0.5] * 3
    assert record["contestants"]["peer"] == {"absent": "not installed"}
    assert record["lines"][0][-1] == "absent"
    assert "peer: absent: not installed" in capsys.readouterr().out


def test_a_run_of_one_family_keeps_the_others(results):
    program.main(["noise", f"--output={results}"])
    first = file.load(results)
    program.main(["dropout", f"--output={results}"])
    both = file.load(results)
    assert list(both) == ["dropout", "noise"]
    assert both["noise"] == first["noise"]


def test_without_a_name_all_families_run_in_order_ten_times(results):
    program.main([f"--output={results}"])
    assert tuple(file.load(results)) == program.FAMILIES
    assert {family["processes"] for family in file.load(results).values()} == {10}


def test_an_interrupted_run_keeps_what_is_done_and_names_what_is_left(results, monkeypatch):
    run = program.run

    def interrupted(family, processes):
        if family == "noise":
            raise KeyboardInterrupt
        return run(family, processes)

    monkeypatch.setattr(program, "run", interrupted)
    with pytest.raises(SystemExit, match='what is left: make bench ROWS="noise derive"'):
        program.main(["dropout", "noise", "derive", f"--output={results}"])
    assert list(file.load(results)) == ["dropout"]


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path):
    path = tmp_path / "results.json"
    file.store({"dropout": {"rows": []}}, path)
    with pytest.raises(TypeError, match="not JSON serializable"):
        file.store({"dropout": {"rows": [object()]}}, path)
    assert file.load(path) == {"dropout": {"rows": []}}
    assert [found.name for found in tmp_path.iterdir()] == ["results.json"]


def test_a_file_that_was_edited_is_refused(tmp_path):
    path = tmp_path / "results.json"
    file.store({"dropout": {"rows": [1.5]}}, path)
    path.write_text(path.read_text().replace("1.5", "2.5"))
    with pytest.raises(ValueError, match=r"results\.json holds what was not measured"):
        file.load(path)


def test_there_is_nothing_where_there_is_no_file(tmp_path):
    assert file.load(tmp_path / "results.json") == {}


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        ([1.5, None, "a [b]"], 1),
        ({"×": 1, "a": True}, 1),
        ({}, 1),
        ([], 1),
        ({"times": [1.0, 2.0], "law": "", "lines": [["a"], ["b"]]}, 8),
    ],
)
def test_what_holds_no_more_than_numbers_and_texts_takes_one_line(value, lines):
    text = file.compact(value)
    assert json.loads(text) == value
    assert text.count("\n") + 1 == lines


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["dropouts"], ["FAMILY must be among", "['dropouts']"]),
        (["--processes=0"], ["--processes must be at least 1, got 0"]),
    ],
)
def test_a_wrong_argument_is_refused(results, capsys, arguments, said):
    with pytest.raises(SystemExit, match="2"):
        program.main([*arguments, f"--output={results}"])
    message = capsys.readouterr().err
    assert all(part in message for part in said)
    assert not results.exists()
