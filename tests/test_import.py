"""What importing the package costs: what importing torch and NumPy costs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import dropoutbook

LIST_MODULES = """
import json, sys
import numpy.random, torch
before = set(sys.modules)
import dropoutbook
print(json.dumps([sorted(before), sorted(sys.modules)]))
"""


@pytest.fixture(scope="module")
def modules() -> list[list[str]]:
    """The modules loaded by torch and NumPy, and then with the package, in a fresh interpreter."""
    root = Path(dropoutbook.__file__).parents[1]
    run = [sys.executable, "-c", LIST_MODULES]
    return json.loads(subprocess.run(run, cwd=root, capture_output=True, check=True).stdout)


@pytest.mark.parametrize("name", ["sympy", "matplotlib", "scipy", "sklearn", "joblib"])
def test_heavy_libraries_are_not_imported(modules, name):
    before, after = modules
    assert "dropoutbook" in after
    assert name not in set(after) - set(before)


def test_only_its_own_modules_are_added(modules):
    before, after = modules
    added = set(after) - set(before)
    assert {name.partition(".")[0] for name in added} == {"dropoutbook"}


def test_neither_derivations_nor_experiments_are_imported(modules):
    _, after = modules
    assert "dropoutbook.layers.dropout" in after
    assert not {
        name for name in after if name.startswith(("dropoutbook.derive", "dropoutbook.lab"))
    }


def test_public_names_are_the_layers():
    assert dropoutbook.__all__ == sorted(dropoutbook.__all__)
    for name in dropoutbook.__all__:
        assert getattr(dropoutbook, name).__name__ == name


@pytest.mark.parametrize("folder", ["layers", "models"])
def test_a_folder_holds_exactly_the_files_of_the_public_names(folder):
    public = [getattr(dropoutbook, name).__module__.split(".") for name in dropoutbook.__all__]
    files = {path.stem for path in (Path(dropoutbook.__file__).parent / folder).glob("*.py")}
    assert files - {"__init__"} == {file for _, place, file in public if place == folder}
