"""Checks everything, step by step, and ends with one line that says what passed."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

REPORTS = Path("_build/reports")
PYTHON = [sys.executable, "-m"]
PYTEST = [*PYTHON, "pytest", "-q", "--no-header", "--numprocesses=auto"]
NBVAL = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=120", "--dist=loadscope"]
STEPS = {
    "style": [*PYTHON, "ruff", "check", "."],
    "layout": [*PYTHON, "ruff", "format", "--check", "."],
    "unit tests": [*PYTEST, "tests", "--ignore=tests/pages"],
    "notebook cells": [*PYTEST, *NBVAL, "chapters"],
    "book": [os.environ.get("MAKE", "make"), "--no-print-directory", "book"],
    "page checks": [*PYTEST, "tests/pages"],
}


def run(name: str, command: list[str]) -> tuple[bool, str]:
    """Whether the step passed, and how many checks it made where it counts them."""
    print(f"\n== {name} ==", flush=True)
    if "pytest" not in command:
        return subprocess.run(command).returncode == 0, name
    report = REPORTS / f"{name.replace(' ', '-')}.xml"
    report.unlink(missing_ok=True)
    # pytest itself fails with 5 when it has collected nothing
    quiet = os.environ | {"TQDM_DISABLE": "1"}  # a bar in a notebook would be an output
    passed = subprocess.run([*command, f"--junitxml={report}"], env=quiet).returncode == 0
    return passed, f"{counted(report)} {name}"


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


def main() -> int:
    REPORTS.mkdir(parents=True, exist_ok=True)
    results = [run(name, command) for name, command in STEPS.items()]
    passed = [text for good, text in results if good]
    failed = [text for good, text in results if not good]
    verdict = f"FAILED: {', '.join(failed)}" if failed else f"All passed: {', '.join(passed)}"
    print(f"\n{verdict}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
