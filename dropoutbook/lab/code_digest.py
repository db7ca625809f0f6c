"""Has a function changed? A digest of its source, of what it names, and of the code it reaches."""

import ast
import hashlib
from collections.abc import Iterator
from dis import get_instructions
from functools import partial
from inspect import getsource, iscode, unwrap
from pathlib import Path
from types import CodeType, FunctionType, ModuleType, NoneType, UnionType
from typing import Any

import torch

from dropoutbook.lab.reached_code import Name, digest
from dropoutbook.lab.running_code import check_unedited, counts, file_of, running_code

PLAIN = {NoneType, bool, int, float, complex, str, bytes, range, type(...), torch.dtype}


def code_digest(value: Any, package: str = "dropoutbook") -> str:
    """A digest that changes with a value, and for functions and classes with the code they reach.

    It covers the source of a function; the values of its defaults, closure and globals; those of
    the functions among these; the syntax trees of all modules that any of them reach by imports,
    as far as these belong to `package`, to this book, or to nothing that is installed; and the
    versions of other packages. Comments and layout do not count, nor does what no import shows:
    files that are read, and `getattr`.

    Args:
        value: a function, a class, a `functools.partial`, a number, text, None, or a list, tuple,
            set or dict of them.
        package: name of an installed package whose code counts as well.

    Raises:
        TypeError: if `value` is or uses an object of another type, such as a random generator, of
            which nobody can tell whether it has changed; or code whose source cannot be read, such
            as a lambda, or a class that is defined in a notebook.
        RuntimeError: if a file was edited after this process started, which may run older code.
    """
    described, names = describe(value, package)
    parts = [described, sorted(running_code(names, package).items())]
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def describe(value: Any, package: str = "dropoutbook") -> tuple[Any, set[Name]]:
    """Nested lists of text for a value, and the importable names that it has in it.

    Raises:
        TypeError: as for `code_digest`.
    """
    names, met = set[Name](), set[int]()

    def text_of(value: Any) -> Any:
        if type(value) in PLAIN:
            return repr(value)
        if isinstance(value, list | tuple):
            return [type(value).__name__, *map(text_of, value)]
        if isinstance(value, UnionType):
            return ["union", *map(text_of, value.__args__)]
        if isinstance(value, set | frozenset):  # their order differs between processes
            return ["set", *sorted(repr(text_of(part)) for part in value)]
        if isinstance(value, dict):
            return ["dict", *map(text_of, value.items())]
        if isinstance(value, partial):
            return ["partial", *map(text_of, (value.func, value.args, value.keywords))]
        if isinstance(value, ModuleType):
            names.add((value.__name__, ""))
            return value.__name__
        return list(address_and_code(value))

    def address_and_code(value: Any) -> Iterator[Any]:
        kind, owner = type(value).__qualname__, getattr(value, "__self__", None)  # of a method
        value = unwrap(value)
        name = getattr(value, "__qualname__", getattr(value, "__name__", None))
        if not isinstance(name, str) or not isinstance(owner, NoneType | ModuleType | type):
            raise TypeError(f"cannot tell whether a {kind} has changed; pass plain arguments")
        module = getattr(value, "__module__", None) or "builtins"
        yield from (module, name)
        importable = module != "__main__" and "<locals>" not in name
        if importable:
            names.add((module, name.partition(".")[0]))
        if id(value) in met or not counts(module, package):
            return
        met.add(id(value))
        if isinstance(value, FunctionType):
            definition = _definition(value)
            yield from map(text_of, _values(value, definition))
            yield digest(definition)
        elif not importable or not file_of(module, package):
            raise _unreadable(f"class {name}")

    return text_of(value), names


def _values(function: FunctionType, definition: ast.FunctionDef) -> Iterator[Any]:
    """What a function finds in its defaults, its closure, and its globals by name."""
    yield from (function.__defaults__, function.__kwdefaults__)
    yield [cell.cell_contents for cell in function.__closure__ or ()]
    parts = (part for place in definition.decorator_list for part in ast.walk(place))
    used = {part.id for part in parts if isinstance(part, ast.Name)} | {
        *_globals(function.__code__)
    }
    yield [(name, function.__globals__[name]) for name in sorted(used & {*function.__globals__})]


def _globals(code: CodeType) -> Iterator[str]:
    """The global names that the code reads, that of the functions inside it included."""
    yield from (step.argval for step in get_instructions(code) if step.opname == "LOAD_GLOBAL")
    for inner in filter(iscode, code.co_consts):
        yield from _globals(inner)


def _definition(function: FunctionType) -> ast.FunctionDef:
    try:
        source = getsource(function)
        (node,) = ast.parse("if True:\n" * source[0].isspace() + source).body
    except (OSError, SyntaxError):
        raise _unreadable(f"function {function.__qualname__}") from None
    node = node.body[0] if isinstance(node, ast.If) else node
    if not isinstance(node, ast.FunctionDef):
        raise _unreadable(f"function {function.__qualname__}")
    check_unedited(Path(function.__code__.co_filename))
    return node


def _unreadable(what: str) -> TypeError:
    return TypeError(f"cannot read the source of the {what}; write it as a def, or in a module")
