"""python -m benchmarks [FAMILY ...]: measures, writes results.json, prints the table.

With some families only, the others stay in results.json as they are, and so does their date.
"""

import argparse
import importlib
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import torch

from benchmarks.machine import machine
from benchmarks.record import Record, measured
from benchmarks.results import RESULTS, load, store
from benchmarks.rows import FAMILIES
from benchmarks.table import goal_lines, text


def run(family: str, processes: int) -> list[Record]:
    """The records of a family, and one for all of them if it has a `summary`."""
    module = importlib.import_module(f"benchmarks.rows.{family}")
    records = measured(list(module.rows()), processes)
    if hasattr(module, "summary"):
        records.append(module.summary(records))
    return [record | {"lines": list(goal_lines(record))} for record in records]


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("families", nargs="*", metavar="FAMILY", help=", ".join(FAMILIES))
    parser.add_argument("--processes", type=int, default=10, help="of each contestant, at least 1")
    parser.add_argument("--threads", type=int, default=1, help="threads of PyTorch")
    parser.add_argument("--output", type=Path, default=RESULTS, help="the file of results")
    options = parser.parse_args(arguments)
    unknown = set(options.families) - set(FAMILIES)
    if unknown:
        parser.error(f"FAMILY must be among {FAMILIES}, got {sorted(unknown)}")
    if options.processes < 1:
        parser.error(f"--processes must be at least 1, got {options.processes}")
    os.environ["OMP_NUM_THREADS"] = str(options.threads)  # of the processes, and of none else
    torch.set_num_threads(options.threads)  # so that `machine` tells
    wanted = options.families or list(FAMILIES)
    for done, family in enumerate(wanted):
        try:
            records = run(family, options.processes)
        except KeyboardInterrupt:
            sys.exit(f'interrupted; what is left: make bench ROWS="{" ".join(wanted[done:])}"')
        date = f"{datetime.now(UTC):%Y-%m-%d}"
        now = {"date": date, "machine": machine(), "processes": options.processes, "rows": records}
        store(load(options.output) | {family: now}, options.output)
        print(text(records), flush=True)


if __name__ == "__main__":
    main()
