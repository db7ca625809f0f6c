"""The page of the package holds every public object."""

import inspect
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from bs4 import BeautifulSoup

import dropoutbook
import dropoutbook.derive
import dropoutbook.lab

PAGE = Path(__file__).resolve().parents[2] / "_build" / "html" / "chapters" / "api.html"
LAB = [module.name for module in iter_modules(dropoutbook.lab.__path__, "dropoutbook.lab.")]


@pytest.fixture(scope="module")
def entries():
    """The text of each object's entry, by its name."""
    soup = BeautifulSoup(PAGE.read_text(encoding="utf8"), "html.parser")
    return {entry["id"]: entry.parent.dd.get_text().strip() for entry in soup.select("dt.sig[id]")}


def public(module):
    """The functions and classes that a module of the lab defines for others."""
    return [
        f"{module.__name__}.{name}"
        for name, value in vars(module).items()
        if (inspect.isfunction(value) or inspect.isclass(value)) and not name.startswith("_")
        if value.__module__ == module.__name__
    ]


@pytest.mark.parametrize("package", [dropoutbook, dropoutbook.derive], ids=lambda p: p.__name__)
def test_every_public_name_is_there_and_explained(entries, package):
    names = [f"{package.__name__}.{name}" for name in package.__all__]
    assert names
    assert [name for name in names if not entries.get(name)] == []


@pytest.mark.parametrize("name", LAB)
def test_every_module_of_the_lab_is_there_and_explained(entries, name):
    names = public(import_module(name))
    assert names
    assert [name for name in names if not entries.get(name)] == []
