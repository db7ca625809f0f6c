"""The fingerprint of what a notebook's stored outputs depend on.

Its code cells, the code of the repository that they reach, and the pinned versions of the libraries
that compute.
"""

import ast
import hashlib
import json
import re
from functools import partial
from pathlib import Path

from dropoutbook.lab.reached_code import digest, find_in, imports, reached

LIBRARIES = {"numpy", "sympy", "torch", "matplotlib", "scipy", "scikit-learn"}


def fingerprint(cells: list[str], root: Path) -> str:
    """The sha256 of code cells and of what they depend on in the repository at `root`."""
    pins = re.findall(r"(?m)^([\w-]+)==(\S+)", (root / "requirements.txt").read_text("utf8"))
    parts = {
        "cells": [digest(parsed(cell)) for cell in cells],
        "reached": reached_by(cells, root),
        "versions": {name: version for name, version in pins if name in LIBRARIES},
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def code_cells(notebook: dict) -> list[str]:
    sources = (cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code")
    return [source if isinstance(source, str) else "".join(source) for source in sources]


def reached_by(cells: list[str], root: Path) -> dict[str, str]:
    """The code at `root` that the cells import, and that this imports, and so on."""
    names = [name for cell in cells for name in imports(parsed(cell), "")]
    return reached(names, partial(find_in, root))


def parsed(cell: str) -> ast.Module:
    """The syntax tree; lines that only IPython reads (`%` and `!`) are kept as text."""
    return ast.parse(re.sub(r"(?m)^[ \t]*[%!].*", lambda line: repr(line[0].strip()), cell))
