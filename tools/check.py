"""Checks everything, step by step, and ends with one line that says what passed.

python tools/check.py ["notebook cells" ...]
"""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from pathlib import Path

REPORTS = Path("_build/reports")
PYTHON = [sys.executable, "-m"]
PYTEST = [*PYTHON, "pytest", "-q", "--no-header", "--numprocesses=auto", "--dist=worksteal"]
# the plugin: a cell behind one that ran out of time passes or fails as any other
NBVAL = [
    "-p",
    "tools.cells_go_on",
    "--nbval",
    "--nbval-current-env",
    "--nbval-cell-timeout=600",
    "--dist=loadscope",
]
STEPS = {
    "style": [*PYTHON, "ruff", "check", "."],
    "layout": [*PYTHON, "ruff", "format", "--check", "."],
    "types": [*PYTHON, "mypy"],
    "unit tests": [*PYTEST, "tests", "--ignore=tests/pages", "--ignore=tests/browser"],
    "notebook cells": [*PYTEST, *NBVAL, "chapters"],
    "book": [os.environ.get("MAKE", "make"), "--no-print-directory", "book"],
    "page checks": [*PYTEST, "tests/pages"],
    "browser tests": [*PYTEST, "-rs", "tests/browser"],
}


def run(name: str, command: list[str]) -> tuple[str, str]:
    """Whether the step passed, failed or was skipped, and how many checks it made."""
    print(f"\n== {name} ==", flush=True)
    if "pytest" not in command:
        return status(subprocess.run(command)), name
    report = REPORTS / f"{name.replace(' ', '-')}.xml"
    report.unlink(missing_ok=True)
    # pytest itself fails with 5 when it has collected nothing
    quiet = os.environ | {"TQDM_DISABLE": "1"}  # a bar in a notebook would be an output
    done = subprocess.run([*command, f"--junitxml={report}"], env=quiet)
    if why := reason_to_skip_all(report):
        return "skipped", f"{name} ({why})"
    return status(done), f"{counted(report)} {name}"


def status(done: subprocess.CompletedProcess) -> str:
    return "failed" if done.returncode else "passed"


def counted(report: Path) -> str:
    """How many tests a report of pytest holds; how many failed or were skipped, if any."""
    if not report.exists():
        return "no"
    suite = ET.parse(report).getroot().find("testsuite")
    failed, skipped = (
        int(suite.get("failures")) + int(suite.get("errors")),
        int(suite.get("skipped")),
    )
    marks = [f"{n} {what}" for n, what in [(failed, "failed"), (skipped, "skipped")] if n]
    return suite.get("tests") + (f" ({', '.join(marks)})" if marks else "")


def reason_to_skip_all(report: Path) -> str:
    """Why every test of a report was skipped; empty if one was not."""
    tests = list(ET.parse(report).iter("testcase")) if report.exists() else []
    reasons = {skip.get("message") for test in tests for skip in test.iter("skipped")}
    skipped = [test for test in tests if test.find("skipped") is not None]
    return "; ".join(sorted(reasons)) if tests and len(skipped) == len(tests) else ""


def main(names: Iterable[str] = ()) -> int:
    steps = {name: STEPS[name] for name in names or STEPS}
    REPORTS.mkdir(parents=True, exist_ok=True)
    results = [run(name, command) for name, command in steps.items()]
    passed, failed, skipped = (
        ", ".join(text for word, text in results if word == wanted)
        for wanted in ("passed", "failed", "skipped")
    )
    verdict = f"FAILED: {failed}" if failed else f"All passed: {passed}"
    print(f"\n{verdict}" + (f"; SKIPPED: {skipped}" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
