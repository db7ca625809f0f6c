"""Has a function changed? A digest of its source, of what it names, and of the code it reaches."""

import ast
import hashlib
import logging
import sys
from collections.abc import Iterable
from functools import cache, partial
from importlib.metadata import packages_distributions, version
from importlib.util import find_spec
from inspect import getsource
from pathlib import Path
from types import FunctionType, NoneType
from typing import Any

from dropoutbook.lab.reached_code import Name, digest, find_in, global_names, imports, reached

PLAIN = {NoneType, bool, int, float, complex, str, bytes, range}
PARTS: Any = {list: iter, tuple: iter, dict: dict.items, partial: partial.__reduce__}
STARTED = (now := logging.makeLogRecord({})).created - now.relativeCreated / 1000
_libraries = cache(packages_distributions)


def code_digest(value: Any) -> str:
    """A digest that changes with a value, and for functions and classes with the code they reach.

    It covers the source of a function, its defaults and the globals it names, other functions too;
    the syntax trees of the modules that these reach by imports; and the versions of libraries. It
    misses what no name shows: files that are read, `getattr`, attributes that are set from outside,
    and values in modules as methods, decorated functions and functions of this book use them.

    Raises:
        TypeError: if `value` is or uses what is no plain value, function or class, nor a list,
            tuple, dict or partial of them, such as a random generator; or if no module holds a
            function or class, except for a plain `def` at the top of a notebook's cell.
        RuntimeError: if a file was edited after this process started, which may run older code.
    """
    lines, names = describe(value)
    return hashlib.sha256(repr([lines, sorted(running_code(names).items())]).encode()).hexdigest()


def describe(value: Any) -> tuple[list[str], set[Name]]:
    """A line for each part of a value, and the importable names in it; TypeError as above."""
    lines, names, waiting = list[str](), set[Name](), [value]
    for place, part in enumerate(waiting):  # which grow
        kind, address = type(part), [] if type(part) in PLAIN else _address(part)
        names.update(address)
        text, inner = str(address), [*PARTS[kind](part)] if kind in PARTS else []
        if kind in PLAIN:
            text = repr(part)
        elif source := _source(part, address):
            text += digest(ast.parse(source))
            names.update(imports(ast.parse(source), part.__globals__.get("__package__") or ""))
            inner = _used(part, source) if all(part is not one for one in waiting[:place]) else []
        elif not address and kind not in PARTS:
            what, instead = f"a {kind.__qualname__}", "pass plain arguments"
            if isinstance(part, FunctionType | type):
                what, instead = (
                    part.__qualname__,
                    "write it as a top-level def, or in a module",
                )
            raise TypeError(f"cannot tell whether {what} has changed; {instead}")
        lines.append(f"{kind.__name__} {text} {len(inner)}")
        waiting += inner
    return lines, names


def running_code(names: Iterable[Name]) -> dict[str, str]:
    """The digest of each module that `names` reach, and the versions of each library."""
    found = reached(names, file_of)
    for name in [name for name in found if not found[name]]:
        found[name] = str({each: version(each) for each in sorted(_libraries().get(name, []))})
    return found


def file_of(module: str) -> Path | None:
    """The file of a module that counts with its code: of this book, or of no installed library."""
    top = module.partition(".")[0]
    spec = None if top in sys.stdlib_module_names else find_spec(top)
    if spec is None:
        return None
    folder = Path(next(iter(spec.submodule_search_locations or [spec.origin or ""]))).parent
    library = top != "dropoutbook" and {"site-packages", "dist-packages"} & {*folder.parts}
    return None if library else _unedited(find_in(folder, module))


def _unedited(path: Path | None) -> Path | None:
    """Raises if a text on disk is newer than `logging` in memory, which comes before other code."""
    if path and path.is_file() and path.stat().st_mtime > STARTED:
        raise RuntimeError(f"{path} was edited after this process started; restart it")
    return path


def _address(value: Any) -> list[Name]:
    """The module that holds a value and its name there, if it can be imported."""
    module, name = (getattr(value, each, "") for each in ("__module__", "__name__"))
    if sys.modules.get(name) is value:
        return [(name, "")]
    held = getattr(sys.modules.get(module), name, None) is value and module != "__main__"
    return [(module, name)] if held else []


def _source(value: Any, address: list[Name]) -> str:
    """The source of a plain `def` at the top of a cell, or of a module that is the reader's own."""
    readers = all(file_of(each) and each.split(".")[0] != "dropoutbook" for each, _ in address)
    if not isinstance(value, FunctionType) or not readers:
        return ""
    _unedited(Path(value.__code__.co_filename))
    try:
        source = getsource(value.__code__)
        (node,) = ast.parse(source).body
    except (OSError, SyntaxError, ValueError):
        return ""
    return source if isinstance(node, ast.FunctionDef) and not node.decorator_list else ""


def _used(function: FunctionType, source: str) -> list[Any]:
    """What a function finds in its defaults, its attributes, and its globals by name."""
    values = function.__globals__
    found = [(name, values[name]) for name in sorted(global_names(source) & {*values})]
    return [function.__defaults__, function.__kwdefaults__, vars(function), found]
