"""The code that an import reaches: module by module, with a digest of each syntax tree.

Comments, docstrings and layout do not count, nor does the version of Python. A package hands names
on: `from dropoutbook import Dropout` reaches `dropoutbook/layers/dropout.py` and what that imports,
not everything that `dropoutbook/__init__.py` imports.
"""

import ast
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

HAS_DOCSTRING = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef

Name = tuple[str, str]  # a module, and what is taken from it; "" for the whole of it
NOTHING = "(nothing)"  # taken from the packages around a module, of which only their own code runs


class _Code(NamedTuple):
    """A module's digest and imports, and where the names come from that a package hands on."""

    digest: str
    imports: list[Name]
    handed_on: dict[str, Name]


def reached(names: Iterable[Name], find: Callable[[str], Path | None]) -> dict[str, str]:
    """What counts for `names`: their modules, those that these import, and so on.

    Args:
        names: modules, and what is taken from each.
        find: the file of a module; None if there is none, or its code does not count.

    Returns:
        The digest of each module; the origin of each name that a package hands on; and "" for each
        package without code that counts.
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
        code = _read(path.read_text("utf8"), module, path.stem == "__init__")
        found[module] = code.digest
        waiting += [*code.imports, (module.rpartition(".")[0] or module, NOTHING)]
        if name in code.handed_on:
            found[f"{module}:{name}"] = ":".join(code.handed_on[name])
            waiting.append(code.handed_on[name])
        elif name and find(f"{module}.{name}"):
            waiting.append((f"{module}.{name}", ""))
        elif name != NOTHING and path.stem == "__init__":
            waiting += [(f"{module}.{inner}", "") for inner in _modules_in(path.parent)]
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
    return hashlib.sha256(json.dumps(_shape(tree)).encode()).hexdigest()


def imports(tree: ast.AST, package: str) -> Iterator[Name]:
    """What is imported anywhere in the code of a module of `package`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
            # `import a.b` binds a, and with it all that a holds
            yield from (
                (alias.name.partition(".")[0], "") for alias in node.names if not alias.asname
            )
        elif isinstance(node, ast.ImportFrom):
            yield from ((_base(node, package), alias.name) for alias in node.names)


@cache
def _read(source: str, module: str, is_package: bool) -> _Code:
    tree = ast.parse(source)
    package = module if is_package else module.rpartition(".")[0]
    handed_on: dict[str, Name] = {}
    for node in [*tree.body] if is_package else []:
        if isinstance(node, ast.ImportFrom) and node.names[0].name != "*":
            base = _base(node, package)
            handed_on |= {alias.asname or alias.name: (base, alias.name) for alias in node.names}
            tree.body.remove(node)
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            tree.body.remove(node)
    return _Code(digest(tree), [*imports(tree, package)], handed_on)


def _base(node: ast.ImportFrom, package: str) -> str:
    parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
    return ".".join([*parents, *filter(None, [node.module])])


def _modules_in(folder: Path) -> Iterator[str]:
    """The modules of a package, each of which is an attribute of it once it is imported."""
    paths = [*folder.glob("*.py"), *(path.parent for path in folder.glob("*/__init__.py"))]
    yield from (path.stem for path in paths if path.stem != "__init__")


def _shape(node: Any) -> Any:
    """Nested lists for a tree, without the empty fields that differ between versions of Python."""
    if isinstance(node, list):
        return [_shape(item) for item in node]
    if isinstance(node, ast.AST):
        fields = [[name, _shape(value)] for name, value in ast.iter_fields(node)]
        return [type(node).__name__, *(field for field in fields if field[1] not in ([], "None"))]
    return repr(node)
