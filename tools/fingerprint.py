"""Two digests of a notebook: of what its stored outputs depend on, and of these outputs.

They depend on its code cells, the code and the data of the repository that they reach, and the
pinned versions of the libraries that compute.
"""

import ast
import hashlib
import re
from functools import partial
from pathlib import Path

from nbformat import NotebookNode

from dropoutbook.lab.json_digest import json_digest
from dropoutbook.lab.reached_code import digest, find_in, imports, reached

LIBRARIES = {
    *("numpy", "sympy", "torch", "matplotlib", "scipy", "scikit-learn"),
    *("mpmath", "joblib", "dask", "distributed", "tqdm", "ipython", "cycler"),
}
DATA = {".json", ".toml", ".csv"}


def fingerprint(cells: list[str], root: Path) -> str:
    """The sha256 of code cells and of what they depend on in the repository at `root`."""
    pins = re.findall(r"(?m)^([\w-]+)==(\S+)", (root / "requirements.txt").read_text("utf8"))
    parts = {
        "cells": [digest(parsed(cell)) for cell in cells],
        "reached": reached_by(cells, root),
        "data": {name: sha256(root / name) for name in data_of(cells, root)},
        "versions": {name: version for name, version in pins if name in LIBRARIES},
    }
    return json_digest(parts)


def outputs_digest(notebook: NotebookNode) -> str:
    """The sha256 of all outputs: of pictures too, which no run can compare byte by byte."""
    return json_digest([cell.get("outputs", []) for cell in notebook.cells])


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def data_of(cells: list[str], root: Path) -> list[str]:
    """The data files that a cell names, from the root of the repository or beside the notebook."""
    nodes = [node for cell in cells for node in ast.walk(parsed(cell))]
    texts = {node.value for node in nodes if isinstance(node, ast.Constant)}
    named = [text for text in texts if isinstance(text, str) and Path(text).suffix in DATA]
    found = {place for text in named for place in (text, f"chapters/{text}")}
    return sorted(place for place in found if (root / place).is_file())


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
