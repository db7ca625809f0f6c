"""The fingerprint changes with what can change an output, and with nothing else."""

import json
from pathlib import Path

import pytest
from fingerprint import code_cells, fingerprint, pins, reached

ROOT = Path(__file__).resolve().parents[2]
CELLS = ["from dropoutbook.lab import train\n%config X = 1", "train(3)  # three"]
FILES = {
    "requirements.txt": "# pins\ntorch==2.13.0\nruff==0.17.6\n",
    "dropoutbook/__init__.py": "",
    "dropoutbook/far.py": "STEP = 1\n",
    "dropoutbook/apart.py": "",
    "dropoutbook/lab/__init__.py": "from dropoutbook.lab.train import train\n",
    "dropoutbook/lab/near.py": "from ..far import STEP\n",
    "dropoutbook/lab/train.py": '''"""Trains."""
from . import near


def train(n):
    """Trains n times."""
    return n + near.STEP
''',
}
MATTERS = [
    ("dropoutbook/lab/train.py", "n + near", "n - near"),
    ("dropoutbook/far.py", "STEP = 1", "STEP = 2"),
    ("dropoutbook/__init__.py", "", "import math\n"),
    ("requirements.txt", "torch==2.13.0", "torch==2.13.1"),
]
DOES_NOT = [
    ("dropoutbook/lab/train.py", "Trains n times", "Trains it n times"),
    ("dropoutbook/lab/train.py", '"""Trains."""\n', ""),
    ("dropoutbook/lab/train.py", "STEP\n", "STEP  # one\n\n"),
    ("dropoutbook/apart.py", "", "STEP = 3\n"),
    ("requirements.txt", "ruff==0.17.6", "ruff==0.17.7"),
]


@pytest.fixture
def root(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def edit(root, name, old, new):
    text = (root / name).read_text()
    assert old in text
    (root / name).write_text(text.replace(old, new, 1))


@pytest.mark.parametrize("change", MATTERS)
def test_what_can_change_an_output_changes_the_fingerprint(root, change):
    before = fingerprint(CELLS, root)
    edit(root, *change)
    assert fingerprint(CELLS, root) != before


@pytest.mark.parametrize("change", DOES_NOT)
def test_what_cannot_change_an_output_does_not(root, change):
    before = fingerprint(CELLS, root)
    edit(root, *change)
    assert fingerprint(CELLS, root) == before


@pytest.mark.parametrize(
    "cells",
    [
        CELLS[:1],
        CELLS[::-1],
        [CELLS[0], "train(4)"],
        [CELLS[0].replace("X = 1", "X = 2"), CELLS[1]],
    ],
)
def test_other_cells_have_another_fingerprint(root, cells):
    assert fingerprint(cells, root) != fingerprint(CELLS, root)


def test_comments_of_a_cell_do_not_count(root):
    assert fingerprint([CELLS[0], "train( 3 )"], root) == fingerprint(CELLS, root)


def test_modules_are_found_through_packages_and_relative_imports(root):
    names = {"", ".far", ".lab", ".lab.near", ".lab.train"}
    assert set(reached(CELLS, root)) == {f"dropoutbook{name}" for name in names}


def test_a_submodule_is_found_by_its_plain_import(root):
    assert "dropoutbook.far" in reached(["import dropoutbook.far as far"], root)


def test_imports_inside_functions_count(root):
    assert "dropoutbook.far" in reached(["def f():\n    from dropoutbook import far"], root)


def test_the_fingerprint_is_the_same_on_every_python(root):
    """A constant that was computed once: versions of Python must agree on it."""
    cells = [
        "def f(x: int = 1, *a, k=2.5, **b) -> str:\n    return f'{x!r:>{k}} {a}' if x else ...\n"
    ]
    stored = "1067dc89993e0ecfa8ddca0a2f6087f3c11076407793a555bfc5700355826b79"
    assert fingerprint(cells, root) == stored


def test_every_library_that_computes_is_pinned():
    assert len(pins((ROOT / "requirements.txt").read_text())) == 6


@pytest.mark.parametrize("path", sorted(ROOT.glob("chapters/*.ipynb")), ids=lambda p: p.name)
def test_stored_outputs_belong_to_the_present_code(path):
    notebook = json.loads(path.read_text(encoding="utf8"))
    stored = notebook["metadata"].get("dropoutbook", {}).get("outputs_of")
    stale = f"outputs of {path.name} are older than its code or what it imports; run make execute"
    current = fingerprint(code_cells(notebook), ROOT)
    assert stored == current, stale
