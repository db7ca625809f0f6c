"""Two builds are the same if all files are in both, and no byte differs."""

import subprocess

import pytest
import same

BOTH = {"html/a.html": b"<p>\nsame\n", "html/_static/b.png": b"\x89PNG\xff", "book.pdf": b"%PDF"}
NAMES = ("html", "book.pdf")
CHANGES = {
    "a line": ({"html/a.html": b"<p>\nsome\n"}, "html/a.html: line 2\n    same\n    some\n"),
    "a line more": ({"html/a.html": b"<p>\nsame\n\nx"}, "html/a.html: line 4\n    \n    x\n"),
    "the end of a line": ({"html/a.html": b"<p>\r\nsame\n"}, "html/a.html: line 1\n"),
    "a byte": ({"html/_static/b.png": b"\x89PNG\xfe"}, "html/_static/b.png: from byte 4 on\n"),
    "a byte more": ({"html/_static/b.png": b"\x89PNG\xff\0"}, "from byte 5 on\n"),
    "only the first": ({"html/a.html": None}, "html/a.html: only in the first build\n"),
    "only the second": ({"html/c.html": b""}, "html/c.html: only in the second build\n"),
}


@pytest.fixture
def built(tmp_path):
    def built(name, contents):
        for path, content in contents.items():
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).write_bytes(content)
        return same.files(tmp_path / name, NAMES)

    return built


def test_the_same_bytes_pass(built, capsys):
    assert same.verdict(built("one", BOTH), built("two", BOTH)) == 0
    assert capsys.readouterr().out == "3 files are the same in both builds, 0 differ\n"


@pytest.mark.parametrize("change", CHANGES)
def test_what_differs_is_named_and_fails(change, built, capsys):
    changed, line = CHANGES[change]
    other = {name: text for name, text in (BOTH | changed).items() if text is not None}
    assert same.verdict(built("one", BOTH), built("two", other)) == 1
    said = capsys.readouterr().out
    assert line in said
    assert said.endswith(
        f"{3 - ('second' not in change)} files are the same in both builds, 1 differ\n"
    )


def test_a_long_line_is_shown_where_it_differs():
    first, second = (b"x" * 900 + end + b"y" * 900 for end in (b"one", b"two"))
    _, a, b = same.first_difference(first, second).split("\n")
    assert len(a) == len(b) < 120
    assert "one" in a
    assert "two" in b


@pytest.mark.parametrize("missing", ["html", "book.pdf"])
def test_nothing_built_is_no_success(missing, built, tmp_path):
    with pytest.raises(FileNotFoundError, match=missing):
        built("one", {name: text for name, text in BOTH.items() if not name.startswith(missing)})


def test_a_copy_has_the_files_as_they_are_and_other_times(tmp_path):
    root, target = tmp_path / "root", tmp_path / "copy"
    target.mkdir()
    subprocess.run(["git", "init", "-q", root], check=True)
    for name in (".gitignore", "known", "new", "gone"):
        (root / name).write_text("ignored")
    subprocess.run(["git", "add", "known", "gone"], cwd=root, check=True)
    (root / "known").write_text("changed")
    (root / "ignored").touch()
    (root / "gone").unlink()
    same.copy(root, target, 1_000_000_000)
    assert {path.name for path in target.iterdir()} == {".gitignore", ".venv", "known", "new"}
    assert (target / "known").read_text() == "changed"
    assert (target / "known").stat().st_mtime == 1_000_000_000


def test_without_a_browser_it_says_so_and_builds_nothing(monkeypatch, capsys):
    def none(playwright):
        raise same.NoBrowser("no Chromium")

    monkeypatch.setattr(same, "executable", none)
    monkeypatch.setattr(same, "build", None)
    assert same.main() == 1
    assert capsys.readouterr().err == "error: the PDFs cannot be compared: no Chromium\n"
