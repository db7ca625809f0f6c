"""Has a function changed? A digest of its code, and of the code that it calls."""

import dis
import hashlib
import inspect
import sys
from collections.abc import Iterator
from functools import partial
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np
import torch

PLAIN = {type(None), bool, int, float, complex, str, bytes, range, type(...), torch.dtype}


def code_digest(value: Any, package: str = "dropoutbook") -> str:
    """A digest that changes with a value, and for functions and classes with the code they run.

    It covers their compiled code, that of the functions and classes that they name, and so on, as
    far as these belong to `package` or to this book; the constants that all of them use; and the
    version of every other package that they name. Comments and layout do not count, nor does what
    is not reached by a global name: files, `getattr`, an import inside a function.

    Args:
        value: a function, a class, a `functools.partial`, a number, text, None, an array, or a
            list, tuple, set or dict of them.
        package: name of the package whose code counts, besides this book's; "__main__" for a
            script or a notebook.

    Raises:
        TypeError: if `value` is or uses an object of another type, such as a random generator, of
            which nobody can tell whether it has changed.
    """
    description = _Describe({"dropoutbook", package})(value)
    return hashlib.sha256(repr(description).encode()).hexdigest()


class _Describe:
    """Nested lists of text for values and code; what is met again is only named."""

    def __init__(self, own: set[str]) -> None:
        self.own, self.met = own, set()

    def __call__(self, value: Any) -> str | list:
        if isinstance(value, np.generic):
            value = value.item()
        if type(value) in PLAIN:
            return repr(value)
        if isinstance(value, dict):
            return ["dict", *([self(key), self(part)] for key, part in value.items())]
        if isinstance(value, list | tuple):
            return [type(value).__name__, *map(self, value)]
        if isinstance(value, set | frozenset):  # their order differs between processes
            return ["set", *sorted(repr(self(part)) for part in value)]
        if isinstance(value, np.ndarray) and not value.dtype.hasobject:
            return ["array", str(value.dtype), value.shape, value.tobytes()]
        if isinstance(value, partial):
            return ["partial", *map(self, (value.func, value.args, value.keywords))]
        if isinstance(value, CodeType):
            code = (value.co_code, value.co_exceptiontable, value.co_flags, value.co_argcount)
            names = (value.co_names, value.co_varnames, value.co_cellvars, value.co_freevars)
            return ["code", *map(self, (code, names, value.co_consts))]
        return self._by_name(inspect.unwrap(value))

    def _by_name(self, value: Any) -> list:
        name = getattr(value, "__qualname__", getattr(value, "__name__", None))
        module = name if isinstance(value, ModuleType) else getattr(value, "__module__", "") or ""
        if isinstance(name, str) and _package(module) not in self.own:
            library = sys.modules.get(_package(module))
            return [module, name, str(getattr(library, "__version__", ""))]
        if not isinstance(value, FunctionType | type | ModuleType):
            name = type(value).__qualname__
            raise TypeError(f"cannot tell whether a {name} has changed; pass plain arguments")
        if id(value) in self.met:
            return [module, name]
        self.met.add(id(value))
        parts = self._function_parts if isinstance(value, FunctionType) else _class_parts
        return [module, name, *map(self, parts(value))]

    def _function_parts(self, function: FunctionType) -> Iterator[Any]:
        code, names = function.__code__, function.__globals__
        if function.__doc__ is not None and code.co_consts[:1] == (function.__doc__,):
            code = code.replace(co_consts=(None, *code.co_consts[1:]))
        yield from (code, function.__defaults__, function.__kwdefaults__)
        yield [cell.cell_contents for cell in function.__closure__ or ()]
        for name in sorted(set(_globals(code)) & set(names)):
            yield [name, names[name]]
            yield from self._asked_of(names[name], code.co_names)

    def _asked_of(self, module: Any, names: tuple[str, ...]) -> Iterator[list]:
        """What code with these names may take from a module, and from the modules in it."""
        if isinstance(module, ModuleType) and _package(module.__name__) in self.own:
            for name in sorted(set(names) & set(vars(module))):
                yield [name, vars(module)[name]]
                yield from self._asked_of(vars(module)[name], tuple(set(names) - {name}))


def _class_parts(value: Any) -> Iterator[Any]:
    """Bases, methods and plain attributes; what Python itself adds to a class is left out."""
    if not isinstance(value, type):
        return
    yield value.__bases__
    for name, member in sorted(vars(value).items()):
        wrapped = [getattr(member, part, None) for part in ("__func__", "fget", "fset")]
        yield [name, *(part for part in (member, *wrapped) if isinstance(part, FunctionType))]
        if not name.startswith("__") and type(member) in PLAIN | {tuple, list, dict}:
            yield [name, member]


def _globals(code: CodeType) -> Iterator[str]:
    """The global names that the code reads, that of the functions inside it included."""
    reads = {"LOAD_GLOBAL", "LOAD_NAME"}
    yield from (step.argval for step in dis.get_instructions(code) if step.opname in reads)
    for inner in filter(inspect.iscode, code.co_consts):
        yield from _globals(inner)


def _package(module: str) -> str:
    return module.partition(".")[0]
