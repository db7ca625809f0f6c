"""Builds the book, its PDF, the wheel and the sdist twice from nothing, and compares every byte.

python tools/same.py

Each build works in a copy of the folder as it is, at another place, with other times of its files
and in another time zone; both have the packages of .venv, and the one date, SOURCE_DATE_EPOCH.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from itertools import zip_longest
from pathlib import Path

from chromium import NoBrowser, executable
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
BUILT = ("html", "dist", "dropout-book.pdf")  # in _build
# Where the copy lies, the time of its files (None: that of copying), and the time zone
PLACES = {"one": (None, "UTC"), "another/place": (1_000_000_000, "Pacific/Kiritimati")}
SHOWN = 100  # characters of a line that differs


def sources(root: Path) -> list[Path]:
    """The files that git knows, and the new ones that it does not ignore."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    names = sorted(set(done.stdout.split("\0")) - {""})
    return [Path(name) for name in names if (root / name).is_file()]


def copy(root: Path, target: Path, seconds: int | None) -> None:
    """Copies the sources, and takes along the environment as a link."""
    for name in sources(root):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, target / name)
        if seconds is not None:
            os.utime(target / name, (seconds, seconds))
    (target / ".venv").symlink_to(root / ".venv")


def build(folder: Path, zone: str) -> Path:
    """Runs the verbs in a copy, whose own package is imported; returns where it has built."""
    command = [os.environ.get("MAKE", "make"), "--no-print-directory", "-o", ".venv/ready"]
    environment = os.environ | {"PYTHONPATH": str(folder), "TZ": zone}
    verbs = ["book", "pdf", "dist"]
    subprocess.run([*command, *verbs], cwd=folder, env=environment, check=True)
    return folder / "_build"


def files(root: Path, names: tuple[str, ...] = BUILT) -> dict[str, Path]:
    """All files in what was built, by their path in `root`; what is missing is an error."""
    found = {}
    for name in names:
        tree = [root / name] if (root / name).is_file() else sorted((root / name).rglob("*"))
        inside = {path.relative_to(root).as_posix(): path for path in tree if path.is_file()}
        if not inside:
            raise FileNotFoundError(f"nothing was built as {root / name}")
        found |= inside
    return found


def differences(one: dict[str, Path], other: dict[str, Path]) -> dict[str, str]:
    """How each file that is not the same in both differs, by its name."""
    found = dict.fromkeys(one.keys() - other.keys(), "only in the first build")
    found |= dict.fromkeys(other.keys() - one.keys(), "only in the second build")
    for name in one.keys() & other.keys():
        first, second = one[name].read_bytes(), other[name].read_bytes()
        if first != second:
            found[name] = first_difference(first, second)
    return dict(sorted(found.items()))


def first_difference(first: bytes, second: bytes) -> str:
    """The first line that differs, from shortly before where it does; of other files its place."""
    try:
        lines = [text.decode("utf8").split("\n") for text in (first, second)]
    except UnicodeDecodeError:
        pairs = enumerate(zip_longest(first, second))
        return f"from byte {next(i for i, (a, b) in pairs if a != b)} on"
    pairs = enumerate(zip_longest(*lines, fillvalue=""), 1)
    number, (a, b) = next((i, pair) for i, pair in pairs if pair[0] != pair[1])
    alike = next((i for i, (c, d) in enumerate(zip_longest(a, b)) if c != d), 0)
    start = max(alike - SHOWN // 2, 0)
    return f"line {number}\n    {a[start:][:SHOWN]}\n    {b[start:][:SHOWN]}"


def verdict(one: dict[str, Path], other: dict[str, Path]) -> int:
    """Prints what differs and how many files do not; returns the exit status."""
    found = differences(one, other)
    for name, how in found.items():
        print(f"{name}: {how}")
    same = len(one.keys() & other.keys()) - len(found.keys() & one.keys() & other.keys())
    print(f"{same} files are the same in both builds, {len(found)} differ")
    return 1 if found else 0


def main() -> int:
    try:
        with sync_playwright() as playwright:
            executable(playwright)
    except NoBrowser as error:
        print(f"error: the PDFs cannot be compared: {error}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as place:
        built = []
        for name, (seconds, zone) in PLACES.items():
            folder = Path(place) / name
            folder.mkdir(parents=True)
            copy(ROOT, folder, seconds)
            built.append(files(build(folder, zone)))
        return verdict(*built)


if __name__ == "__main__":
    sys.exit(main())
