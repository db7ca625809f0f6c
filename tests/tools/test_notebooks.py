"""What a notebook's file must be, apart from its code and outputs."""

import ast
import re
from pathlib import Path

import nbformat
import pytest

CHAPTERS = Path(__file__).resolve().parents[2] / "chapters"
TAGS = {
    *("hide-input", "hide-cell", "hide-output", "remove-cell", "remove-input"),
    "raises-exception",
    "nbval-ignore-output",  # a figure of a training that multiplies the last bit
    "keep-colors",  # of a picture on a dark page, in book.css
}
FOLDED = {"hide-input", "hide-cell", "remove-input", "remove-cell"}
MOST = 12  # lines
STORED = {"dropoutbook", "kernelspec", "language_info", "myst"}


def wrong_tags(notebook):
    """A misspelt tag does nothing, so the cell that it should hide is shown."""
    return {tag for cell in notebook.cells for tag in cell.metadata.get("tags", [])} - TAGS


def warnings(notebook):
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    texts = [o.text for o in outputs if o.output_type == "stream"]
    stderr = [o.text for o in outputs if o.get("name") == "stderr"]
    return stderr + [text for text in texts if re.search(r"\w*Warning: ", text)]


def description(notebook):
    return notebook.metadata.get("myst", {}).get("html_meta", {}).get("description", "")


def long_cells(notebook):
    """Of what a reader sees: code that is not folded."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    shown = [cell for cell in code if not FOLDED & {*cell.metadata.get("tags", [])}]
    return {cell.id: cell.source for cell in shown if len(re.findall(r"\S.*", cell.source)) > MOST}


def asleep(cells):
    """Assertions `... or p != 0.5` below a cell that sets p to something else: they never fail."""
    printed, found = {}, []
    for node in (node for cell in cells for node in ast.parse(cell).body):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                names, values = (getattr(side, "elts", [side]) for side in (target, node.value))
                pairs = zip(names, values, strict=False)  # a starred value stands for several
                printed |= {ast.unparse(name): ast.unparse(value) for name, value in pairs}
        for inner in ast.walk(node):
            claim = isinstance(inner, ast.Assert) and isinstance(inner.test, ast.BoolOp)
            guard = ast.unparse(inner.test.values[-1]) if claim else ""
            name, unequal, value = guard.partition(" != ")
            if unequal and name in printed and float(printed[name]) != float(value):
                found.append(guard)
    return found


@pytest.fixture(params=sorted(CHAPTERS.glob("*.ipynb")), ids=lambda path: path.name)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def test_tags_are_known(notebook):
    assert wrong_tags(notebook) == set()


def test_description_is_one_sentence(notebook):
    assert re.fullmatch(r"[^.!?\n]+(?:\.\d[^.!?\n]*)*[.!?]", description(notebook))


def test_metadata_holds_nothing_of_the_writer_s_machine(notebook):
    assert set(notebook.metadata) <= STORED
    assert set().union(*(cell.metadata for cell in notebook.cells)) <= {"mystnb", "tags"}


def test_every_cell_was_run_from_top_to_bottom(notebook):
    """nbval compares nothing in a cell without a number."""
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))


def test_no_output_is_a_warning(notebook):
    assert warnings(notebook) == []


def test_every_figure_has_a_text_that_tells_what_it_shows(notebook):
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    figures = [output.data for output in outputs if "image/png" in output.get("data", {})]
    assert all(re.search(r", drawn [0-9a-f]{12}>$", data["text/plain"]) for data in figures)


def test_shown_code_is_short(notebook):
    assert long_cells(notebook) == {}


def test_claims_about_the_printed_setting_are_awake(notebook):
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert asleep(cells) == []


def test_a_claim_about_another_setting_is_seen():
    cells = ["p = 0.5", "for x in y:\n    assert x > 0 or p != 0.5", "low, p = 0.1, 0.2"]
    assert asleep(cells) == []
    assert asleep([*cells, "assert x > 0 or p != 0.5"]) == ["p != 0.5"]


def test_file_names_carry_no_numbers():
    names = [path.name for path in CHAPTERS.iterdir()]
    assert names
    assert [name for name in names if re.search(r"\d", name)] == []


def test_a_misspelt_tag_is_seen():
    cell = nbformat.v4.new_code_cell("", metadata={"tags": ["hide-celll", "hide-input"]})
    assert wrong_tags(nbformat.v4.new_notebook(cells=[cell])) == {"hide-celll"}


def test_a_long_cell_is_seen_unless_it_is_folded():
    source = "x = 1\n\n" * (MOST + 1)
    cells = [nbformat.v4.new_code_cell(source, id="long")]
    folded = nbformat.v4.new_code_cell(source, metadata={"tags": ["hide-input"]})
    short = nbformat.v4.new_code_cell("x = 1\n\n" * MOST)
    assert [*long_cells(nbformat.v4.new_notebook(cells=[*cells, folded, short]))] == ["long"]


@pytest.mark.parametrize(("name", "text"), [("stderr", "x"), ("stdout", "UserWarning: x")])
def test_a_warning_is_seen(name, text):
    output = nbformat.v4.new_output("stream", name=name, text=text)
    cell = nbformat.v4.new_code_cell("", outputs=[output])
    assert warnings(nbformat.v4.new_notebook(cells=[cell])) == [text, text][: 1 + (name == "x")]
