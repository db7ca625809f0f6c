"""The saved results are those of the rows as they are now, and hold what the chapter shows."""

import copy
import importlib
import pkgutil
import statistics

import pytest

from benchmarks import rows
from benchmarks.record import geometric_mean, measured, ratio_in
from benchmarks.results import load
from benchmarks.row import OURS, Bound, Goal, Row
from benchmarks.rows import FAMILIES
from benchmarks.rows.lstm import PLAIN
from benchmarks.table import goal_lines

STORED = load()
OUTCOMES = ({"seconds", "times", "law"}, {"absent"}, {"refused"})
FEWEST = 10  # processes of each contestant


def row_of(family):
    return list(importlib.import_module(f"benchmarks.rows.{family}").rows())


def faults(family):
    """What is wrong with a family of results, as words."""
    for record in family["rows"]:
        for name, found in record["contestants"].items():
            yield from (f"{record['name']}, {name}: {what}" for what in faults_of(found))
        for goal in record["goals"]:
            if record["contestants"]:
                ratio = ratio_in(record, goal["ours"], goal["against"])
                if goal["ratio"] != (ratio and pytest.approx(ratio._asdict())):
                    yield f"{record['name']}: another ratio"
            if goal["verdict"] not in verdicts(goal):
                yield f"{record['name']}: {goal['verdict']}"
        for bound in record["bounds"]:
            if (bound["verdict"] == "met") != (bound["value"] <= bound["most"]):
                yield f"{record['name']}: {bound['verdict']}"
        if record["lines"] != [list(line) for line in goal_lines(record)]:
            yield f"{record['name']}: other lines"
    counts = [
        len(found["times"])
        for record in family["rows"]
        for found in record["contestants"].values()
        if "times" in found
    ]
    if set(counts) != {family["processes"]} or min(counts) < FEWEST:
        yield f"{min(counts)} to {max(counts)} processes"


def faults_of(found):
    if not any(found.keys() >= outcome for outcome in OUTCOMES):
        yield "neither timed nor missing"
    if not found.get("absent", found.get("refused", "timed")):
        yield "missing for no reason"
    if "times" in found:
        median, slowest = statistics.median(found["times"]), max(found["times"])
        if min(found["times"]) <= 0 or found["seconds"] != {"median": median, "slowest": slowest}:
            yield "other seconds"


def verdicts(goal):
    """Those that the ratio of a goal allows; whether by luck is said in `benchmarks.record`."""
    if goal["ratio"] is None:
        return {"absent"}
    reached = goal["ratio"]["median"] >= goal["least"]
    if goal["slowest"] is not None:
        reached &= goal["ratio"]["slowest"] >= goal["slowest"]
    return {"within noise", "met" if reached else "not met"}


def an_example():
    """A family of one row, ours slower in the second half of the processes."""

    def start(step, family, name, names):
        if step == "check":
            return {name: {"law": ""} for name in names}
        clock.append(name)
        return dict.fromkeys(names, 1.0 if name == "peer" else 0.2 + 0.01 * len(clock))

    clock = []
    bound = Bound(OURS, "time", "seconds", 1, lambda record: record["seconds"]["median"])
    contestants, goals = dict.fromkeys((OURS, "peer")), [Goal(OURS, "peer", 2.0, 1.5)]
    row = Row("a row", "family", "work", contestants, goals, [bound])
    records = [record | {"lines": []} for record in measured([row], FEWEST, start)]
    for record in records:
        record["lines"] = [list(line) for line in goal_lines(record)]
    return {"processes": FEWEST, "rows": records}


def forget_a_process(family):
    family["rows"][0]["contestants"][OURS]["times"].pop(0)


def call_nine_enough(family):
    family["processes"] = 9
    for found in family["rows"][0]["contestants"].values():
        del found["times"][0]


def leave_the_slowest_out(family):
    found = family["rows"][0]["contestants"][OURS]
    found["seconds"]["slowest"] = sorted(found["times"])[-2]


def store_the_mean(family):
    found = family["rows"][0]["contestants"][OURS]
    found["times"][0] *= 9
    found["seconds"]["slowest"] = max(found["times"])
    found["seconds"]["median"] = statistics.mean(found["times"])


def take_the_best_process(family):
    goal = family["rows"][0]["goals"][0]
    goal["ratio"]["median"] = 1 / min(family["rows"][0]["contestants"][OURS]["times"])


def call_it_missed(family):
    family["rows"][0]["goals"][0]["verdict"] = "not met"


def forget_the_goal_of_the_slowest(family):
    goal = family["rows"][0]["goals"][0]
    goal["slowest"] = 9.0
    family["rows"][0]["lines"] = [list(line) for line in goal_lines(family["rows"][0])]


def call_the_bound_broken(family):
    family["rows"][0]["bounds"][0]["verdict"] = "not met"


def keep_an_old_line(family):
    family["rows"][0]["lines"][0][4] = "99×"


def lose_a_contestant(family):
    family["rows"][0]["contestants"]["peer"] = {"law": ""}
    family["rows"][0]["goals"][0] |= {"ratio": None, "verdict": "absent"}


def give_no_reason(family):
    family["rows"][0]["contestants"]["peer"] = {"absent": ""}


MUTANTS = {
    forget_a_process: "9 to 10 processes",
    call_nine_enough: "9 to 9 processes",
    leave_the_slowest_out: "dropoutbook: other seconds",
    store_the_mean: "dropoutbook: other seconds",
    take_the_best_process: "another ratio",
    call_it_missed: "a row: not met",
    forget_the_goal_of_the_slowest: "a row: met",
    call_the_bound_broken: "a row: not met",
    keep_an_old_line: "other lines",
    lose_a_contestant: "peer: neither timed nor missing",
    give_no_reason: "peer: missing for no reason",
}


def test_an_example_has_no_fault():
    assert list(faults(an_example())) == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_fault_is_found(mutant):
    family = copy.deepcopy(an_example())
    mutant(family)
    assert any(MUTANTS[mutant] in fault for fault in faults(family))


@pytest.mark.parametrize("family", FAMILIES)
def test_the_saved_results_have_no_fault(family):
    assert list(faults(STORED[family])) == []


def test_every_module_of_rows_is_a_family():
    assert sorted(FAMILIES) == sorted(found.name for found in pkgutil.iter_modules(rows.__path__))
    assert tuple(STORED) == FAMILIES


@pytest.mark.parametrize("family", FAMILIES)
def test_saved_rows_are_the_rows_of_the_code(family):
    now = {
        row.name: (
            row.work,
            row.size,
            row.weak,
            list(row.contestants),
            [goal._asdict() for goal in row.goals],
        )
        for row in row_of(family)
    }
    stored = {
        record["name"]: (
            record["work"],
            record["size"],
            record["weak"],
            list(record["contestants"]),
            [{part: goal[part] for part in Goal._fields} for goal in record["goals"]],
        )
        for record in STORED[family]["rows"]
        if record["contestants"]
    }
    assert stored == now


@pytest.mark.parametrize("family", [name for name in FAMILIES if name != "import_time"])
def test_every_fast_path_is_timed_where_it_should_lose(family):
    weak = [row for row in row_of(family) if row.weak]
    assert weak
    assert all(row.goals for row in weak)  # or the page would not show them


def test_dropout_is_held_to_its_goals():
    goals = {row.name: row.goals[0] for row in row_of("dropout") if row.goals}
    assert goals["dropout forward 0.5"] == (OURS, "F.dropout", 20, 6)
    assert goals["dropout forward 0.1"] == (OURS, "F.dropout", 7, 3)


def test_names_of_rows_are_unique():
    names = [row.name for family in FAMILIES for row in row_of(family)]
    assert len(names) == len(set(names))


def test_the_mean_of_the_lstms_follows_from_the_times():
    *shapes, mean = STORED["lstm"]["rows"]
    names = [goal["ours"] for goal in mean["goals"]][:-1]
    usual = [row for row in shapes if not row["weak"]]
    together = geometric_mean([ratio_in(row, name, PLAIN) for row in usual for name in names])
    assert mean["goals"][-1]["ratio"] == pytest.approx(together._asdict())


@pytest.mark.parametrize("family", FAMILIES)
def test_the_machine_is_named(family):
    machine = STORED[family]["machine"]
    assert machine.keys() >= {"processor", "cores", "threads", "memory_gib", "gpu", "system"}
    assert machine["versions"].keys() >= {"torch", "numpy", "sympy", "dropoutbook", "keras"}
    assert STORED[family]["date"]
