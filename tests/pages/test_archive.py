"""The archive of notebooks, unpacked elsewhere: each notebook runs, with the package beside it."""

from pathlib import Path
from zipfile import ZipFile

import nbformat
import pytest
from bookpages.downloads import NAME
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
ARCHIVE = ROOT / "_build" / "html" / f"{NAME}.zip"
NOTEBOOKS = sorted(path.name for path in ROOT.glob("chapters/*.ipynb"))
WHERE = "import dropoutbook\nprint(dropoutbook.__file__)"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("elsewhere")
    with ZipFile(ARCHIVE) as archive:
        archive.extractall(target)
    return target / NAME


def run(path: Path) -> str:
    """Runs a notebook where it lies, and returns where it has the package from."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(WHERE))
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": path.parent}}).execute()
    return notebook.cells[-1].outputs[0].text.strip()


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs(folder: Path, name: str):
    assert Path(run(folder / name)).is_relative_to(folder)
