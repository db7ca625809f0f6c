"""The archive of notebooks holds what they need, in the same bytes at every build."""

import ast
import re
from types import SimpleNamespace
from zipfile import ZipFile

import pytest
from bookpages.downloads import NAME, ROOT, contents, requirements, write

PINS = requirements(ROOT)


@pytest.fixture
def archive(tmp_path):
    write(SimpleNamespace(outdir=tmp_path, builder=SimpleNamespace(format="html")), None)
    return tmp_path / f"{NAME}.zip"


def test_every_notebook_and_every_module_is_in_it(archive):
    names = set(ZipFile(archive).namelist())
    wanted = {f"{NAME}/{path.name}" for path in ROOT.glob("chapters/*.ipynb")}
    wanted |= {f"{NAME}/{path.relative_to(ROOT)}" for path in ROOT.glob("dropoutbook/**/*.py")}
    assert len(wanted) > 50
    assert wanted <= names
    assert not [name for name in names if "__pycache__" in name]


def test_the_same_sources_give_the_same_bytes(archive, tmp_path):
    first = archive.read_bytes()
    write(SimpleNamespace(outdir=tmp_path, builder=SimpleNamespace(format="html")), None)
    assert archive.read_bytes() == first


def test_what_notebooks_import_is_pinned():
    code = [text.decode() for name, text in contents(ROOT).items() if name.endswith(".py")]
    trees = [ast.walk(ast.parse(text)) for text in code]
    nodes = [node for tree in trees for node in tree if isinstance(node, ast.ImportFrom)]
    packages = {node.module.split(".")[0] for node in nodes if node.module and not node.level}
    names = {"sklearn": "scikit-learn"}
    libraries = packages & {"numpy", "torch", "sympy", "scipy", "sklearn", "matplotlib", "joblib"}
    assert len(libraries) > 4
    for library in libraries:
        assert re.search(rf"^{names.get(library, library)}==", PINS, re.MULTILINE), library


@pytest.mark.parametrize("name", ["torch", "distributed", "jupyterlab", "ipykernel"])
def test_a_pin_is_that_of_the_book(name):
    texts = (ROOT / "requirements.txt").read_text() + (ROOT / "requirements-lab.txt").read_text()
    pin = re.search(rf"^{name}==\S+$", texts, re.MULTILINE)[0]
    assert pin in PINS.splitlines()
