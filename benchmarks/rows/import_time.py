"""How much longer than `import torch` it takes to import the package."""

import subprocess
import sys
from collections.abc import Iterator
from functools import partial

from benchmarks.row import OURS, Contestant, Goal, Row


def start(module: str) -> str:
    """A new interpreter that imports `module`; returns what went wrong."""
    done = subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True)
    return done.stderr.decode()


def contestant(module: str) -> Contestant:
    return Contestant(partial(start, module), partial(start, module))


def rows() -> Iterator[Row]:
    yield Row(
        name="import",
        family="import_time",
        work="a new interpreter that imports the package",
        contestants={
            OURS: partial(contestant, "dropoutbook"),
            "import torch": partial(contestant, "torch"),
        },
        goals=[Goal(OURS, "import torch", 1 / 1.05)],
    )
