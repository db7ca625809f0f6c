"""The code that this process runs: which modules count with their code, and which by a version."""

import importlib.util
import logging
import sys
from collections.abc import Iterable
from functools import cache, partial
from importlib import metadata
from pathlib import Path

from dropoutbook.lab.reached_code import Name, find_in, reached


def running_code(names: Iterable[Name], package: str) -> dict[str, str]:
    """The digest of each module that `names` reach, and the version of each other package.

    Args:
        names: modules, and what is taken from each.
        package: counts with its code, as do this book and what is nowhere installed.

    Raises:
        RuntimeError: if a file was edited after this process started, which may run older code.
    """
    found = reached(names, partial(file_of, package=package))
    return {name: text or _version(name) for name, text in found.items()}


def counts(module: str, package: str) -> bool:
    """Whether a module counts with its code."""
    top = module.partition(".")[0]
    installed = top in sys.stdlib_module_names or top in _distributions()
    return top in {"dropoutbook", package} or not installed


def file_of(module: str, package: str) -> Path | None:
    """The file of a module that counts with its code."""
    spec = importlib.util.find_spec(module.partition(".")[0]) if counts(module, package) else None
    if spec is None:
        return None
    folders = spec.submodule_search_locations or [spec.origin or ""]
    path = find_in(Path(next(iter(folders))).parent, module)
    check_unedited(path)
    return path


def check_unedited(path: Path | None) -> None:
    """Raises if the text on disk may be newer than the code in memory; a cell lies in no file."""
    if path and path.is_file() and path.stat().st_mtime > _started():
        raise RuntimeError(f"{path} was edited after this process started; restart it")


def _started() -> float:
    """When logging was loaded, before any module that counts; in seconds of `time.time`."""
    record = logging.makeLogRecord({})
    return record.created - record.relativeCreated / 1000


def _version(package: str) -> str:
    names = sorted(set(_distributions().get(package, [])))
    return ", ".join(f"{name} {metadata.version(name)}" for name in names)


_distributions = cache(metadata.packages_distributions)
