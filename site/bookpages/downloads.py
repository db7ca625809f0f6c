"""All notebooks in one archive that runs as it is, and its entry among the downloads of each page.

The notebooks lie beside the package they import, with what else they read and the pinned versions
of the libraries that compute. The same sources give the same bytes.
"""

import re
import tomllib
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[2]
NAME = "dropout-book-notebooks"
KEPT = ["chapters/*.ipynb", "chapters/*.toml", "dropoutbook/**/*.py", "dropoutbook/py.typed"]
KEPT += ["studies/*.json", "benchmarks/results.json", "LICENSE", "LICENSE-TEXT"]
PINS = ("requirements.txt", "requirements-lab.txt")
TOOLS = {"ipykernel", "jupyterlab"}
README = """\
# The notebooks of The Dropout Book

    python -m venv .venv
    .venv/bin/pip install -r requirements.txt
    .venv/bin/jupyter lab

needs Python 3.11, 3.12 or 3.13 and opens this folder in JupyterLab. The package `dropoutbook` lies
beside the notebooks, so that each finds it. Code: BSD 3-Clause (`LICENSE`); text and figures:
CC BY 4.0 (`LICENSE-TEXT`).
"""


def contents(root: Path) -> dict[str, bytes]:
    """The files of the archive by name; notebooks and what they read are not in a folder."""
    paths = sorted(path for pattern in KEPT for path in root.glob(pattern))
    files = {
        str(path.relative_to(root)).removeprefix("chapters/"): path.read_bytes() for path in paths
    }
    return files | {"requirements.txt": requirements(root).encode(), "README.md": README.encode()}


def requirements(root: Path) -> str:
    """The pins of the package's own dependencies, of those of the book, and of JupyterLab."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf8"))["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["book"]
    names = {name for one in wanted for name in re.findall(r"[\w.-]+", one.partition(">")[0])}
    texts = [(root / name).read_text("utf8") for name in PINS]
    pins = [
        line for text in texts for line in text.splitlines() if line.split("==")[0] in names | TOOLS
    ]
    return "\n".join(sorted(pins)) + "\n"


def write(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    with ZipFile(Path(app.outdir) / f"{NAME}.zip", "w", ZIP_DEFLATED) as archive:
        for name, text in sorted(contents(ROOT).items()):
            file = ZipInfo(f"{NAME}/{name}")  # of 1980, whenever it is written
            file.external_attr = 0o644 << 16
            archive.writestr(file, text, ZIP_DEFLATED)


def add_button(app: Sphinx, page: str, template: str, context: dict, doctree) -> None:
    for group in context.get("header_buttons", []):
        if group.get("label") == "download-buttons":
            group["buttons"].insert(
                1,
                {
                    "type": "link",
                    "url": context["pathto"](f"{NAME}.zip", resource=True),
                    "text": "all notebooks",
                    "tooltip": "Download all notebooks and the package, as a zip file",
                    "icon": "fas fa-file-archive",
                    "label": "download-all-button",
                },
            )


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", add_button, priority=600)  # after the theme's own buttons
    app.connect("build-finished", write)
