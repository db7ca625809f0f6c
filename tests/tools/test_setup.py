"""Set-up that cannot work says so in one line and leaves nothing that counts as ready."""

import re
import shutil
import socket
import subprocess
import sys
import sysconfig
from importlib.metadata import distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# pip makes the environment, the CUDA libraries come with torch's default wheel on Linux
UNPINNED = re.compile(r"pip|dropoutbook|nvidia-.*|cuda-.*|triton")


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.fixture
def make(tmp_path):
    for name in (
        "Makefile",
        "tools/setup.sh",
        "requirements.txt",
        "requirements.lock",
        "pyproject.toml",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    for name in ("chapters", "dropoutbook", "site", "vendor"):
        (tmp_path / name).mkdir()

    def make(python, **environment):
        script = tmp_path / "a python"
        script.write_text(python)
        script.chmod(0o755)
        command = ["make", ".venv/ready", f"PYTHON={script}"]
        environment = {"PATH": "/usr/bin:/bin"} | environment
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert not (tmp_path / ".venv/packages").exists()
        assert not (tmp_path / ".venv/ready").exists()
        return done.returncode, [line for line in done.stderr.splitlines() if "make:" not in line]

    return make


def test_an_old_python(make):
    code, lines = make("#!/bin/sh\nexit 1\n")
    assert code != 0
    assert len(lines) == 1
    assert "Python 3.11, 3.12 or 3.13 is needed" in lines[0]


def test_no_venv_module(make):
    code, lines = make(
        f'#!/bin/sh\ncase "$*" in *venv*) exit 1;; esac\nexec "{sys.executable}" "$@"\n'
    )
    assert code != 0
    assert len(lines) == 1
    assert "lacks the modules venv and ensurepip" in lines[0]


def test_no_network(make):
    nowhere = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/nowhere", "PIP_CONFIG_FILE": "/dev/null"}
    code, lines = make(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', **nowhere)
    assert code != 0
    assert len(lines) == 1
    assert "is there a network?" in lines[0]


def test_a_full_disk(make):
    said = "ERROR: [Errno 28] No space left on device"
    pip = f'case "$*" in *"pip install"*) echo "{said}" >&2; exit 1;; esac'
    code, lines = make(
        f"""#!/bin/sh
case "$*" in *venv*.venv*)
    mkdir -p .venv/bin
    printf '#!/bin/sh\n{pip}\n' >.venv/bin/python
    chmod +x .venv/bin/python;;
*) exec "{sys.executable}" "$@";;
esac
"""
    )
    assert code != 0
    assert len(lines) == 1
    assert "the disk is full" in lines[0]
    assert "network" not in lines[0]


@pytest.mark.parametrize("place", ["/elsewhere", None])
def test_an_environment_of_another_folder(tmp_path, place):
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/ready").touch()
    (tmp_path / ".venv/place").write_text(f"{place or tmp_path}\n")  # here, but without a Python
    done = subprocess.run(["make", "whole-venv"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode != 0
    assert "rm -rf .venv" in done.stderr
    (tmp_path / ".venv/bin/python").symlink_to(sys.executable)
    again = subprocess.run(["make", "whole-venv"], cwd=tmp_path, capture_output=True, text=True)
    assert (again.returncode == 0) == (place is None)


def test_a_busy_port(tmp_path):
    with socket.create_server(("localhost", 0)) as taken:
        port = taken.getsockname()[1]
        command = ["make", "serve", f"PORT={port}", f"BIN={Path(sys.executable).parent}"]
        command += ["-o", "book", "-o", "_build/book.ok"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert f"port {port} is in use" in done.stderr


@pytest.mark.parametrize("name", ["requirements", "requirements-lab"])
def test_hashes_are_of_the_versions_named(name):
    """All but torch; `make lock` writes them."""
    named = re.findall(r"^[\w.-]+==[^\s;]+", (ROOT / f"{name}.txt").read_text(), re.MULTILINE)
    wanted = {normal(pin) for pin in named if not pin.startswith("torch==")}
    lock = (ROOT / f"{name}.lock").read_text()
    entry = re.compile(r"^([\w.-]+==\S+)((?: \\\n    --hash=sha256:[0-9a-f]{64})+)\n", re.MULTILINE)
    assert not entry.sub("", lock), "what is this?"
    assert {normal(pin) for pin, _ in entry.findall(lock)} == wanted


def test_every_installed_package_is_pinned():
    texts = [(ROOT / name).read_text() for name in ("requirements.txt", "requirements-lab.txt")]
    pins = re.findall(r"^([\w.-]+)==(\S+)$", "\n".join(texts), re.MULTILINE)
    pinned = {normal(name): version for name, version in pins}
    here = distributions(path=[sysconfig.get_path("purelib")])  # not what setuptools brings along
    installed = {normal(d.name): d.version.partition("+")[0] for d in here}
    strays = {name: v for name, v in installed.items() if pinned.get(name) != v}
    assert {name: v for name, v in strays.items() if not UNPINNED.fullmatch(name)} == {}


def test_pre_commit_runs_the_pinned_ruff():
    version = re.search(r"^ruff==(\S+)$", (ROOT / "requirements.txt").read_text(), re.MULTILINE)[1]
    assert f"rev: v{version}" in (ROOT / ".pre-commit-config.yaml").read_text()
