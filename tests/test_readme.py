"""The README: its example runs, and its picture is what the code draws."""

import pkgutil
import re
from pathlib import Path

import picture
import pytest
import torch

README = Path(__file__).parents[1] / "README.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", README.read_text("utf8"), re.DOTALL)


@pytest.mark.parametrize("source", EXAMPLES)
def test_the_example_runs(source):
    names = {}
    exec(compile(source, "README.md", "exec"), names)
    assert names["logits"].shape == names["predictions"].shape == (32, 10)
    assert torch.isfinite(names["predictions"]).all()


def test_there_is_an_example():
    assert len(EXAMPLES) == 1


def test_every_file_named_exists():
    text = README.read_text("utf8")
    linked = re.findall(r"\]\(([^)#:]+)\)", text)
    named = [name for name in re.findall(r"`([\w./-]+)`", text) if "/" in name or "." in name]
    ours = [
        name for name in linked + named if not name.startswith((".venv", "torch.", "dropoutbook."))
    ]
    assert ours
    assert [name for name in ours if not (README.parent / name).exists()] == []


def test_every_object_named_exists():
    named = re.findall(r"`(dropoutbook\.[\w.]+)`", README.read_text("utf8"))
    assert named
    for name in named:
        pkgutil.resolve_name(name)


def test_the_example_of_the_suite_prints_what_the_page_shows(capsys):
    page = (README.parent / "chapters" / "api.md").read_text("utf8")
    source, shown = re.search(r"```python\n(.*?)```\n\n```text\n(.*?)```", page, re.DOTALL).groups()
    exec(compile(source, "api.md", "exec"), {})
    assert capsys.readouterr().out == shown


def test_every_verb_named_is_one_of_the_makefile():
    makefile = (README.parent / "Makefile").read_text("utf8")
    verbs = set(re.findall(r"\bmake ([a-z]+)\b", README.read_text("utf8")))
    assert {"book", "test", "execute", "serve"} <= verbs
    assert [verb for verb in verbs if not re.search(rf"^{verb}:", makefile, re.MULTILINE)] == []


def test_the_picture_is_what_the_code_draws(tmp_path):
    picture.draw(tmp_path / "network.svg")
    assert (tmp_path / "network.svg").read_bytes() == picture.PICTURE.read_bytes(), (
        "draw it again: .venv/bin/python tools/picture.py"
    )
