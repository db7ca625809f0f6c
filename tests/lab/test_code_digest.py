"""The digest of a function changes with what decides on its results, and with little else."""

import linecache
import os
import subprocess
import sys
import time
from functools import partial
from runpy import run_path
from types import ModuleType, SimpleNamespace

import pytest
import torch

import dropoutbook
from dropoutbook.lab import code_digest as module
from dropoutbook.lab.code_digest import code_digest, file_of

CELL = '''
import functools
import types
import numpy as np
import torch
from experiment.functions import kept, outer
from experiment.model import Model

FACTOR = 2
TABLE = {"a": [1, 2]}
SHIFT, SCALE = 3, 4
x = part = 0

def helper(x, shift=SHIFT, *, scale=SCALE):
    """Adds."""
    return x + shift

helper.note = "a"

def deep(x):
    from experiment.later import LATER
    class Here:
        FACTOR = FACTOR
    return [np.sqrt(helper(part)) for part in x if part in TABLE] or deep(x)

def run(x):
    """Runs."""
    return TABLE["a"][0] * len(deep(x)) + Model().value() + outer(x) + kept()

def unrelated():
    return 1
'''
FILES = {
    "__init__.py": "from experiment.apart import SIZE\n",
    "apart.py": "SIZE = 1\n",
    "base.py": "class Base:\n    def value(self):\n        return 10\n",
    "functions.py": "import functools\nLIST = [1]\n"
    "@functools.cache\ndef kept():\n    return 1\n"
    "def outer(x):\n    return inner(x)\ndef inner(x, shift=1):\n    return LIST\n",
    "later.py": "LATER = 1\n",
    "model.py": "from .base import Base\n\nclass Model(Base):\n    pass\n",
}
# what changes -> the file, the text that changes, and into what; a function stands in the cell
CHANGES = {
    "an operator": ("cell", '"][0] *', '"][0] +'),
    "a constant that a class in a function reads": ("cell", "FACTOR = 2", "FACTOR = 2.0"),
    "a table": ("cell", "[1, 2]", "[1, 3]"),
    "a function two calls away": ("cell", "x + shift", "x - shift"),
    "a default": ("cell", "= 3, 4", "= 5, 4"),
    "a default by name": ("cell", "= 3, 4", "= 3, 5"),
    "an attribute of a function": ("cell", '"a"\n', '"b"\n'),
    "a function of a library": ("cell", "np.sqrt", "np.cbrt"),
    "the module that a name stands for": ("cell", "import numpy as np", "import math as np"),
    "a class of another module": ("model.py", "    pass", "    a = 1"),
    "its base in a third": ("base.py", "return 10", "return 11"),
    "a function that a module decorates": ("functions.py", "return 1\n", "return 2\n"),
    "a module that a function imports": ("later.py", "LATER = 1", "LATER = 2"),
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
# a change -> a digest that leaves out what shows it
MUTANTS = {
    "a table": ("_used", lambda function, source: []),
    "an operator": ("digest", lambda tree: ""),
    "its base in a third": ("running_code", lambda names: {}),
    "a module that a function imports": ("imports", lambda tree, package: ()),
}
# values in a cell that may change unseen
UNKNOWN = ["torch.Generator()", "torch.nn.Linear(1, 1)", "torch.nn.Linear(1, 1).forward"]
UNKNOWN += ["np.float64(1)", "{1}", "[].append", "types.ModuleType('mine')"]
UNKNOWN += ["functools.cache(outer)", "type('Pair', (tuple,), {})()"]
# code in a cell that is no plain def at its top
NO_DEF = ["f = lambda: 1", "class f: ...", "async def f(): ...", "exec('def f(): ...')"]
NO_DEF += ["if True:\n    def f(): ...", "@torch.no_grad()\ndef f(): ..."]
NO_DEF += ["def same(f): return f\n@same\ndef f(): ...", "def f(): ...\nf = torch.no_grad()(f)"]
NO_DEF += ["def outer(k):\n    def f():\n        return k\n    return f\nf = outer(1)"]


@pytest.fixture
def cell(monkeypatch):
    """Runs a cell of a notebook, and gives the names that it defines."""

    def cell(source):
        name, main = f"<cell {hash(source)}>", ModuleType("__main__")
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        monkeypatch.setitem(sys.modules, "__main__", main)
        exec(compile(source, name, "exec"), vars(main))
        return vars(main)

    return cell


@pytest.fixture
def names(cell, tmp_path, monkeypatch):
    """The names of the cell, with a text of one file replaced by another."""
    folders = (tmp_path / str(number) for number in range(10))

    def forget():
        for name in [name for name in sys.modules if name.startswith("experiment")]:
            del sys.modules[name]

    def names(file="cell", old="", new=""):
        folder, files = next(folders), {"cell": CELL} | FILES
        assert not old or files[file].count(old) == 1
        files[file] = files[file].replace(old, new, 1)
        (folder / "experiment").mkdir(parents=True)
        for name, text in files.items():
            (folder / "experiment" / name).write_text(text)
            os.utime(folder / "experiment" / name, (0, 0))
        forget()
        monkeypatch.syspath_prepend(folder)
        return cell(files["cell"])

    yield names
    forget()


def seen(names, change):
    """Whether a change of a file changes the digest of `run`."""
    return code_digest(names()["run"]) != code_digest(names(*change)["run"])


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_it_changes_with(names, change):
    assert seen(names, change)


@pytest.mark.parametrize("change", NO_CHANGES.values(), ids=NO_CHANGES)
def test_it_does_not_change_with(names, change):
    assert not seen(names, change)


@pytest.mark.parametrize("mistaken", MUTANTS)
def test_a_digest_that_leaves_a_part_out_is_caught(names, monkeypatch, mistaken):
    monkeypatch.setattr(module, *MUTANTS[mistaken])
    assert not seen(names, CHANGES[mistaken])


@pytest.mark.parametrize("value", UNKNOWN)
def test_what_may_change_unseen_is_refused(names, value):
    found = names("cell", "FACTOR = 2", f"FACTOR = {value}")
    name, factor = type(found["FACTOR"]).__qualname__, found["FACTOR"]
    for hidden in (factor, found["run"], [{"a": (factor,)}], partial(max, factor)):
        with pytest.raises(TypeError, match=f"^cannot tell whether a {name} has changed; pass pla"):
            code_digest(hidden)


@pytest.mark.parametrize("source", NO_DEF)
def test_what_is_no_plain_def_is_refused(cell, source):
    function = cell(f"import torch\n{source}")["f"]
    with pytest.raises(TypeError, match=r"(f|<lambda>) has changed; write it as a top-level def, "):
        code_digest(function)


@pytest.mark.parametrize(
    "change", [("LIST = [1]", "import torch\nLIST = torch.Generator()"), ("shift=1", "shift={1}")]
)
def test_what_may_change_unseen_in_a_module_is_refused(names, change):
    with pytest.raises(TypeError, match="cannot tell whether a "):
        code_digest(names("functions.py", *change)["run"])


def test_values_of_different_kinds_differ():
    values = [1, 1.0, True, "1", None, (1,), [1], {1: 1}, 1j, b"1", range(1)]
    values += [[[1], []], [[], [1]], max, torch, torch.relu, torch.exp, partial(min, 1)]
    values += [partial(max, 1), partial(max, 2), partial(max, x=1), partial(max, x=2)]
    values += [getattr(dropoutbook, name) for name in dropoutbook.__all__]
    assert len({code_digest(value) for value in values}) == len(values)


def test_it_is_the_same_in_another_process():
    program = """from dropoutbook.lab.code_digest import code_digest
from tests.lab.sweep_points import test_error
print(code_digest(test_error))"""
    command = [sys.executable, "-c", program]
    first, second = (subprocess.check_output(command, env={"PYTHONHASHSEED": n}) for n in "12")
    assert first == second


def test_a_new_version_of_a_library_is_seen(monkeypatch):
    before = code_digest(torch.relu)
    monkeypatch.setattr(module, "version", lambda name: "0.0")
    assert code_digest(torch.relu) != before


@pytest.mark.parametrize("name", ["dropoutbook", "mine"])
@pytest.mark.parametrize("folder", ["site-packages", "dist-packages", "here"])
def test_code_counts_unless_it_is_of_an_installed_library(tmp_path, monkeypatch, name, folder):
    path = tmp_path / folder / f"{name}.py"
    path.parent.mkdir()
    path.touch()
    os.utime(path, (0, 0))
    spec = SimpleNamespace(submodule_search_locations=None, origin=str(path))
    monkeypatch.setattr(module, "find_spec", lambda _: spec)
    assert file_of(name) == (path if name == "dropoutbook" or folder == "here" else None)
    assert file_of("json") is None


def test_the_process_started_before_the_module_is_loaded():
    before = time.time()
    assert run_path(module.__file__)["STARTED"] < before


def test_a_file_that_was_edited_after_the_start_of_the_process_is_refused(names, tmp_path):
    run, script = names()["run"], tmp_path / "script.py"
    script.write_text("def f(): ...")
    functions = {"script": run_path(script, run_name="__main__")["f"], "base": run}
    code_digest(run)
    os.utime(sys.modules["experiment.base"].__file__)
    for name, function in functions.items():
        with pytest.raises(RuntimeError, match=rf"{name}\.py was edited after this process start"):
            code_digest(function)
