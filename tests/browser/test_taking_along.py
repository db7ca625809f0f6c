"""What readers take with them: one notebook, all notebooks, a page on paper."""

from zipfile import ZipFile

import nbformat
import pytest
from bookpages.downloads import NAME
from nbclient import NotebookClient

from tests.browser.test_pages import DESKTOP

WHERE = "import dropoutbook; print(dropoutbook.__file__)"


def download(page, address, text):
    page.set_viewport_size(DESKTOP)
    page.goto(f"{address}/chapters/errata.html")
    page.click(".dropdown-download-buttons > button")
    with page.expect_download() as download:
        page.click(f".dropdown-download-buttons a:has-text('{text}')")
    return download.value


def test_a_page_can_be_downloaded_as_a_notebook(page, server, root):
    found = download(page, server, ".ipynb")
    assert found.suggested_filename == "errata.ipynb"
    assert found.path().read_bytes() == (root / "chapters" / "errata.ipynb").read_bytes()


@pytest.mark.parametrize("name", ["errata", "standout"])
def test_all_notebooks_can_be_downloaded_and_run_as_they_are(page, server, tmp_path, name):
    with ZipFile(download(page, server, "all notebooks").path()) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / NAME
    notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(WHERE))
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    assert notebook.cells[-1].outputs[0].text.startswith(str(folder))
