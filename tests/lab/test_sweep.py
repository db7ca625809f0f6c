"""A sweep runs every point once, keeps what has arrived, and mistakes no result for another."""

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from itertools import count
from pathlib import Path

import joblib
import numpy as np
import pytest
import torch
from dask.distributed import Client, LocalCluster

from dropoutbook import Dropout, GaussianDropout, SpatialDropout
from dropoutbook.lab import sweep as sweep_module
from dropoutbook.lab.sweep import sweep
from tests.lab import sweep_points
from tests.lab.sweep_points import (
    applied,
    failing,
    fatal,
    logged,
    pair,
    slow,
    spread,
    thrice,
    twice,
)

TESTS = Path(__file__).parents[1]
GRID = {"p": [0.1, 0.5], "seed": range(5)}
POINTS = [(p, seed) for p in GRID["p"] for seed in GRID["seed"]]

# what is wrong -> how a child process is made so before it sweeps
RESULTS_AT_THE_END = """
from joblib import Parallel
module.Parallel = lambda **options: Parallel()
"""
NAME_BEFORE_CONTENT = """
def write(file, text):
    with file.open("w") as stream:
        stream.write(text[: len(text) // 2])
        stream.flush()
        os.fsync(stream.fileno())
        stream.write(text[len(text) // 2 :])
module.write_whole = write
"""
KILLED_IN_THE_THIRD_WRITE = """
calls = []
def fsync(number):
    calls.append(number)
    if len(calls) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
os.fsync = fsync
"""
CHILD = """
import json, os, signal, sys
from functools import partial
from dropoutbook.lab import sweep as module
from tests.lab import sweep_points
name, store, log, jobs, first = sys.argv[1:]
exec(first)
import joblib
with joblib.parallel_config(n_jobs=int(jobs)):
    function = partial(getattr(sweep_points, name), log=log)
    module.sweep(function, {"p": [0.1, 0.5], "seed": range(5)}, store=store)
"""


@pytest.fixture
def log(tmp_path):
    return str(tmp_path / "log")


@pytest.fixture
def store(tmp_path):
    return tmp_path / "store"


def child(name, store, log, jobs=1, first=""):
    """A sweep over GRID in a process of its own, which may be killed."""
    command = [sys.executable, "-c", CHILD, name, str(store), log, str(jobs), first]
    environment = os.environ | {"PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS.parent}"}
    return subprocess.Popen(command, env=environment, start_new_session=True)


def runs(log):
    """How often each point has been run to its end."""
    lines = Path(log).read_text().splitlines() if Path(log).exists() else []
    return Counter((float(p), int(seed)) for p, seed, _ in map(str.split, lines))


def stored(store):
    """The points that have a result in the store."""
    points = [json.loads(f.read_text())["record"]["arguments"] for f in store.glob("*.json")]
    return {(point["p"], point["seed"]) for point in points}


def expected(points=POINTS):
    return [{"square": p**2, "seed": seed} for p, seed in points]


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_the_order_of_the_grid_and_from_one_run_each(store, log, jobs):
    with joblib.parallel_config(n_jobs=jobs):
        for _ in range(2):
            assert sweep(partial(logged, log=log), GRID, store=store) == expected()
    assert runs(log) == dict.fromkeys(POINTS, 1)


def test_a_larger_grid_runs_what_is_new(store, log):
    sweep(partial(logged, log=log), {"p": [0.5], "seed": np.arange(1, 4)}, store=store)
    assert sweep(partial(logged, log=log), GRID, store=store) == expected()
    assert runs(log) == dict.fromkeys(POINTS, 1)


def test_names_may_stand_in_any_order(store, log):
    sweep(partial(logged, log=log), GRID, store=store)
    turned = sweep(partial(logged, log=log), dict(reversed(GRID.items())), store=store)
    assert turned == expected(sorted(POINTS, key=lambda point: point[::-1]))
    assert runs(log) == dict.fromkeys(POINTS, 1)


def test_other_arguments_are_another_result(store, log):
    for seed in (1, 1.0, True):  # equal, and yet a function may tell them apart
        sweep(partial(logged, log=log), {"p": [0.1], "seed": [seed]}, store=store)
    other = partial(logged, log=log + "2")
    sweep(other, {"p": [0.1], "seed": [1]}, store=store)
    assert len(list(store.iterdir())) == 4


@pytest.mark.parametrize("jobs", [1, 2])
def test_layers_may_be_arguments(store, jobs):
    with joblib.parallel_config(n_jobs=jobs):
        counts = sweep(spread, {"dropout": [Dropout, SpatialDropout], "p": [0.0]}, store=store)
        values = sweep(spread, {"dropout": [Dropout, GaussianDropout], "p": [0.5]}, store=store)
    assert counts == [1, 1]
    assert values[0] == 2 < values[1]
    assert "GaussianDropout" in "".join(file.read_text() for file in store.iterdir())


def check_changed_code_is_run(store):
    runs = [sweep(partial(applied, function=f), {"p": [0.5]}, store=store) for f in (twice, thrice)]
    assert runs == [[1.0], [1.5]]


def test_changed_code_is_run(store, tmp_path, monkeypatch):
    check_changed_code_is_run(store)
    # keys that leave out the code are caught
    monkeypatch.setattr(sweep_module, "code_digest", lambda value: joblib.hash(str(value)[:17]))
    with pytest.raises(AssertionError):
        check_changed_code_is_run(tmp_path / "wrong")


def test_a_sweep_killed_in_a_run_resumes(store, log):
    assert child("fatal", store, log).wait(60) == -signal.SIGKILL
    assert stored(store) == set(POINTS[:2])
    assert sweep(partial(fatal, log=log), GRID, store=store) == expected()
    assert runs(log) == dict.fromkeys(POINTS, 1)


def test_results_held_back_to_the_end_are_caught(store, log):
    assert child("fatal", store, log, first=RESULTS_AT_THE_END).wait(60) == -signal.SIGKILL
    assert stored(store) != set(POINTS[:2])


@pytest.mark.parametrize(("first", "readable"), [("", True), (NAME_BEFORE_CONTENT, False)])
def test_a_write_that_is_killed_leaves_nothing_that_looks_like_a_result(
    store, log, first, readable
):
    process = child("logged", store, log, first=first + KILLED_IN_THE_THIRD_WRITE)
    assert process.wait(60) == -signal.SIGKILL
    names = list(store.glob("*.json"))
    if readable:
        assert len(stored(store)) == len(names) == 2
        assert sweep(partial(logged, log=log), GRID, store=store) == expected()
        # only the run whose result was on its way to the disk is repeated
        assert runs(log) == dict.fromkeys(POINTS, 1) | {POINTS[2]: 2}
    else:
        with pytest.warns(UserWarning, match=r"is damaged; its point is run again: \{'p': 0.1"):
            assert sweep(partial(logged, log=log), GRID, store=store) == expected()


def test_a_parallel_sweep_killed_from_outside_resumes(store, log):
    process = child("slow", store, log, jobs=2)
    deadline = time.monotonic() + 60
    while len(list(store.glob("*.json"))) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait(60) == -signal.SIGKILL
    before = stored(store)
    assert 3 <= len(before) < len(POINTS)
    assert sweep(partial(slow, log=log), GRID, store=store) == expected()
    counts = runs(log)
    assert set(counts) == set(POINTS)
    assert all(counts[point] == 1 for point in before)
    # a worker's last run may have ended without its result having arrived
    assert sum(counts.values()) <= len(POINTS) + 2


def damaged(text):
    """Every way in which a file can be no record, and one in which its number is another."""
    yield from ("", "null", "[1]", "{}", text[: len(text) // 2], text.replace("0.25", "0.26"))


def test_a_damaged_result_is_run_again_with_a_warning(store, log):
    grid = {"p": [0.5], "seed": [7]}
    sweep(partial(logged, log=log), grid, store=store)
    [file] = store.iterdir()
    whole = file.read_text()
    texts = list(damaged(whole))
    for text in texts:
        file.write_text(text)
        with pytest.warns(UserWarning, match=r"json is damaged; its point is run again: .*7"):
            assert sweep(partial(logged, log=log), grid, store=store) == expected([(0.5, 7)])
        assert file.read_text() == whole
    assert runs(log) == {(0.5, 7): len(texts) + 1}


@pytest.mark.parametrize("values", [[0.1, 0.5], [twice, thrice], [float("nan"), 0.5]])
def test_exchanged_results_are_refused(store, values):
    grid = {"value": values}
    sweep(sweep_points.named, grid, store=store)
    one, other = store.iterdir()
    first = one.read_text()
    one.write_text(other.read_text())
    other.write_text(first)
    with pytest.raises(ValueError, match=r"must hold the result at \{'value': .*, got \{'value'"):
        sweep(sweep_points.named, grid, store=store)


def test_sweeps_in_several_threads_share_a_store(store, log):
    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(sweep, partial(logged, log=log), GRID, store=store) for _ in range(8)]
        assert [call.result() for call in calls] == [expected()] * 8
    assert stored(store) == set(POINTS)
    assert len(list(store.iterdir())) == len(POINTS)


@pytest.fixture(scope="module")
def cluster():
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as cluster,
        Client(cluster),
    ):
        yield cluster


@pytest.mark.usefixtures("cluster")
def test_the_same_call_runs_on_a_dask_cluster(store, log):
    sweep(partial(slow, log=log), GRID | {"p": [0.1]}, store=store)
    with joblib.parallel_config(backend="dask"):
        assert sweep(partial(slow, log=log), GRID, store=store) == expected()
    assert runs(log) == dict.fromkeys(POINTS, 1)
    lines = [line.split() for line in Path(log).read_text().splitlines()]
    assert {pid for p, _, pid in lines if p == "0.1"} == {str(os.getpid())}
    assert len({pid for p, _, pid in lines if p == "0.5"} - {str(os.getpid())}) == 2


@pytest.mark.usefixtures("cluster")
def test_trainings_are_the_same_on_a_dask_cluster(tmp_path):
    grid = {"p": [0.0, 0.5], "seed": range(2)}
    here = sweep(sweep_points.test_error, grid, store=tmp_path / "here")
    with joblib.parallel_config(backend="dask"):
        there = sweep(sweep_points.test_error, grid, store=tmp_path / "there")
    assert there == here
    assert len(set(here)) > 1


@pytest.mark.usefixtures("cluster")
def test_a_failure_on_a_dask_cluster_names_its_point(store, log):
    with (
        joblib.parallel_config(backend="dask"),
        pytest.raises(ArithmeticError, match="no such root") as caught,
    ):
        sweep(partial(failing, log=log), GRID, store=store)
    assert "'seed': 2" in str(caught.value.__notes__)


def test_a_failure_names_its_point_and_keeps_what_has_arrived(store, log):
    with pytest.raises(ArithmeticError, match="no such root") as caught:
        sweep(partial(failing, log=log), GRID, store=store)
    assert caught.value.__notes__ == ["sweep: this happened at {'p': 0.1, 'seed': 2}"]
    assert stored(store) == set(POINTS[:2])


def test_a_worker_with_other_code_is_refused(store, monkeypatch):
    """Where nothing is as it was a moment ago: neither the function, nor its arguments."""
    version = count()
    monkeypatch.setattr(
        sweep_module, "running_code", lambda names: {module: next(version) for module, _ in names}
    )
    names = "'dropoutbook.layers.dropout', 'tests.lab.sweep_points', 'torch'"
    with pytest.raises(RuntimeError, match=rf"the worker has other code.*\[{names}\]"):
        sweep(spread, {"dropout": [Dropout], "p": [0.5]}, store=store)


def test_a_result_comes_back_as_json_gives_it(store):
    for _ in range(2):
        assert sweep(pair, {"p": [0.1]}, store=store) == [[0.1, float("inf")]]


def test_a_result_that_json_does_not_hold_is_refused(store):
    with pytest.raises(TypeError, match="Tensor is not JSON serializable") as caught:
        sweep(sweep_points.ones, {"p": [0.1]}, store=store)
    assert caught.value.__notes__ == ["sweep: this happened at {'p': 0.1}"]


def test_an_edit_of_what_a_running_process_has_loaded_is_refused(store, log, tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text("def half(p):\n    return p / 2\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(
        RuntimeError, match=r"mine.py was edited after this process started; restar"
    ):
        sweep(importlib.import_module("mine").half, {"p": [0.1]}, store=store)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (print, "function must be a Python function or a partial of one"),
        (cache(pair), "function must be a Python function or a partial of one"),
        (torch.nn.ReLU(), "function must be a Python function or a partial of one"),
        (partial(torch.nn.functional.relu), "function must be of code that is no installed lib"),
        (partial(pair, q={0.5}), "cannot tell whether a set has changed"),
    ],
)
def test_what_is_no_function_that_can_be_followed_is_refused(store, function, message):
    with pytest.raises(TypeError, match=message):
        sweep(function, {"p": [0.1]}, store=store)


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({}, "grid must name at least one argument"),
        ({"p": []}, r"grid\['p'\] must hold distinct values, at least one"),
        ({"p": [0.1, 0.2, 0.1]}, r"grid\['p'\] must hold distinct values"),
        ({"p": [float("nan"), float("nan")]}, r"grid\['p'\] must hold distinct values"),
    ],
)
def test_a_grid_without_points_or_with_a_point_twice_is_refused(store, grid, message):
    with pytest.raises(ValueError, match=message):
        sweep(logged, grid, store=store)


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        (None, "grid must be a mapping of argument names to their values, got None"),
        ({1: [0.1]}, r"grid must be a mapping of argument names .*, got \{1: \[0.1\]\}"),
        ({"p": 0.5}, r"grid\['p'\] must be a list of values or the like, got 0.5"),
        ({"p": "ab"}, r"grid\['p'\] must be a list of values or the like, got 'ab'"),
    ],
)
def test_what_is_no_grid_is_refused(store, grid, message):
    with pytest.raises(TypeError, match=message):
        sweep(logged, grid, store=store)


def test_no_bar_where_there_is_no_terminal(store, log, capfd):
    sweep(partial(logged, log=log), GRID, store=store)
    assert capfd.readouterr() == ("", "")
