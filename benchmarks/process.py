"""python -m benchmarks.process STEP FAMILY CONTESTANT ROW ...: one contestant in a process alone.

STEP is "check" or "time". The last line printed is JSON: by row, what the step found.
"""

import importlib
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from benchmarks.measure import seconds_per_call
from benchmarks.row import OURS, Absent, Row

ROOT = Path(__file__).parents[1]


class WrongLaw(Exception):
    """The package itself does not do what a row asks for."""


class Failed(Exception):
    """A process that ended with an error."""


def check(row: Row, name: str) -> dict[str, Any]:
    """What a contestant does, and the memory it takes for it; or why it is not to be timed.

    Raises:
        WrongLaw: if a layer of the package does something else than asked.
    """
    try:
        contestant = row.contestants[name]()
    except Absent as error:
        return {"absent": str(error)}
    deviation = contestant.deviation()
    if deviation and not contestant.another_law:
        if name.startswith(OURS):
            raise WrongLaw(f"{row.name}: {name} {deviation}")
        return {"refused": deviation}
    law = ": ".join(filter(None, [contestant.another_law, deviation]))
    sizes = {"saved": contestant.saved, "peak": contestant.peak}
    return {"law": law} | {name: size() for name, size in sizes.items() if size is not None}


def time(row: Row, name: str) -> float:
    """Seconds per call, to four digits."""
    return float(f"{seconds_per_call(row.contestants[name]().call):.4g}")


STEPS = {"check": check, "time": time}


def start(step: str, family: str, name: str, rows: Sequence[str]) -> dict[str, Any]:
    """Takes a step in a fresh process.

    Raises:
        Failed: with the last line of what the process said.
    """
    command = [sys.executable, "-m", __name__, step, family, name, *rows]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise Failed(f"{step} {family}, {name}: {said[-1]}")
    return json.loads(done.stdout.splitlines()[-1])


def main(step: str, family: str, name: str, *asked: str) -> None:
    torch.manual_seed(0)
    rows = importlib.import_module(f"benchmarks.rows.{family}").rows()
    found = {row.name: STEPS[step](row, name) for row in rows if row.name in asked}
    print(f"\n{json.dumps(found)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
