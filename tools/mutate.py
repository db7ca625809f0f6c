"""Plants small faults in the package, one at a time, and counts those that a test catches.

python tools/mutate.py [wing ...] [--sample N]

Each wing has a sample of faults, drawn once and for all. The tests that run the changed function
come first, then all others of the wing; a test run stops at its first failure.
What was caught stays so until its file changes (`_build/mutants`), what was not is tried again. The
last scores, and the faults that no test catches, stand in `audit/mutants.json`; those that change
nothing that a user could see in `tools/equivalent_mutants.toml`, with the reason.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from typing import NamedTuple

import same
from coverage import CoverageData
from mutations import Mutant, mutants
from tqdm import tqdm

from dropoutbook.lab.whole_file import write_whole

ROOT = Path(__file__).resolve().parents[1]
SAMPLE, GOAL, SLACK = 60, 0.95, 5  # SLACK: how much longer than without a fault a run may take
CAUGHT = "_build/mutants"


class Wing(NamedTuple):
    """Code, and the tests that are to catch what goes wrong in it."""

    code: str
    tests: tuple[str, ...]


SIGNATURES = "tests/test_signatures.py"
WINGS = {
    "derive": Wing("dropoutbook/derive", ("tests/derive", "tests/formulas")),
    "layers": Wing("dropoutbook/layers", ("tests/layers", SIGNATURES)),
    "models": Wing("dropoutbook/models", ("tests/models", SIGNATURES)),
    "lab": Wing("dropoutbook/lab", ("tests/lab",)),
    "site": Wing("site/bookpages", ("tests/site",)),
}


def every_fault(root: Path, wing: Wing) -> list[Mutant]:
    """All faults of the wing, in an order that is random and stays."""
    files = [path.relative_to(root).as_posix() for path in sorted((root / wing.code).rglob("*.py"))]
    return sorted((fault for file in files for fault in mutants(root, file)), key=Mutant.rank)


def test_files(root: Path, wing: Wing, code: str) -> list[str]:
    """All test files of the wing, those first that are named like the file of code or name it."""
    stem = Path(code).stem

    def distance(path: Path) -> tuple[bool, bool, str]:
        return path.stem != f"test_{stem}", not named(stem, path), str(path)

    trees = [root / tests for tests in wing.tests]
    files = [
        path for tree in trees for path in (tree.rglob("test_*.py") if tree.is_dir() else [tree])
    ]
    return [path.relative_to(root).as_posix() for path in sorted(files, key=distance)]


def named(name: str, file: Path) -> bool:
    """Whether a word of the file is the name, as that of a module or of its class."""
    words = re.findall(r"\w+", file.read_text(encoding="utf-8").replace("_", "").lower())
    return name.replace("_", "") in words


def passes(
    folder: Path,
    tests: Iterable[str],
    seconds: float | None = None,
    run: Iterable[str] = ("pytest",),
) -> bool:
    """Whether all tests pass in the copy, in time; `run` is what runs pytest, with its options."""
    (folder / "tests.txt").write_text("\n".join(tests), encoding="utf-8")
    command = [sys.executable, "-m", *run, "-q", "-x", "-p", "no:cacheprovider"]
    paths = f"{folder}{os.pathsep}{ROOT / 'tools'}"
    environment = os.environ | {"PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            [*command, "@tests.txt"],
            cwd=folder,
            env=environment,
            capture_output=True,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def reached_by(folder: Path, wing: Wing) -> CoverageData:
    """Which tests run which lines of the code, if all of them pass."""
    whole = ["coverage", "run", f"--include={wing.code}/*", "-m", "pytest", "-p", "which_tests"]
    if not passes(folder, test_files(folder, wing, ""), run=whole):
        raise SystemExit(f"error: {' '.join(wing.tests)} must pass before a fault is planted")
    data = CoverageData(str(folder / ".coverage"))
    data.read()
    return data


def reaching(data: CoverageData, folder: Path, fault: Mutant) -> set[str]:
    """The tests that run a line of the function or class with the fault."""
    found = data.contexts_by_lineno(str(folder / fault.path))
    return {test for line in fault.lines for test in found.get(line, ()) if test}


def survivors(root: Path, wing: Wing, faults: list[Mutant], workers: int) -> list[Mutant]:
    """The faults that no test catches, each tried in a copy of the folder."""
    folders: Queue[Path] = Queue()

    def survives(fault: Mutant) -> bool:
        folder = folders.get()
        place = folder / fault.path
        before = place.read_bytes()
        try:
            place.write_text(fault.source, encoding="utf-8")
            files = test_files(root, wing, fault.path)
            near = sorted(tests[fault], key=lambda test: (files.index(test.split("::")[0]), test))
            survived = all(passes(folder, some, SLACK * whole) for some in (near, files) if some)
            if survived:
                tqdm.write(f"not caught, line {fault.line}: {fault}")
            else:
                (root / CAUGHT / fault.key).touch()
            return survived
        finally:
            place.write_bytes(before)
            folders.put(folder)

    with tempfile.TemporaryDirectory() as copies, ThreadPoolExecutor(workers) as pool:
        for number in range(workers):
            folder = Path(copies, str(number))
            same.copy(root, folder, None)
            folders.put(folder)
        start = time.monotonic()
        data = reached_by(folder, wing)
        whole = time.monotonic() - start
        tests = {fault: reaching(data, folder, fault) for fault in faults}
        (root / CAUGHT).mkdir(parents=True, exist_ok=True)
        tried = tqdm(pool.map(survives, faults), desc=wing.code, total=len(faults), unit="fault")
        return [fault for fault, survived in zip(faults, tried, strict=True) if survived]


def score(root: Path, wing: Wing, size: int, workers: int, equivalent: Collection[str]) -> dict:
    """How many of the first `size` faults are caught, and which are not."""
    every = every_fault(root, wing)
    faults = [fault for fault in every if str(fault) not in equivalent][:size]
    new = [fault for fault in faults if not (root / CAUGHT / fault.key).exists()]
    left = survivors(root, wing, new, workers) if new else []
    caught = len(faults) - len(left)
    return {
        "faults": len(every),
        "tried": len(faults),
        "caught": caught,
        "score": round(caught / len(faults), 3),
        "not caught": [str(fault) for fault in left],
    }


def main(arguments: Iterable[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wings", nargs="*", metavar="wing", help=f"of {', '.join(WINGS)}; all")
    parser.add_argument("--sample", type=int, default=SAMPLE, help=f"faults a wing; {SAMPLE}")
    chosen = parser.parse_args(list(arguments))
    if unknown := set(chosen.wings) - set(WINGS):
        parser.error(f"wing must be one of {', '.join(WINGS)}; got {', '.join(sorted(unknown))}")
    equivalent = tomllib.loads((ROOT / "tools/equivalent_mutants.toml").read_text())
    known = {str(fault) for wing in WINGS.values() for fault in every_fault(ROOT, wing)}
    if stale := equivalent.keys() - known:
        parser.error(f"equivalent_mutants.toml names what is no fault: {'; '.join(sorted(stale))}")
    results = ROOT / "audit/mutants.json"
    scores = json.loads(results.read_text()) if results.exists() else {}
    for wing in chosen.wings or WINGS:
        scores[wing] = score(ROOT, WINGS[wing], chosen.sample, os.cpu_count() or 1, equivalent)
        write_whole(results, json.dumps(scores, indent=1, ensure_ascii=False) + "\n")
        print(f"{wing}: {scores[wing]['caught']} of {scores[wing]['tried']} caught")
    return int(any(scores[wing]["score"] < GOAL for wing in chosen.wings or WINGS))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
