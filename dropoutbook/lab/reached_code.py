"""The code that an import reaches: module by module, with a digest of each syntax tree.

Comments, docstrings and layout do not count, nor does the version of Python. A package hands names
on: `from dropoutbook import Dropout` reaches `dropoutbook/layers/dropout.py` and what that imports,
not everything that `dropoutbook/__init__.py` imports.
"""

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib.util import resolve_name
from pathlib import Path
from symtable import symtable
from typing import Any

from dropoutbook.lab.json_digest import json_digest

HAS_DOCSTRING = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef

Name = tuple[str, str]  # a module, and what is taken from it; "" for the whole of it
NOTHING = "(nothing)"  # taken from the packages around a module, of which only their own code runs


def reached(names: Iterable[Name], find: Callable[[str], Path | None]) -> dict[str, str]:
    """What counts for `names`: their modules, those that these import, and so on.

    `find` gives the file of a module, or None if its code does not count. The result holds the
    digest of each module, the origin of each name that a package hands on, and "" for each package
    without code that counts.
    """
    found: dict[str, str] = {}
    met, waiting = set[Name](), [*names]
    while waiting:
        module, name = waiting.pop()
        path = None if (module, name) in met else find(module)
        met.add((module, name))
        if path is None:
            found.setdefault(module.partition(".")[0], "")
            continue
        is_package = path.stem == "__init__"
        found[module], imported, handed_on = _read(path.read_text("utf8"), module, is_package)
        waiting += [*imported, (module.rpartition(".")[0] or module, NOTHING)]
        if name in handed_on:
            found[f"{module}:{name}"] = ":".join(handed_on[name])
            waiting.append(handed_on[name])
        elif name and find(f"{module}.{name}"):
            waiting.append((f"{module}.{name}", ""))
        elif name != NOTHING and is_package:
            inner = (file.stem for file in path.parent.iterdir())
            waiting += [(module, each) for each in (*handed_on, *inner) if each != "__init__"]
    return found


def find_in(folder: Path, module: str) -> Path | None:
    """The file of a module whose top package lies in `folder`, if there is one."""
    base = folder.joinpath(*module.split("."))
    candidates = (base / "__init__.py", base.with_suffix(".py"))
    return next((path for path in candidates if path.is_file()), None)


def digest(tree: ast.AST) -> str:
    """The sha256 of a syntax tree, out of which its docstrings are taken."""
    for node in ast.walk(tree):
        if isinstance(node, HAS_DOCSTRING) and ast.get_docstring(node) is not None:
            del node.body[0]
        if isinstance(node, ast.JoinedStr):  # early versions of Python 3.12 add an empty text
            node.values = [part for part in node.values if getattr(part, "value", None) != ""]
    return json_digest(_shape(tree))


def imports(tree: ast.AST, package: str) -> Iterator[Name]:
    """What is imported anywhere in the code of a module of `package`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            base = resolve_name("." * node.level + (node.module or ""), package)
            yield from ((base, each.name) for each in node.names)
        elif isinstance(node, ast.Import):  # `import a.b` binds a, and with it all that a holds
            yield from ((each.name, "") for each in node.names)
            yield from ((each.name.split(".")[0], "") for each in node.names if not each.asname)


def global_names(source: str) -> set[str]:
    """The globals that functions name; what a class in one assigns may be a global before."""
    names, scopes = set[str](), symtable(source, "", "exec").get_children()
    for scope in scopes:  # which grow
        every = scope.get_type() == "class"
        names |= {each.get_name() for each in scope.get_symbols() if every or each.is_global()}
        scopes += scope.get_children()
    return names


@cache
def _read(source: str, module: str, is_package: bool) -> tuple[str, list[Name], dict[str, Name]]:
    """A module's digest and imports, and where the names come from that a package hands on."""
    tree, handed_on = ast.parse(source), dict[str, Name]()
    package = module if is_package else module.rpartition(".")[0]
    for node in [*tree.body] if is_package else []:
        if isinstance(node, ast.ImportFrom) and node.names[0].name != "*":
            names = (each.asname or each.name for each in node.names)
            handed_on |= zip(names, imports(node, package), strict=True)
            tree.body.remove(node)
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            tree.body.remove(node)
    return digest(tree), [*imports(tree, package)], handed_on


def _shape(node: Any) -> Any:
    """Nested lists for a tree, without the empty fields that differ between versions of Python."""
    if isinstance(node, list):
        return [_shape(item) for item in node]
    if isinstance(node, ast.AST):
        fields = [[name, _shape(value)] for name, value in ast.iter_fields(node)]
        return [type(node).__name__, *(field for field in fields if field[1] not in ([], "None"))]
    return repr(node)
