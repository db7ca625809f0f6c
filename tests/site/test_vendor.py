"""What others made lies in the repository byte by byte as they released it."""

import hashlib
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# sha256sum of each file; after a new release: find vendor -type f | sort | xargs sha256sum
LIST = Path(__file__).with_name("vendor.sha256").read_text()
LISTED = dict(reversed(line.split()) for line in LIST.splitlines())


def changed(root: Path) -> set[str]:
    """The files that are not as listed, are missing, or are not listed."""
    files = (path for path in (root / "vendor").rglob("*") if path.is_file())
    found = {str(f.relative_to(root)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}
    return {name for name in found | LISTED if found.get(name) != LISTED.get(name)}


def test_files_of_others_are_as_released():
    assert LISTED
    assert changed(ROOT) == set()


@pytest.mark.parametrize("name", ["katex.min.css", "fonts/KaTeX_AMS-Regular.woff2", "new.js"])
def test_another_byte_and_another_file_are_noticed(tmp_path, name):
    shutil.copytree(ROOT / "vendor", tmp_path / "vendor")
    with (tmp_path / "vendor" / "katex" / name).open("ab") as stream:
        stream.write(b"}")
    assert changed(tmp_path) == {f"vendor/katex/{name}"}


def test_a_missing_file_is_noticed(tmp_path):
    shutil.copytree(ROOT / "vendor", tmp_path / "vendor")
    (tmp_path / "vendor" / "katex" / "LICENSE").unlink()
    assert changed(tmp_path) == {"vendor/katex/LICENSE"}
