"""The digest of a function changes with what decides on its results, and with nothing else."""

import inspect
import subprocess
import sys
import types
from functools import cache, partial
from importlib import import_module
from pkgutil import iter_modules

import numpy as np
import pytest
import torch

import dropoutbook
import dropoutbook.lab
from dropoutbook.lab.code_digest import code_digest

SOURCE = '''
import numpy as np

FACTOR = 2
TABLE = {"a": [1, 2]}

def helper(x, shift=1):
    """Adds."""
    return x + shift

class Base:
    width = 3

    def value(self):
        return 10

class Model(Base):
    @property
    def p(self):
        return self._p

    @p.setter
    def p(self, new):
        self._p = new

    @staticmethod
    def scale():
        return 4

def deep(x):
    return [np.sqrt(helper(part)) for part in x if part in {"u", "v"}]

def run(x):
    """Runs."""
    return FACTOR * TABLE["a"][0] + len(deep(x)) + Model().value()

def unrelated():
    return 1
'''

HERE = __name__.partition(".")[0]

# what changes -> the text that changes, and into what
CHANGES = {
    "an operator": ("FACTOR * TABLE", "FACTOR + TABLE"),
    "a constant of the module": ("FACTOR = 2", "FACTOR = 2.0"),
    "a table of the module": ("[1, 2]", "[1, 3]"),
    "a function two calls away": ("x + shift", "x - shift"),
    "a default": ("shift=1", "shift=2"),
    "a function of a library": ("np.sqrt", "np.cbrt"),
    "a set in the code": ('"v"}', '"w"}'),
    "a method of a base": ("return 10", "return 11"),
    "an attribute of a base": ("width = 3", "width = 4"),
    "a static method": ("return 4", "return 5"),
    "the reading of a property": ("return self._p", "return -self._p"),
    "the writing of a property": ("self._p = new", "self._p = -new"),
    "a base": ("class Model(Base)", "class Model"),
}
NO_CHANGES = {
    "a comment": ("FACTOR = 2", "FACTOR = 2  # twice\n\n"),
    "the text of docstrings": ('"""Runs."""', '"""Runs it."""'),
    "the docstring of what is called": ('"""Adds."""', '"""Sums."""'),
    "a function that is not called": ("return 1\n", "return 2\n"),
}


def digest(source, name="run"):
    module = types.ModuleType("experiment")
    exec(source, vars(module))
    return code_digest(vars(module)[name], "experiment")


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_it_changes_with(change):
    assert SOURCE.count(change[0]) == 1
    assert digest(SOURCE.replace(*change)) != digest(SOURCE)


@pytest.mark.parametrize("change", NO_CHANGES.values(), ids=NO_CHANGES)
def test_it_does_not_change_with(change):
    assert SOURCE.count(change[0]) == 1
    assert digest(SOURCE.replace(*change)) == digest(SOURCE)


def test_a_change_behind_modules_of_the_package_is_seen():
    digests = set()
    for factor in (2, 3):
        inner, outer = types.ModuleType("experiment.inner"), types.ModuleType("experiment")
        exec(f"def scale(x):\n    return {factor} * x", vars(inner))
        outer.inner = inner
        inner.outer = outer  # modules may know each other
        names = {"__name__": "experiment.runs", "experiment": outer}
        exec("def run(x):\n    return experiment.inner.scale(x)", names)
        digests.add(code_digest(names["run"], "experiment"))
    assert len(digests) == 2


def test_a_change_in_this_book_is_seen_from_another_package(monkeypatch):
    from dropoutbook.lab import train

    names = {"__name__": "experiment", "train": train.train}
    exec("def run(p):\n    return train(p)", names)
    before = code_digest(names["run"], "experiment")
    monkeypatch.setattr(train, "ORDER_STREAM", 2)
    assert code_digest(names["run"], "experiment") != before


def test_a_change_of_a_closure_is_seen():
    def times(factor):
        return lambda x: factor * x

    assert code_digest(times(2), HERE) == code_digest(times(2), HERE)
    assert code_digest(times(2), HERE) != code_digest(times(3), HERE)


def test_a_new_version_of_a_library_is_seen(monkeypatch):
    before = digest(SOURCE)
    monkeypatch.setattr(np, "__version__", "0.0")
    assert digest(SOURCE) != before


def test_values_of_different_kinds_differ():
    values = [1, 1.0, True, "1", None, (1,), [1], {1: 1}, {1}, np.ones(1), np.ones(1, np.float32)]
    values += [partial(max, 1), partial(max, 2), max, 1j, b"1", range(1)]
    values += [torch.float32, torch.float64]
    assert len({code_digest(value) for value in values}) == len(values)
    assert code_digest(np.int64(1)) == code_digest(1)


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


@pytest.mark.parametrize(
    "value", [torch.Generator(), np.random.default_rng(0), torch.nn.Linear(1, 1), torch.ones(1)]
)
def test_what_may_change_unseen_is_refused(value):
    def draw():
        return value

    for hidden in (value, draw):
        with pytest.raises(TypeError, match=f"whether a {type(value).__qualname__} has changed"):
            code_digest(hidden, HERE)


def test_a_method_of_an_object_is_refused():
    with pytest.raises(TypeError, match="cannot tell whether a method has changed; pass plain"):
        code_digest(dropoutbook.Dropout().forward)


def own(module):
    return [
        value
        for name, value in vars(module).items()
        if inspect.isroutine(value) or inspect.isclass(value)
        if value.__module__ == module.__name__ and not name.startswith("_")
    ]


@pytest.mark.parametrize("name", [module.name for module in iter_modules(dropoutbook.lab.__path__)])
def test_every_function_of_the_lab_has_one(name):
    values = own(import_module(f"dropoutbook.lab.{name}"))
    assert values
    assert len({code_digest(value) for value in values}) == len(values)


@pytest.mark.parametrize("name", dropoutbook.__all__)
def test_every_layer_has_one(name):
    assert len(code_digest(getattr(dropoutbook, name))) == 64
