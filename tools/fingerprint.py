"""The fingerprint of everything that a notebook's stored outputs depend on.

Its code cells, the `dropoutbook` modules they reach, and the pinned versions of the libraries
that compute. Comments, docstrings and layout do not count: syntax trees are hashed, in a form that
does not depend on Python's version.
"""

import ast
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGE = "dropoutbook"
LIBRARIES = {"numpy", "sympy", "torch", "matplotlib", "scipy", "scikit-learn"}
HAS_DOCSTRING = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def fingerprint(cells: list[str], root: Path) -> str:
    """The sha256 of code cells and of what they depend on in the repository at `root`."""
    modules = reached(cells, root)
    parts = {
        "cells": [_shape_of(cell) for cell in cells],
        "modules": {name: _shape_of(path.read_text("utf8")) for name, path in modules.items()},
        "versions": pins((root / "requirements.txt").read_text("utf8")),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def code_cells(notebook: dict) -> list[str]:
    sources = (cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code")
    return [source if isinstance(source, str) else "".join(source) for source in sources]


def pins(requirements: str) -> dict[str, str]:
    found = re.findall(r"^([\w-]+)==(\S+)", requirements, re.MULTILINE)
    return {name: version for name, version in found if name in LIBRARIES}


def reached(cells: list[str], root: Path) -> dict[str, Path]:
    """The package's modules that the cells import, and those that these import, and so on."""
    found: dict[str, Path] = {}
    waiting = [name for cell in cells for name in _imports(_parse(cell), "")]
    while waiting:
        name = waiting.pop()
        path = _path(name, root)
        if path is None or name in found:
            continue
        found[name] = path
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        waiting += [name.rpartition(".")[0], *_imports(_parse(path.read_text("utf8")), package)]
    return found


def _path(module: str, root: Path) -> Path | None:
    if module.split(".")[0] != PACKAGE:
        return None
    base = root.joinpath(*module.split("."))
    candidates = (base.with_suffix(".py"), base / "__init__.py")
    return next((path for path in candidates if path.is_file()), None)


def _imports(tree: ast.AST, package: str) -> Iterator[str]:
    """What a module imports; of `from a import b` both a and a.b, since b may be a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*(parents if node.level else []), *filter(None, [node.module])])
            yield from (base, *(f"{base}.{alias.name}" for alias in node.names))


def _parse(source: str) -> ast.Module:
    """The syntax tree; lines that only IPython reads (`%` and `!`) are kept as text."""
    return ast.parse(re.sub(r"(?m)^[ \t]*[%!].*", lambda line: repr(line[0].strip()), source))


def _shape_of(source: str) -> list:
    tree = _parse(source)
    for node in ast.walk(tree):
        if isinstance(node, HAS_DOCSTRING) and ast.get_docstring(node) is not None:
            del node.body[0]
    return _shape(tree)


def _shape(node: object) -> object:
    """Nested lists for a tree, without the empty fields that differ between versions of Python."""
    if isinstance(node, list):
        return [_shape(item) for item in node]
    if isinstance(node, ast.AST):
        fields = [[name, _shape(value)] for name, value in ast.iter_fields(node)]
        return [type(node).__name__, *(field for field in fields if field[1] not in ([], "None"))]
    return repr(node)
