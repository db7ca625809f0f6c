"""A process tells what a contestant does, and does not time one that is wrong or missing."""

import json
from types import SimpleNamespace

import pytest

from benchmarks import process
from benchmarks.row import OURS, Absent, Contestant, Row


def row(peer, ours=lambda: Contestant(list, str, saved=lambda: 5)):
    return Row("a row", "family", "work", {OURS: ours, "peer": peer})


def absent():
    raise Absent("No module named 'peer'")


def wrong():
    return Contestant(pytest.fail, lambda: "drops 20%, asked 10%")


def known():
    return Contestant(list, lambda: "drops 9%", another_law="that of the paper")


def loud():
    print("this peer says hello")
    return Contestant(list, str)


@pytest.mark.parametrize(
    ("peer", "found"),
    [
        (loud, {"law": ""}),
        (known, {"law": "that of the paper: drops 9%"}),
        (wrong, {"refused": "drops 20%, asked 10%"}),
        (absent, {"absent": "No module named 'peer'"}),
    ],
)
def test_a_peer_is_what_it_does(peer, found):
    assert process.check(row(peer), "peer") == found


def test_what_is_kept_for_backward_is_told_of_whoever_is_asked():
    assert process.check(row(absent), OURS) == {"law": "", "saved": 5}


def test_a_wrong_law_of_the_package_is_an_error():
    with pytest.raises(process.WrongLaw, match="a row: dropoutbook drops 20%"):
        process.check(row(absent, wrong), OURS)


def test_the_answer_is_the_last_line_and_holds_the_rows_asked_for(monkeypatch, capsys):
    rows = [row(loud), Row("another row", "family", "work", {"peer": absent})]
    module = SimpleNamespace(rows=lambda: rows)
    monkeypatch.setattr(process.importlib, "import_module", lambda name: module)
    process.main("time", "family", "peer", "a row")
    *said, answer = capsys.readouterr().out.splitlines()
    assert "this peer says hello" in said
    (seconds,) = json.loads(answer).values()
    assert 0 < seconds < 1


def test_each_start_is_another_process():
    job = ("derive", OURS, ["enumerate_expectation of few"])
    assert process.start("check", *job)["enumerate_expectation of few"]["law"] == ""
    assert 0 < process.start("time", *job)["enumerate_expectation of few"] < 1


def test_a_process_that_fails_says_why():
    with pytest.raises(process.Failed, match="check derive, nobody: KeyError: 'nobody'"):
        process.start("check", "derive", "nobody", ["enumerate_expectation of few"])
