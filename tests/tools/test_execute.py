"""Outputs hold nothing that changes from run to run, and those of a failed run are not stored."""

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import nbformat
import pytest

from tests.full_disk import allow_files_of

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "execute.py"

CODE = ["x = 1\nprint(x)", "x + 1"]


def execute(*paths, **options):
    command = [sys.executable, SCRIPT, *paths]
    return subprocess.run(command, capture_output=True, text=True, **options)


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


def test_an_edit_while_it_runs_stays_and_no_outputs_are_stored(write):
    path = write("open('n.ipynb', 'a').write(' ')")
    before = path.read_bytes()
    done = execute(path)
    assert done.returncode == 1
    assert f"{path}: was edited while it ran; the edit stays" in done.stderr
    assert path.read_bytes() == before + b" "


def test_a_full_disk_leaves_the_old_notebook_and_stores_the_others(write, tmp_path):
    """No file may grow beyond a megabyte here."""
    small, large = write("1 + 1").rename(tmp_path / "small.ipynb"), write("'x' * 2_000_000")
    before = large.read_bytes()
    done = execute(large, small, preexec_fn=partial(allow_files_of, 2**20))
    assert done.returncode == 1
    assert f"{large}: [Errno 27] File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert large.read_bytes() == before
    assert nbformat.read(small, as_version=4).cells[0].outputs
    assert {file.name for file in tmp_path.iterdir()} == {"small.ipynb", "n.ipynb"}


def test_a_kill_while_it_stores_leaves_the_old_notebook(write):
    path = write(*CODE)
    before = path.read_bytes()
    kill = (
        "import os, runpy, signal, sys; os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    run = (
        "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], None, '__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", kill + run, SCRIPT, path],
        env=os.environ | {"PYTHONPATH": str(SCRIPT.parent)},
    )
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() == before


def test_no_notebook_is_an_error():
    done = execute()
    assert done.returncode == 1
    assert "no notebooks" in done.stderr
