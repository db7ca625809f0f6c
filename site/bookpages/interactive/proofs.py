"""The expressions that a chapter proves, taken from the cells that prove them."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

from sphinx.errors import ExtensionError

CHAPTERS = Path(__file__).resolve().parents[3] / "chapters"
SYMBOLIC = ("sympy", "dropoutbook.derive")


def proved(chapter: str, *cells: str) -> dict[str, object]:
    """What the names mean after these cells of a chapter have run, asserts and all.

    Args:
        chapter: name of the notebook.
        cells: ids of code cells that need nothing but SymPy and `dropoutbook.derive`.
    """
    notebook = json.loads((CHAPTERS / f"{chapter}.ipynb").read_text(encoding="utf8"))
    code = {c["id"]: "".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"}
    if lost := sorted(set(cells) - set(code)):
        raise ExtensionError(f"{chapter}.ipynb has no code cell {lost}; it has {sorted(code)}")
    names: dict[str, object] = {}
    for source in (*_imports("\n".join(code.values())), *(code[cell] for cell in cells)):
        exec(source, names)
    return names


def _imports(code: str) -> Iterator[str]:
    """Those of the imports that a derivation may use; the others take seconds."""
    for node in ast.walk(ast.parse(code)):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        modules += [node.module] if isinstance(node, ast.ImportFrom) else []
        if any(module == s or module.startswith(f"{s}.") for module in modules for s in SYMBOLIC):
            yield ast.unparse(node)
