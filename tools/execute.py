"""Runs notebooks in parallel and stores their outputs; a second run changes no byte.

python tools/execute.py chapters/*.ipynb
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Lock

import nbformat
from fingerprint import code_cells, fingerprint, outputs_digest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from tqdm import tqdm

from dropoutbook.lab.whole_file import write_whole

ROOT = Path(__file__).resolve().parents[1]
CELL_SECONDS = 600  # a busy laptop takes ten times what a free machine does
PARSING = Lock()  # ast.parse of Python 3.11 may fail where two threads call it at once
KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def execute(path: Path, bar: tqdm) -> str:
    """Stores the outputs of one notebook, or stores nothing and returns what went wrong."""
    read = path.read_text("utf8")
    notebook = nbformat.reads(read, as_version=4)
    with PARSING:
        before = fingerprint(code_cells(notebook), ROOT)  # the code may be edited while it runs
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=CELL_SECONDS,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_executed=lambda **_: bar.update(),
    )
    try:
        client.execute()
        if path.read_text("utf8") != read:
            return f"{path}: was edited while it ran; the edit stays, no outputs are stored"
        store(notebook, path, before)
    except (CellExecutionError, CellTimeoutError, DeadKernelError, OSError) as error:
        return f"{path}: {error}"
    return ""


def store(notebook: nbformat.NotebookNode, path: Path, sha: str) -> None:
    kept = {name: notebook.metadata[name] for name in ("myst",) if name in notebook.metadata}
    digests = {"outputs": outputs_digest(notebook), "outputs_of": sha}
    notebook.metadata = nbformat.from_dict(KERNEL | kept | {"dropoutbook": digests})
    write_whole(path, nbformat.writes(notebook) + "\n")


def main(paths: list[Path]) -> int:
    if not paths:
        print("error: no notebooks in chapters/", file=sys.stderr)
        return 1
    os.environ["TQDM_DISABLE"] = "1"  # in the kernels: a bar is for a learner, not for the page
    cells = sum(len(code_cells(nbformat.read(path, as_version=4))) for path in paths)
    with (
        tqdm(total=cells, desc=f"{len(paths)} notebooks", unit="cell") as bar,
        ThreadPoolExecutor(os.cpu_count()) as pool,
    ):
        failures = [text for text in pool.map(partial(execute, bar=bar), paths) if text]
    print(*failures, sep="\n", file=sys.stderr, end="\n" if failures else "")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]]))
