"""The digest of a function changes with what decides on its results, and with little else."""

import importlib
import inspect
import linecache
import os
import subprocess
import sys
from functools import cache, partial
from importlib import metadata
from pkgutil import iter_modules

import numpy as np
import pytest
import torch

import dropoutbook
import dropoutbook.lab
from dropoutbook.lab import code_digest as module
from dropoutbook.lab.code_digest import code_digest
from dropoutbook.lab.running_code import running_code

HERE = __name__.partition(".")[0]
CELL = '''
import numpy as np
from experiment.model import Model

FACTOR = 2
TABLE = {"a": [1, 2]}
KINDS = {"u", "v"}
x = part = 0

def helper(x, shift=1):
    """Adds."""
    return x + shift

def deep(x):
    return [np.sqrt(helper(part)) for part in x if part in KINDS]

def run(x):
    """Runs."""
    return FACTOR * TABLE["a"][0] + len(deep(x)) + Model().value()

def unrelated():
    return 1
'''
FILES = {
    "__init__.py": "from experiment.apart import SIZE\n",
    "apart.py": "SIZE = 1\n",
    "base.py": "class Base:\n    def value(self):\n        return 10\n",
    "model.py": "from .base import Base\n\nclass Model(Base):\n    pass\n",
}
# what changes -> the file, the text that changes, and into what; a function stands in the cell
CHANGES = {
    "an operator": ("cell", "FACTOR * TABLE", "FACTOR + TABLE"),
    "a constant": ("cell", "FACTOR = 2", "FACTOR = 2.0"),
    "a table": ("cell", "[1, 2]", "[1, 3]"),
    "a set": ("cell", '"v"}', '"w"}'),
    "a function two calls away": ("cell", "x + shift", "x - shift"),
    "a default": ("cell", "shift=1", "shift=2"),
    "a function of a library": ("cell", "np.sqrt", "np.cbrt"),
    "a class of another module": ("model.py", "    pass", "    a = 1"),
    "its base in a third": ("base.py", "return 10", "return 11"),
    "the code of a package": ("__init__.py", "import SIZE\n", "import SIZE\nX = 1\n"),
}
NO_CHANGES = {
    "a comment": ("cell", "FACTOR = 2", "FACTOR = 2  # twice\n\n"),
    "the text of docstrings": ("cell", '"""Runs."""', '"""Runs it."""'),
    "the docstring of what is called": ("cell", '"""Adds."""', '"""Sums."""'),
    "a function of a notebook that is not called": ("cell", "return 1\n", "return 2\n"),
    "a global with the name of a local": ("cell", "x = part = 0", "x = part = 1"),
    "a module that is not reached": ("apart.py", "SIZE = 1", "SIZE = 2"),
}


def cell(source):
    """The names that a cell of a notebook defines."""
    name, names = f"<cell {hash(source)}>", {"__name__": "__main__"}
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    exec(compile(source, name, "exec"), names)
    return names


@pytest.fixture
def digest(tmp_path, monkeypatch):
    """The digest of `run`, with a text of one file replaced by another."""
    folders = (tmp_path / str(number) for number in range(10))

    def digest(file="cell", old="", new=""):
        folder, files = next(folders), {"cell": CELL} | FILES
        assert not old or files[file].count(old) == 1
        files[file] = files[file].replace(old, new, 1)
        (folder / "experiment").mkdir(parents=True)
        for name, text in files.items():
            (folder / "experiment" / name).write_text(text)
            os.utime(folder / "experiment" / name, (0, 0))
        for name in [name for name in sys.modules if name.startswith("experiment")]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.syspath_prepend(folder)
        return code_digest(cell(files["cell"])["run"], "__main__")

    yield digest
    for name in [name for name in sys.modules if name.startswith("experiment")]:
        del sys.modules[name]


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_it_changes_with(digest, change):
    assert digest(*change) != digest()


@pytest.mark.parametrize("change", NO_CHANGES.values(), ids=NO_CHANGES)
def test_it_does_not_change_with(digest, change):
    assert digest(*change) == digest()


@pytest.mark.parametrize(
    ("part", "mutant", "caught_by"),
    [
        ("_values", lambda function, definition: iter(()), "a constant"),
        ("digest", lambda definition: "", "an operator"),
        ("running_code", lambda names, package: {}, "its base in a third"),
    ],
)
def test_a_digest_that_leaves_a_part_out_is_caught(digest, monkeypatch, part, mutant, caught_by):
    monkeypatch.setattr(module, part, mutant)
    assert digest(*CHANGES[caught_by]) == digest()


def test_a_new_version_of_a_library_is_seen(digest, monkeypatch):
    before = digest()
    monkeypatch.setattr(metadata, "version", lambda name: "0.0")
    assert digest() != before


def test_a_change_of_a_closure_is_seen():
    def times(factor):
        def product(x):
            return factor * x

        return product

    assert code_digest(times(2), HERE) == code_digest(times(2), HERE)
    assert code_digest(times(2), HERE) != code_digest(times(3), HERE)


def test_values_of_different_kinds_differ():
    values = [1, 1.0, True, "1", None, (1,), [1], {1: 1}, {1}, int | str, 1j, b"1", range(1)]
    values += [partial(max, 1), partial(max, 2), max, torch.float32, torch.float64, torch.relu]
    assert len({code_digest(value) for value in values}) == len(values)


def test_it_is_the_same_in_another_process():
    program = (
        "from dropoutbook.lab.code_digest import code_digest\n"
        "from dropoutbook.lab.train import train\n"
        "print(code_digest([train, {'a', 'b', 'c'}]))"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1
    assert len(digests.pop()) == 65


def test_a_cached_function_counts_for_the_function():
    def number():
        return 1

    assert code_digest(cache(number), HERE) == code_digest(number, HERE)


def test_a_file_that_was_edited_after_the_start_of_the_process_is_refused(digest, tmp_path):
    digest()
    file = tmp_path / "0" / "experiment" / "model.py"
    for edited in (False, True):
        if edited:
            os.utime(file)
            with pytest.raises(RuntimeError, match=r"model\.py was edited after this process star"):
                running_code([("experiment.model", "Model")], "")
        else:
            assert "experiment.model" in running_code([("experiment.model", "Model")], "")


@pytest.mark.parametrize(
    "value",
    [
        torch.Generator(),
        np.random.default_rng(0),
        np.random.default_rng(0).normal,
        torch.nn.Linear(1, 1),
        torch.ones(1),
        dropoutbook.Dropout().forward,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_may_change_unseen_is_refused(value):
    def draw():
        return value

    for hidden in (value, draw):
        with pytest.raises(TypeError, match=f"whether a {type(value).__qualname__} has changed; p"):
            code_digest(hidden, HERE)


class Local:
    @staticmethod
    def kind():
        class Inner:
            pass

        return Inner


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (lambda p: p, r"function .*<lambda>"),
        (cell("class Model: ...")["Model"], "class Model"),
        (Local.kind(), "class Local.kind.<locals>.Inner"),
        (eval("lambda: 1", {"__name__": "__main__"}), "function <lambda>"),
    ],
)
def test_what_cannot_be_read_is_refused(value, what):
    with pytest.raises(TypeError, match=f"cannot read the source of the {what}; write it as a def"):
        code_digest(value, HERE)


def own(module):
    return [
        value
        for name, value in vars(module).items()
        if inspect.isroutine(value) or inspect.isclass(value)
        if value.__module__ == module.__name__ and not name.startswith("_")
    ]


@pytest.mark.parametrize("name", [module.name for module in iter_modules(dropoutbook.lab.__path__)])
def test_every_function_of_the_lab_has_one(name):
    values = own(importlib.import_module(f"dropoutbook.lab.{name}"))
    assert values
    assert len({code_digest(value) for value in values}) == len(values)


@pytest.mark.parametrize("name", dropoutbook.__all__)
def test_every_layer_has_one(name):
    assert len(code_digest(getattr(dropoutbook, name))) == 64
