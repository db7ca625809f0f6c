"""The fingerprint changes with what can change an output, and with nothing else."""

import ast
import json
import shutil
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import nbformat
import pytest
from fingerprint import (
    LIBRARIES,
    code_cells,
    fingerprint,
    outputs_digest,
    parsed,
    reached_by,
)

from dropoutbook.lab import reached_code
from dropoutbook.lab.reached_code import imports

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = {path.stem: path for path in sorted(ROOT.glob("chapters/*.ipynb"))}
CELLS = "from dropoutbook import Layer\nfrom dropoutbook.lab import train\n%config X = 1"
FILES = {
    "cells": f"{CELLS}\ntrain(3)  # three\nload('claims.toml', 'runs/results.json')\n",
    "chapters/claims.toml": "n = 1",
    "chapters/other.toml": "n = 1",
    "runs/results.json": "1",
    "requirements.txt": "# pins\ntorch==2.13.0\nruff==0.17.6\n",
    "dropoutbook/__init__.py": '"""Layers."""\nfrom .layers.near import A as Layer\n'
    'from .layers.far import Far\n__all__ = ["Far", "Layer"]\n',
    "dropoutbook/layers/__init__.py": "from .every import *\n",
    "dropoutbook/layers/every.py": "X = 1\n",
    "dropoutbook/layers/near.py": "A = B = 1\n",
    "dropoutbook/layers/far.py": "class Far: ...\n",
    "dropoutbook/lab/__init__.py": "from dropoutbook.lab.train import train\n",
    "dropoutbook/lab/step.py": "STEP = 1\n",
    "dropoutbook/lab/apart.py": "",
    "dropoutbook/lab/train.py": '"""Trains."""\nfrom ..lab import step\n\ndef train(n):\n'
    '    """Trains n times."""\n    return n + step.STEP\n',
}
MODULES = [name for name in FILES if name.endswith(".py")]
TRAIN, TOP = "dropoutbook/lab/train.py", "dropoutbook/__init__.py"
# what changes -> the file, the text that changes, and into what
MATTERS = {
    "a cell": ("cells", "train(3)", "train(4)"),
    "a line that only IPython reads": ("cells", "%config X = 1", "%config X = 2"),
    "an operator": (TRAIN, "n + step", "n - step"),
    "a module two imports away": ("dropoutbook/lab/step.py", "STEP = 1", "STEP = 2"),
    "the module of a name that a package hands on": ("dropoutbook/layers/near.py", "1", "2"),
    "what a package hands on": (TOP, "A as Layer", "B as Layer"),
    "the code of a package": (TOP, "from .layers.near", "import math\nfrom .layers.near"),
    "the code of a package around a module": ("dropoutbook/layers/__init__.py", "\n", "\nX = 1\n"),
    "all that a package hands on": ("dropoutbook/layers/every.py", "X = 1", "X = 2"),
    "a data file that a cell names": ("chapters/claims.toml", "1", "2"),
    "a data file with its folder": ("runs/results.json", "1", "2"),
    "a library that computes": ("requirements.txt", "torch==2.13.0", "torch==2.13.1"),
}
DOES_NOT = {
    "a comment of a cell": ("cells", "(3)  # three", "( 3 )"),
    "a docstring": (TRAIN, "Trains n times", "Trains it n times"),
    "no docstring": (TRAIN, '"""Trains."""\n', ""),
    "a comment": (TRAIN, "STEP\n", "STEP  # one\n\n"),
    "a module that nothing imports": ("dropoutbook/lab/apart.py", "", "STEP = 3\n"),
    "the module of another name of the package": ("dropoutbook/layers/far.py", "...", "x = 1"),
    "another name of the package": (TOP, "import Far", "import Far, More"),
    "the list of all names": (TOP, '"Far", ', ""),
    "a data file that no cell names": ("chapters/other.toml", "1", "2"),
    "a library that does not compute": ("requirements.txt", "ruff==0.17.6", "ruff==0.17.7"),
}
# a change -> a wrong way to read modules that mistakes it: digest, imports, names handed on
MUTANTS = {
    "a module two imports away": lambda d, i, n: (d, [], n),
    "the code of a package around a module": lambda d, i, n: ("", i, n),
    "what a package hands on": lambda d, i, n: (d, i, {name: (n[name][0], "") for name in n}),
    "the module of another name of the package": lambda d, i, n: (d, [*i, *n.values()], n),
}


@pytest.fixture
def root(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def seen(root, change):
    """Whether a change of a file changes the fingerprint."""
    name, old, new = change
    text, before = (root / name).read_text(), fingerprint([(root / "cells").read_text()], root)
    assert old in text
    (root / name).write_text(text.replace(old, new, 1))
    return fingerprint([(root / "cells").read_text()], root) != before


@pytest.mark.parametrize("change", MATTERS.values(), ids=MATTERS)
def test_what_can_change_an_output_changes_the_fingerprint(root, change):
    assert seen(root, change)


@pytest.mark.parametrize("change", DOES_NOT.values(), ids=DOES_NOT)
def test_what_cannot_change_an_output_does_not(root, change):
    assert not seen(root, change)


@pytest.mark.parametrize("mistaken", MUTANTS)
def test_a_wrong_digest_is_caught(root, monkeypatch, mistaken):
    read = reached_code._read
    monkeypatch.setattr(reached_code, "_read", lambda *parts: MUTANTS[mistaken](*read(*parts)))
    assert seen(root, (MATTERS | DOES_NOT)[mistaken]) != (mistaken in MATTERS)


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("from dropoutbook.lab.apart import x", {"", ".lab", ".lab.apart"}),
        ("import dropoutbook.lab.apart as apart", {"", ".lab", ".lab.apart"}),
        ("def f():\n    from dropoutbook.lab import apart", {"", ".lab", ".lab.apart"}),
        ("from dropoutbook import lab", {"", ".lab", ".lab.apart", ".lab.step", ".lab.train"}),
        ("from dropoutbook import Far", {"", ".layers", ".layers.every", ".layers.far"}),
    ],
)
def test_a_cell_reaches_what_it_imports(root, cell, names):
    reached = {name for name in reached_by([cell], root) if ":" not in name}
    assert reached == {f"dropoutbook{name}" for name in names}


@pytest.mark.parametrize(
    "cell", ["import dropoutbook", "import dropoutbook.lab", "from dropoutbook import *"]
)
def test_a_whole_package_reaches_all_of_its_modules_and_names(root, cell):
    names = reached_by([cell], root)
    assert len([name for name in names if ":" not in name]) == len(MODULES)
    assert names["dropoutbook:Layer"] == "dropoutbook.layers.near:A"


@pytest.mark.parametrize(
    ("edited", "stale"),
    [
        ("layers/recurrent/steps.py", {"recurrence"}),
        ("layers/spatial_dropout.py", {"convolution"}),
        ("layers/parts/mask.py", {*CHAPTERS} - {"errata", "performance"}),
    ],
)
def test_a_change_of_a_layer_makes_its_chapters_stale_and_no_others(tmp_path, edited, stale):
    shutil.copytree(ROOT / "dropoutbook", tmp_path / "dropoutbook")
    cells = {
        name: code_cells(json.loads(path.read_text("utf8"))) for name, path in CHAPTERS.items()
    }
    before = {name: reached_by(code, tmp_path) for name, code in cells.items()}
    with (tmp_path / "dropoutbook" / edited).open("a") as stream:
        stream.write("\nEDITED = True\n")
    assert {name for name in cells if reached_by(cells[name], tmp_path) != before[name]} == stale


def test_the_fingerprint_is_the_same_on_every_python(root):
    """A constant that was computed once: versions of Python must agree on it."""
    cells = [
        "def f(x: int = 1, *a, k=2.5, **b) -> str:\n    return f'{x!r:>{k}} {a}' if x else ...\n"
    ]
    stored = "74ff84999106e757b0ea9d37d7af3e50d4c473d9c80a12a6d89497f1dbb1d7d6"
    assert fingerprint(cells, root) == stored
    assert fingerprint(cells * 2, root) != stored


def test_every_library_that_computes_is_pinned():
    text = (ROOT / "requirements.txt").read_text("utf8")
    assert all(f"\n{name}==" in text for name in LIBRARIES)


def test_no_library_that_computes_is_forgotten():
    cells = [
        cell for path in CHAPTERS.values() for cell in code_cells(json.loads(path.read_text()))
    ]
    trees = [parsed(cell) for cell in cells]
    trees += [ast.parse(path.read_text("utf8")) for path in ROOT.glob("dropoutbook/**/*.py")]
    names = {name.partition(".")[0] for tree in trees for name, _ in imports(tree, "dropoutbook")}
    fetches = {"pooch"}  # files whose digests are checked
    outside = names - sys.stdlib_module_names - {"dropoutbook", "benchmarks"} - fetches
    known = packages_distributions()
    assert {each.lower() for name in outside for each in known[name]} <= LIBRARIES


@pytest.mark.parametrize("path", CHAPTERS.values(), ids=CHAPTERS)
def test_stored_outputs_belong_to_the_present_code(path):
    notebook = nbformat.read(path, as_version=4)
    stored = notebook.metadata.get("dropoutbook", {})
    stale = f"outputs of {path.name} are older than its code or what it imports; run make execute"
    assert stored.get("outputs_of") == fingerprint(code_cells(notebook), ROOT), stale
    edited = f"outputs of {path.name} are not those that were stored; run make execute"
    assert stored.get("outputs") == outputs_digest(notebook), edited


@pytest.mark.parametrize(
    "edit",
    [
        lambda outputs: outputs[1].data.update({"image/png": "other"}),
        lambda outputs: outputs[0].update(text="other"),
        lambda outputs: outputs.reverse(),
        lambda outputs: outputs.pop(),
    ],
)
def test_an_output_that_is_edited_or_exchanged_changes_the_digest(edit):
    data = {"image/png": "iVBO", "text/plain": "<Figure>"}
    outputs = [
        nbformat.v4.new_output("stream", text="1"),
        nbformat.v4.new_output("display_data", data=data),
    ]
    cell = nbformat.v4.new_code_cell(outputs=outputs)
    notebook = nbformat.v4.new_notebook(cells=[cell])
    before = outputs_digest(notebook)
    edit(cell.outputs)
    assert outputs_digest(notebook) != before
