"""Contestants take turns by processes, and ratios and verdicts follow from the numbers."""

from itertools import count

import pytest

from benchmarks.record import Ratio, geometric_mean, kept_to, measured, ratio_in, recorded, settled
from benchmarks.row import OURS, Bound, Goal, Row
from benchmarks.table import HEADER, goal_lines, left_out, text

GOAL = Goal(OURS, "peer", 2.0)
BOTH = Goal(OURS, "peer", 20.0, 6.0)


class Processes:
    """Says of each contestant what it is told to, and that the n-th process took n seconds."""

    def __init__(self, **known):
        self.log, self.known, self.clock = [], known, count(1.0)

    def __call__(self, step, family, name, rows):
        self.log.append((step, name, *rows))
        if step == "time":
            return dict.fromkeys(rows, next(self.clock))
        return {row: dict(self.known.get(name, {"law": ""})) for row in rows}


def row(name="a row", size=None, contestants=(OURS, "peer")):
    goals = [GOAL] if "peer" in contestants else []
    return Row(name, "family", "work", dict.fromkeys(contestants), goals, size=size)


def of(ours, theirs):
    """A record of two contestants that were timed."""
    found = {OURS: {"times": ours}, "peer": {"times": theirs}}
    return recorded(Row("a row", "family", "work", {}, [GOAL]), found)


def test_contestants_take_turns_and_every_other_round_goes_backwards():
    start = Processes()
    measured([row(), row("another", contestants="c")], 3, start)
    steps = [(step, name) for step, name, _ in start.log]
    there = [(OURS, "a row"), ("peer", "a row"), ("c", "another")]
    assert steps[:3] == [("check", name) for name, _ in there]
    assert [entry[1:] for entry in start.log[3:]] == there + there[::-1] + there


def test_one_process_does_all_sizes_of_a_sweep_and_no_other_row():
    start = Processes()
    records = measured([row(), row("small", 1), row("large", 9)], 2, start)
    assert {entry[2:] for entry in start.log} == {("a row",), ("small", "large")}
    assert [record["size"] for record in records] == [None, 1, 9]
    assert all(len(found["times"]) == 2 for r in records for found in r["contestants"].values())


def test_a_record_holds_the_median_and_the_slowest_of_all_processes():
    (record,) = measured([row(contestants=[OURS])], 5, Processes())
    assert record["contestants"][OURS] == {
        "law": "",
        "times": [1.0, 2.0, 3.0, 4.0, 5.0],
        "seconds": {"median": 3.0, "slowest": 5.0},
    }


@pytest.mark.parametrize("why", [{"refused": "drops 20%, asked 10%"}, {"absent": "no module"}])
def test_who_is_wrong_or_missing_is_not_timed_and_is_named(why):
    start = Processes(peer=why)
    (record,) = measured([row()], 3, start)
    assert ("time", "peer", "a row") not in start.log
    assert record["contestants"]["peer"] == why
    assert record["goals"][0]["verdict"] == "absent"
    ((kind, reason),) = why.items()
    assert left_out([record]) == {"peer": f"{kind}: {reason}"}
    assert f"peer: {kind}: {reason}" in text([record])


def test_a_failed_process_ends_the_run():
    def start(step, *job):
        raise RuntimeError("dropoutbook drops 20%")

    with pytest.raises(RuntimeError, match="drops 20%"):
        measured([row()], 3, start)


def test_ratios_are_median_by_median_and_slowest_by_slowest():
    record = of([1.0, 1.0, 4.0], [9.0, 3.0, 2.0])  # round by round 9, 3 and 0.5; means 2.33
    assert ratio_in(record, OURS, "peer") == Ratio(3.0, 2.25)
    assert ratio_in(record, "peer", OURS) == pytest.approx((1 / 3, 1 / 2.25))


@pytest.mark.parametrize(
    ("goal", "ratio", "verdict"),
    [
        (GOAL, Ratio(2.1, 0.1), "met"),
        (GOAL, Ratio(2.03, 9.0), "within noise"),
        (GOAL, Ratio(1.97, 9.0), "within noise"),
        (GOAL, Ratio(1.9, 9.0), "not met"),
        (GOAL, None, "absent"),
        (BOTH, Ratio(30.0, 7.0), "met"),
        (BOTH, Ratio(30.0, 5.0), "not met"),
        (BOTH, Ratio(19.0, 9.0), "not met"),
        (BOTH, Ratio(30.0, 6.05), "within noise"),
    ],
)
def test_a_verdict_follows_from_both_ratios(goal, ratio, verdict):
    assert settled(goal, ratio)["verdict"] == verdict


@pytest.mark.parametrize(("most", "verdict"), [(5, "met"), (4.9, "not met")])
def test_a_bound_is_kept_or_not(most, verdict):
    bound = Bound(OURS, "kept", "bytes", most, lambda found: found["saved"])
    settled = kept_to(bound, {"contestants": {OURS: {"saved": 5}}})
    assert (settled["value"], settled["verdict"]) == (5, verdict)


def test_geometric_means_are_of_ratios():
    assert geometric_mean([Ratio(1, 2), Ratio(4, 8)]) == pytest.approx((2, 4))
    assert geometric_mean([Ratio(1, 1), None]) is None


def test_the_table_has_one_line_per_goal_and_bound():
    record = of([1.0, 1.0, 4.0], [9.0, 3.0, 2.0])
    record["goals"].append(settled(BOTH, Ratio(30.0, 5.0)))
    bound = Bound(OURS, "kept", "bytes", 2**20, lambda found: 2**19)
    record["bounds"] = [kept_to(bound, record)]
    lines = list(goal_lines(record))
    assert [len(line) for line in lines] == [len(HEADER)] * 3
    assert lines[0][3:] == ("≥ 2.00×", "3.00×", "2.25×", "met")
    assert lines[1][3:] == ("≥ 20× and ≥ 6.00×", "30×", "5.00×", "not met")
    assert lines[2][3:] == ("≤ 1.0 MiB", "0.5 MiB", "", "met")
