"""The fingerprint of everything that a notebook's stored outputs depend on.

Its code cells, the code of `dropoutbook` that they reach, and the pinned versions of the libraries
that compute.
"""

import ast
import hashlib
import json
import re
from pathlib import Path

from dropoutbook.lab.reached_code import digest, find_in, imports, reached

PACKAGE = "dropoutbook"
LIBRARIES = {"numpy", "sympy", "torch", "matplotlib", "scipy", "scikit-learn"}


def fingerprint(cells: list[str], root: Path) -> str:
    """The sha256 of code cells and of what they depend on in the repository at `root`."""
    parts = {
        "cells": [digest(parsed(cell)) for cell in cells],
        "reached": reached_by(cells, root),
        "versions": pins((root / "requirements.txt").read_text("utf8")),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def code_cells(notebook: dict) -> list[str]:
    sources = (cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code")
    return [source if isinstance(source, str) else "".join(source) for source in sources]


def pins(requirements: str) -> dict[str, str]:
    found = re.findall(r"^([\w-]+)==(\S+)", requirements, re.MULTILINE)
    return {name: version for name, version in found if name in LIBRARIES}


def reached_by(cells: list[str], root: Path) -> dict[str, str]:
    """The package's code that the cells import, and that this imports, and so on."""

    def find(module: str) -> Path | None:
        return find_in(root, module) if module.partition(".")[0] == PACKAGE else None

    return reached((name for cell in cells for name in imports(parsed(cell), "")), find)


def parsed(cell: str) -> ast.Module:
    """The syntax tree; lines that only IPython reads (`%` and `!`) are kept as text."""
    return ast.parse(re.sub(r"(?m)^[ \t]*[%!].*", lambda line: repr(line[0].strip()), cell))
