"""python -m benchmarks [FAMILY ...]: measures, writes results.json, prints the table.

With some families only, the others stay in results.json as they are, and so does their date.
"""

import argparse
import importlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import torch
from tqdm import tqdm

from benchmarks.machine import machine
from benchmarks.record import Record, measured
from benchmarks.rows import FAMILIES
from benchmarks.table import goal_lines, text

RESULTS = Path(__file__).with_name("results.json")


def run(family: str, rounds: int) -> Iterator[Record]:
    """The records of a family, and one for all of them if it has a `summary`."""
    module = importlib.import_module(f"benchmarks.rows.{family}")
    records = []
    for row in tqdm(module.rows(), desc=family, unit="row"):
        torch.manual_seed(0)
        records.append(measured(row, rounds))
    yield from records
    if hasattr(module, "summary"):
        yield module.summary(records)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("families", nargs="*", metavar="FAMILY", help=", ".join(FAMILIES))
    parser.add_argument("--rounds", type=int, default=25, help="rounds of each row at most")
    parser.add_argument("--threads", type=int, default=2, help="threads of PyTorch")
    parser.add_argument("--output", type=Path, default=RESULTS, help="the file of results")
    options = parser.parse_args(arguments)
    unknown = set(options.families) - set(FAMILIES)
    if unknown:
        parser.error(f"FAMILY must be among {FAMILIES}, got {sorted(unknown)}")
    torch.set_num_threads(options.threads)
    families = {}
    if options.output.exists():
        families = json.loads(options.output.read_text("utf8"))["families"]
    for family in options.families or FAMILIES:
        records = list(run(family, options.rounds))
        for record in records:
            record["lines"] = list(goal_lines(record))
        date = f"{datetime.now(UTC):%Y-%m-%d}"
        families[family] = {"date": date, "machine": machine(), "rows": records}
        store(families, options.output)  # at once, so that a run can be interrupted
        print(text(records), flush=True)


def store(families: dict[str, dict], path: Path) -> None:
    """Writes what there is, in the order of FAMILIES."""
    results = {"families": {name: families[name] for name in FAMILIES if name in families}}
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf8")


if __name__ == "__main__":
    main()
