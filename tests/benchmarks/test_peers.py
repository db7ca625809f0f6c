"""A peer is loaded as it is installed, or absent with the reason; none is needed for the tests."""

import json
import sys
from pathlib import Path

import pytest

from benchmarks import peers
from benchmarks.row import Absent

MISSING = "no_package_of_that_name"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package that does not import, with files that do."""
    folder = tmp_path / "broken_peer"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise RuntimeError('built for CUDA\\nand more')")
    (folder / "alone.py").write_text("def answer():\n    return 42\n")
    (folder / "beside.py").write_text("from .log import once\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield "broken_peer"
    peers.load.cache_clear()
    peers.load_file.cache_clear()


def test_a_peer_that_is_not_installed_is_absent_with_the_reason():
    with pytest.raises(Absent, match=f"ModuleNotFoundError: No module named '{MISSING}'"):
        peers.load(MISSING)
    with pytest.raises(Absent, match=f"ModuleNotFoundError: No module named '{MISSING}'"):
        peers.load_file(MISSING, "some/file.py")


def test_a_peer_whose_import_fails_is_absent_with_the_first_line_of_the_reason(package):
    with pytest.raises(Absent, match=r"^RuntimeError: built for CUDA$"):
        peers.load(package)


def test_one_file_loads_where_its_package_does_not(package):
    assert peers.load_file(package, "alone.py").answer() == 42


def test_what_a_file_needs_of_its_package_is_there_while_it_loads_and_gone_afterwards(
    package, monkeypatch
):
    with pytest.raises(Absent):
        peers.load_file(package, "beside.py")
    peers.load_file.cache_clear()
    stubs = {package: peers._module(package), f"{package}.log": peers._module("log", once=1)}
    monkeypatch.setattr(peers, "STUBS", {package: stubs})
    assert peers.load_file(package, "beside.py").once == 1
    assert not stubs.keys() & sys.modules.keys()


def test_a_function_that_does_not_compile_is_absent(monkeypatch):
    def fails(function, dynamic):
        def call(x):
            raise RuntimeError("No working C++ compiler found")

        return call

    monkeypatch.setattr(peers.torch, "compile", fails)
    with pytest.raises(Absent, match="RuntimeError: No working C\\+\\+ compiler found"):
        peers.compiled(abs, 1.0)


def test_every_peer_is_pinned_and_none_is_a_package_of_the_book():
    lines = peers.REQUIREMENTS.read_text("utf8").splitlines()
    pins = [line.split("==") for line in lines if line and not line.startswith("#")]
    assert all(len(pin) == 2 and all(pin) for pin in pins)
    book = Path(__file__).parents[2].joinpath("requirements.txt").read_text("utf8").lower()
    assert not [name for name, _ in pins if f"\n{name.lower()}==" in book]


def test_versions_name_what_is_absent(tmp_path):
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(f"# peers\n{MISSING.replace('_', '-')}==1.0\nnumpy==1.0\n")
    found = peers.versions(requirements)
    assert found[MISSING.replace("_", "-")] == "absent"
    assert found["numpy"] not in ("absent", "1.0")
    assert json.dumps(found)
