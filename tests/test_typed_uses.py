"""The type checker refuses each wrong use of the public names, and no right one."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
IGNORE = re.compile(r"  # type: ignore\[([\w-]+)\]")
NEEDLESS = "Dropout(0.25)  # type: ignore[arg-type]\n"


def test_each_line_that_is_to_be_refused_is_and_no_other(tmp_path):
    lines = (ROOT / "tests" / "typed_uses.py").read_text().splitlines()
    expected = {(n, found[1]) for n, line in enumerate(lines, 1) if (found := IGNORE.search(line))}
    assert len(expected) > 20
    uses = tmp_path / "uses.py"
    uses.write_text("\n".join([*(IGNORE.sub("", line) for line in lines), NEEDLESS]))
    command = [sys.executable, "-m", "mypy", "--no-pretty", "--hide-error-context", uses]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    errors = re.findall(r"uses\.py:(\d+): error: .*\[([\w-]+)\]$", done.stdout, re.MULTILINE)
    needless = (str(len(lines) + 1), "unused-ignore")
    assert {*errors} == {(str(n), code) for n, code in expected} | {needless}, done.stderr
