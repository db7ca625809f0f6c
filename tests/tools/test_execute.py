"""Outputs hold nothing that changes from run to run, and those of a failed run are not stored."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "execute.py"

CODE = ["x = 1\nprint(x)", "x + 1"]


def execute(*paths):
    return subprocess.run([sys.executable, SCRIPT, *paths], capture_output=True, text=True)


@pytest.fixture
def write(tmp_path):
    def write(*code):
        cells = [nbformat.v4.new_code_cell(c, id=f"c{i}") for i, c in enumerate(code)]
        notebook = nbformat.v4.new_notebook(cells=cells, metadata={"myst": {"a": 1}, "widgets": {}})
        nbformat.write(notebook, tmp_path / "n.ipynb")
        return tmp_path / "n.ipynb"

    return write


def test_outputs_are_stored_and_a_second_run_changes_no_byte(write):
    path = write(*CODE)
    assert execute(path).returncode == 0
    first = path.read_bytes()
    notebook = nbformat.read(path, as_version=4)
    assert [cell.outputs[0].get("text", "") for cell in notebook.cells] == ["1\n", ""]
    assert set(notebook.metadata) == {"dropoutbook", "kernelspec", "language_info", "myst"}
    assert execute(path).returncode == 0
    assert path.read_bytes() == first


def test_a_failing_cell_is_reported_and_nothing_is_stored(write):
    path = write("1 / 0")
    before = path.read_bytes()
    done = execute(path)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    assert path.read_bytes() == before


def test_no_notebook_is_an_error():
    done = execute()
    assert done.returncode == 1
    assert "no notebooks" in done.stderr
