"""Wrong contestants are not timed, absent ones are named, and verdicts follow from the numbers."""

import pytest

from benchmarks.record import (
    Spread,
    WrongLaw,
    geometric_mean,
    kept_to,
    measured,
    ratio_in,
    settled,
    spread,
)
from benchmarks.row import OURS, Absent, Bound, Contestant, Goal, Row
from benchmarks.table import HEADER, goal_lines, left_out, text

GOAL = Goal(OURS, "peer", 2.0)


def nothing():
    return None


def absent():
    raise Absent("No module named 'peer'")


def row(peer, ours=lambda: Contestant(nothing, str, saved=lambda: 5), **more):
    contestants = {OURS: ours, "peer": peer}
    return Row("a row", "family", "work", contestants, [GOAL], seconds=0.0, **more)


def in_rounds(ours, theirs):
    return {"contestants": {OURS: {"times": ours}, "peer": {"times": theirs}}}


def test_a_contestant_of_the_right_law_is_timed():
    record = measured(row(lambda: Contestant(nothing, str)), rounds=3)
    for name in (OURS, "peer"):
        found = record["contestants"][name]
        assert len(found["times"]) == 3
        assert found["seconds"] == spread(found["times"])._asdict()
        assert found["law"] == ""
    assert record["contestants"][OURS]["saved"] == 5
    assert record["goals"][0]["ratio"]["median"] > 0


def test_a_contestant_of_a_wrong_law_is_refused_and_not_timed():
    record = measured(row(lambda: Contestant(pytest.fail, lambda: "drops 20%, asked 10%")))
    assert record["contestants"]["peer"] == {"refused": "drops 20%, asked 10%"}
    assert record["goals"][0]["verdict"] == "absent"
    assert left_out([record]) == {"peer": "refused: drops 20%, asked 10%"}


def test_a_law_that_is_known_to_differ_is_timed_and_said():
    peer = Contestant(nothing, lambda: "drops 9%", another_law="that of the paper")
    found = measured(row(lambda: peer))["contestants"]["peer"]
    assert found["law"] == "that of the paper: drops 9%"
    assert found["times"]


def test_a_wrong_law_of_the_package_ends_the_benchmark():
    ours = Contestant(pytest.fail, lambda: "drops 20%")
    with pytest.raises(WrongLaw, match="a row: dropoutbook drops 20%"):
        measured(row(absent, lambda: ours))


def test_an_absent_peer_is_named_with_the_reason_in_record_and_table():
    record = measured(row(absent))
    assert record["contestants"]["peer"] == {"absent": "No module named 'peer'"}
    assert record["goals"][0] | {"ratio": None, "verdict": "absent"} == record["goals"][0]
    assert "peer: absent: No module named 'peer'" in text([record])


def test_ratios_are_taken_round_by_round():
    # the last two rounds are slow for both: a ratio of two medians would be another
    record = in_rounds([1.0, 1.0, 1.0, 9.0, 9.0], [3.0, 3.0, 2.0, 27.0, 36.0])
    assert ratio_in(record, OURS, "peer") == Spread(3.0, 3.0, 3.0)
    assert ratio_in(record, "peer", OURS).median == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("ratio", "verdict"),
    [
        (Spread(2.1, 2.0, 2.5), "met"),
        (Spread(2.1, 1.9, 2.5), "within noise"),
        (Spread(1.9, 1.5, 2.5), "within noise"),
        (Spread(1.97, 1.96, 1.98), "within noise"),
        (Spread(1.9, 1.8, 1.95), "not met"),
        (None, "absent"),
    ],
)
def test_a_verdict_follows_from_the_ratio(ratio, verdict):
    assert settled(GOAL, ratio)["verdict"] == verdict


@pytest.mark.parametrize(("most", "verdict"), [(5, "met"), (4.9, "not met")])
def test_a_bound_is_kept_or_not(most, verdict):
    bound = Bound(OURS, "kept", "bytes", most, lambda found: found["saved"])
    settled = kept_to(bound, {"contestants": {OURS: {"saved": 5}}})
    assert (settled["value"], settled["verdict"]) == (5, verdict)


def test_geometric_means_are_of_ratios():
    assert geometric_mean([Spread(1, 1, 2), Spread(4, 1, 8)]) == pytest.approx((2, 1, 4))
    assert geometric_mean([Spread(1, 1, 1), None]) is None


def test_the_table_has_one_line_a_goal_and_a_bound():
    bound = Bound(OURS, "kept", "bytes", 2**20, lambda found: 2**19)
    record = measured(row(absent, bounds=[bound]))
    lines = list(goal_lines(record))
    assert [len(line) for line in lines] == [len(HEADER)] * 2
    assert lines[1][3:5] == ("≤ 1.0 MiB", "0.5 MiB")
