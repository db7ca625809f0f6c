"""A file is whole: the old one until the new one is."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from dropoutbook.lab import whole_file
from dropoutbook.lab.whole_file import write_whole
from tests.full_disk import allow_files_of

ROOT = Path(__file__).parents[2]
OLD, NEW = "old\n" * 1000, "new\n" * 100_000
# what is done in a child process, which dies in it -> the moment of its death
KILLED = """
import os, signal, sys
from pathlib import Path
module, call = sys.argv[2:]
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
setattr({"os": os, "Path": Path}[module], call, die)
"""
RIGHT = "from dropoutbook.lab.whole_file import write_whole\n"
IN_PLACE = """
def write_whole(path, text):
    with path.open("w") as stream:
        stream.write(text)
        os.fsync(stream.fileno())
"""
WRITE = "write_whole(Path(sys.argv[1]), 'new\\n' * 100_000)\n"


@pytest.fixture
def path(tmp_path):
    (tmp_path / "a.txt").write_text(OLD)
    return tmp_path / "a.txt"


def killed(path, writer, *place):
    code = KILLED + writer + WRITE
    done = subprocess.run([sys.executable, "-c", code, str(path), *place], cwd=ROOT)
    return done.returncode == -signal.SIGKILL


def test_the_new_text_is_there_and_nothing_else(path):
    path.chmod(0o640)
    write_whole(path, NEW)
    assert path.read_text() == NEW
    assert path.stat().st_mode & 0o777 == 0o640
    write_whole(path.with_name("b.txt"), "é\r\n")
    assert path.with_name("b.txt").read_bytes() == b"\xc3\xa9\r\n"
    assert {file.name for file in path.parent.iterdir()} == {"a.txt", "b.txt"}


@pytest.mark.parametrize("place", [("os", "fsync"), ("Path", "replace")])
def test_a_kill_leaves_the_old_file(path, place):
    assert killed(path, RIGHT, *place)
    assert path.read_text() == OLD


def test_a_kill_in_a_write_in_place_is_caught(path):
    assert killed(path, IN_PLACE, "os", "fsync")
    assert path.read_text() != OLD


@pytest.mark.parametrize("text", ["'x' * 200_000", "'\\ud800'"])
def test_what_cannot_be_written_leaves_the_old_file_alone(path, text):
    """No file may grow beyond 100 kB here, as on a full disk; and a surrogate is no UTF-8."""
    code = f"import sys\nfrom pathlib import Path\n{RIGHT}write_whole(Path(sys.argv[1]), {text})"
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        cwd=ROOT,
        preexec_fn=partial(allow_files_of, 100_000),
        capture_output=True,
        text=True,
    )
    assert "File too large" in done.stderr or "surrogates not allowed" in done.stderr
    assert path.read_text() == OLD
    assert list(path.parent.iterdir()) == [path]


def test_threads_do_not_take_each_others_names(path):
    texts = [str(n) * 10_000 for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda text: write_whole(path, text), texts * 4))
    assert path.read_text() in texts
    assert list(path.parent.iterdir()) == [path]


def test_a_name_that_is_taken_is_left_alone(path, monkeypatch):
    """Two hosts on one disk may have the same number of a process."""
    monkeypatch.setattr(whole_file, "uuid4", lambda: SimpleNamespace(hex="0"))
    path.with_name(".a.txt.0.part").touch()
    with pytest.raises(FileExistsError):
        write_whole(path, NEW)
    assert path.read_text() == OLD
    assert path.with_name(".a.txt.0.part").exists()
