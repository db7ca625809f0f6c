"""One function over a grid of arguments, in parallel, with every result kept as it arrives."""

import json
import os
import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import product
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from dropoutbook.lab.code_digest import code_digest, describe, file_of, running_code
from dropoutbook.lab.json_digest import json_digest
from dropoutbook.lab.progress import progress
from dropoutbook.lab.reached_code import Name
from dropoutbook.lab.whole_file import write_whole


def sweep(
    function: Callable[..., Any],
    grid: Mapping[str, Iterable[Any]],
    *,
    store: str | os.PathLike[str],
) -> list[Any]:
    """Calls `function` at every point of a grid, except where `store` has the result already.

    Where it runs is joblib's affair: one call after the other by default, on all cores under
    `joblib.parallel_config(n_jobs=-1)`, and on the current `dask.distributed` cluster under
    `joblib.parallel_config(backend="dask")`. The calling process alone reads and writes the store,
    so workers need no common disk; they need the same code, and a worker that has other code fails.

    Each result becomes a file of its own, complete or absent, as soon as it arrives. A sweep that
    was interrupted, even by SIGKILL, resumes with the same call, and what is stored is never run
    again. A result counts for its arguments and for the code that made it, as `code_digest` tells
    them apart: after a change of either the function runs anew, and the older file stays. Sweeps
    of several threads, processes or hosts may share a store; at worst they run a point twice.

    Args:
        function: a function of a notebook or of code that is no installed library, or a
            `functools.partial` of one, called as function(**point). It must draw all its randomness
            from its arguments, and return what JSON holds: numbers, text, booleans, None, lists, or
            dicts with text keys.
        grid: name of an argument -> its values; the points are all combinations, in the order of
            nested loops, the last name innermost.
        store: folder of the results, made if it is missing.

    Returns:
        The result at each point, in the order of the grid, as JSON gives it back.

    Warns:
        UserWarning: if a stored file is damaged or was edited; its point is run again.

    Raises:
        TypeError: if `function` or `grid` is something else, `code_digest` refuses it or a value
            of the grid, or a result is nothing that JSON holds.
        ValueError: if the grid has no points or a value twice, or a stored result belongs to other
            arguments than its name says.
        RuntimeError: if a worker has other code than the calling process, or a file was edited
            after either of them started.
    """
    name, points, code = _name(function), _points(grid), code_digest(function)
    names = describe([function, points])[1]
    code_there = {"names": names, "expected": running_code(names)}
    arguments = [_written(point) for point in points]
    keys = [code_digest([code, sorted(point.items())]) for point in points]
    files = [Path(store) / f"{key}.json" for key in keys]
    Path(store).mkdir(parents=True, exist_ok=True)
    records = [_read(*pair) for pair in zip(files, arguments, strict=True)]
    missing = [index for index, record in enumerate(records) if record is None]
    # one run a batch: a batch would hold results back until its last run is done
    runs = Parallel(return_as="generator_unordered", batch_size=1)(
        delayed(_run)(function, points[index], index, **code_there) for index in missing
    )
    done = len(files) - len(missing)
    for index, result in progress(runs, "run", initial=done, total=len(files)):
        record = {"function": name, "arguments": arguments[index], "result": json.loads(result)}
        write_whole(files[index], json.dumps({"record": record, "sha256": json_digest(record)}))
        records[index] = record
    return [record["result"] for record in records if record]


def _run(
    function: Callable[..., Any],
    point: dict[str, Any],
    index: int,
    *,
    names: set[Name],
    expected: dict[str, str],
) -> tuple[int, str]:
    """What a worker does: the place in the grid, and the result as JSON."""
    here = running_code(names)
    if other := sorted(name for name in expected if here.get(name) != expected[name]):
        raise RuntimeError(
            f"the worker has other code, or another version, of {other} than the process that "
            "called sweep; install the same on both and restart the worker"
        )
    try:
        return index, json.dumps(function(**point))
    except Exception as error:
        error.add_note(f"sweep: this happened at {point}")
        raise


def _points(grid: Mapping[str, Iterable[Any]]) -> list[dict[str, Any]]:
    if not isinstance(grid, Mapping) or not all(isinstance(name, str) for name in grid):
        raise TypeError(f"grid must be a mapping of argument names to their values, got {grid!r}")
    for name, values in grid.items():
        if isinstance(values, str) or not isinstance(values, Iterable):
            raise TypeError(f"grid[{name!r}] must be a list of values or the like, got {values!r}")
    axes = {name: [_plain(value) for value in values] for name, values in grid.items()}
    for name, values in axes.items():
        if not values or len({code_digest(value) for value in values}) < len(values):
            raise ValueError(f"grid[{name!r}] must hold distinct values, at least one: {values}")
    if not axes:
        raise ValueError("grid must name at least one argument, got none")
    return [dict(zip(axes, point, strict=True)) for point in product(*axes.values())]


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _name(function: Callable[..., Any]) -> str:
    named = function.func if isinstance(function, partial) else function
    if not isinstance(named, FunctionType):
        raise TypeError(f"function must be a Python function or a partial of one, got {function!r}")
    if named.__module__ != "__main__" and not file_of(named.__module__):
        raise TypeError(f"function must be of code that is no installed library, got {function!r}")
    return named.__qualname__


def _written(point: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments as a file holds them: what JSON does not hold, such as a function, by its name."""

    def name(value: Any) -> str:
        return getattr(value, "__qualname__", type(value).__qualname__)

    return json.loads(json.dumps(point, default=name))


def _read(file: Path, arguments: Mapping[str, Any]) -> dict[str, Any] | None:
    """What was written for these arguments, if the file is there and nothing has changed it."""
    if not file.exists():
        return None
    try:
        stored = json.loads(file.read_text("utf8"))
        intact = stored["sha256"] == json_digest(stored["record"])
    except (ValueError, KeyError, TypeError):
        intact = False
    if not intact:
        warnings.warn(f"{file} is damaged; its point is run again: {arguments}", stacklevel=3)
        return None
    record = stored["record"]
    if json_digest(record["arguments"]) != json_digest(arguments):
        raise ValueError(f"{file} must hold the result at {arguments}, got {record['arguments']}")
    return record
