"""The wheel and the sdist hold the package, whole and alone, and the wheel works elsewhere."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md")
GONE, STRAYS = "dropoutbook/gone.py", ("dropoutbook/layers/.dropout.py.swp", "dropoutbook/a.py~")


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> tuple[Path, Path]:
    """The wheel and the sdist of a copy where a module was deleted and an editor left its files."""
    folder = tmp_path_factory.mktemp("package")
    for name in (*FILES, "Makefile"):
        shutil.copy(ROOT / name, folder)
    for name in ("dropoutbook", "tests"):
        ignored = shutil.ignore_patterns("__pycache__", ".*", "*~")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    (folder / GONE).touch()
    assert GONE in names_in(dist(folder)[0])
    (folder / GONE).unlink()
    for name in STRAYS:
        (folder / name).touch()
    return dist(folder)


def dist(folder: Path) -> tuple[Path, Path]:
    command = ["make", "dist", "-o", ".venv/ready", f"BIN={Path(sys.executable).parent}"]
    date = {"SOURCE_DATE_EPOCH": "1600000000"}
    subprocess.run(command, cwd=folder, env=os.environ | date, check=True, capture_output=True)
    (wheel,), (sdist,) = (folder.glob(f"_build/dist/*{end}") for end in (".whl", ".tar.gz"))
    return wheel, sdist


def names_in(wheel: Path) -> set[str]:
    with ZipFile(wheel) as opened:
        return set(opened.namelist())


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("installed")
    with ZipFile(built[0]) as wheel:
        wheel.extractall(target)  # which is what pip does with a wheel of pure Python
    return target


def run(installed: Path, code: str) -> subprocess.CompletedProcess:
    environment = os.environ | {"PYTHONPATH": str(installed)}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=installed, env=environment, capture_output=True, text=True)


def test_the_wheel_holds_the_package_and_nothing_else(built):
    names = {name for name in names_in(built[0]) if ".dist-info/" not in name}
    modules = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("dropoutbook/**/*.py")}
    assert names == modules | {"dropoutbook/py.typed"}


def test_the_sdist_holds_what_makes_the_wheel_and_no_tests(built):
    with tarfile.open(built[1]) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    package = {name for name in names_in(built[0]) if ".dist-info/" not in name}
    assert names == package | {*FILES, "PKG-INFO"}


def test_a_second_build_in_another_place_makes_the_same_bytes(built, tmp_path):
    with tarfile.open(built[1]) as sdist:
        sdist.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()
    shutil.copy(ROOT / "Makefile", folder)
    os.utime(folder / "dropoutbook" / "__init__.py", (1e9, 1e9))
    assert [path.read_bytes() for path in dist(folder)] == [path.read_bytes() for path in built]


def test_the_metadata_tell_what_it_is(installed):
    (path,) = installed.glob("*.dist-info/METADATA")
    head, _, text = path.read_text("utf8").partition("\n\n")
    for field in ("Summary", "Keywords", "Classifier", "License-Expression", "Requires-Python"):
        assert re.search(rf"^{field}: \S", head, re.MULTILINE), field
    assert "Requires-Dist: torch>=2.8\n" in head
    assert "Project-URL" not in head  # while there is no address
    assert text.startswith("# The Dropout Book")


def test_the_example_of_the_readme_runs_from_the_wheel(installed):
    source = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf8"), re.DOTALL)[1]
    done = run(installed, source + "\nimport dropoutbook\nprint(dropoutbook.__file__)")
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_relative_to(installed)


@pytest.mark.parametrize(("part", "library"), [("derive", "sympy"), ("lab", "scipy")])
def test_what_needs_the_extra_says_so(installed, part, library):
    hide = f"""
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == {library!r} else find(name, *rest)
import dropoutbook.{part}
"""
    done = run(installed, hide)
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: ")
    assert 'pip install "dropoutbook[book]"' in last
