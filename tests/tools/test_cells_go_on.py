"""A cell that runs out of time hides no difference in the cells behind it."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
CELLS = {
    "import time; time.sleep(60)": "",
    "print('right')": "right\n",
    "print('wrong')": "right\n",
}


@pytest.mark.parametrize(
    ("plugin", "counts"),
    [(["-p", "tools.cells_go_on"], "2 failed, 1 passed"), ([], "1 failed, 1 xfailed, 1 xpassed")],
)
def test_cells_behind_a_time_out_count(tmp_path, plugin, counts):
    cells = []
    for count, (code, text) in enumerate(CELLS.items(), start=1):
        outputs = [nbformat.v4.new_output("stream", text=text)] if text else []
        cells.append(nbformat.v4.new_code_cell(code, outputs=outputs, execution_count=count))
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "n.ipynb")
    command = [sys.executable, "-m", "pytest", *plugin, "--nbval", "--nbval-current-env"]
    done = subprocess.run(
        [*command, "--nbval-cell-timeout=5", "-p", "no:cacheprovider", "n.ipynb"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": "-p no:randomly"},
        capture_output=True,
        text=True,
    )
    assert counts in done.stdout, done.stdout
