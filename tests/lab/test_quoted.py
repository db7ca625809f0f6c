"""The figures of papers: whole, in the bibliography, and refused where they do not fit."""

import re
from pathlib import Path

import pytest

from dropoutbook.lab.json_digest import json_digest
from dropoutbook.lab.quoted import QuotedTable, find_quoted, quoted_table, read_quoted

ROOT = Path(__file__).parents[2]
TABLES = read_quoted(ROOT / "chapters" / "quoted.toml")
# What only the paper can confirm, a line a table: after a look at the paper, edit both.
PINS = Path(__file__).with_name("quoted.txt").read_text("utf8").splitlines()
NUMBER = r"-?\d+(\.\d+)?"
CELL = rf"{NUMBER}( ± ({NUMBER}|NA)|(-| to ){NUMBER})?"
MAY_BE_EMPTY = {"unit", "page"}

named = pytest.mark.parametrize("table", TABLES, ids=lambda table: f"{table.key}-{table.name}")


def a_table(**fields):
    texts = {field: field for field in QuotedTable._fields}
    texts |= {"columns": ["a", "b"], "rows": {"x": ["1.0", ""], "y": ["0.50", "2 ± 0.1"]}}
    return QuotedTable(**texts | fields)


def written(tmp_path, rows, extra=""):
    texts = [f'{field} = "{field}"' for field in QuotedTable._fields[:-2]]
    text = "\n".join(["[[table]]", *texts, extra, 'columns = ["a", "b"]', "[table.rows]", *rows])
    path = tmp_path / "quoted.toml"
    path.write_text(text, "utf8")
    return path


def test_a_table_is_read_as_it_stands(tmp_path):
    path = written(tmp_path, ['"x" = ["1.0", ""]', '"y" = ["0.50", "2 ± 0.1"]'])
    assert read_quoted(path) == [a_table()]


@pytest.mark.parametrize("numbers", ['["1"]', '["1", "2", "3"]'])
def test_a_row_that_does_not_fit_the_columns_is_refused(tmp_path, numbers):
    path = written(tmp_path, ['"x" = ["1", "2"]', f'"y" = {numbers}'])
    with pytest.raises(ValueError, match=r"rows of key, name must have 2 numbers, got \d in 'y'"):
        read_quoted(path)


def test_a_table_with_other_fields_is_refused(tmp_path):
    with pytest.raises(TypeError, match="extra"):
        read_quoted(written(tmp_path, ['"x" = ["1", "2"]'], extra='extra = ""'))


def test_a_table_without_a_field_is_refused(tmp_path):
    path = written(tmp_path, ['"x" = ["1", "2"]'])
    path.write_text(path.read_text("utf8").replace('unit = "unit"\n', ""), "utf8")
    with pytest.raises(TypeError, match="unit"):
        read_quoted(path)


def test_a_table_is_found_by_its_paper_and_its_name():
    tables = [a_table(), a_table(name="other"), a_table(key="paper")]
    assert [find_quoted(iter(tables), table.key, table.name) for table in tables] == tables


def test_the_error_for_an_unknown_paper_names_the_papers():
    with pytest.raises(ValueError, match=re.escape("key must be one of ['a', 'b'], got 'c'")):
        find_quoted([a_table(key="b"), a_table(key="a"), a_table(key="a", name="2")], "c", "name")


def test_the_error_for_an_unknown_table_names_those_of_the_paper():
    message = "name must be one of ['1', '2'] for a, got '3'"
    tables = [a_table(key="a", name="1"), a_table(key="a", name="2"), a_table(key="b", name="3")]
    with pytest.raises(ValueError, match=re.escape(message)):
        find_quoted(tables, "a", "3")


def test_a_table_is_written_with_its_source():
    assert quoted_table(a_table(read="paper")).splitlines() == [
        "{cite:t}`key`, place, page page: measured, in unit. setting",
        "",
        "|  | a | b |",
        "| --- | --: | --: |",
        "| x | 1.0 |  |",
        "| y | 0.50 | 2 ± 0.1 |",
    ]


def test_what_was_not_read_in_the_paper_is_written_as_quoted():
    table = a_table(place="", page="", unit="", read="as quoted by X")
    assert quoted_table(table).startswith("{cite:t}`key`, as quoted by X: measured. setting\n\n|")


def test_no_table_is_there_twice():
    assert len({(table.key, table.name) for table in TABLES}) == len(TABLES)
    assert len({str(table.rows) for table in TABLES}) == len(TABLES)


@named
def test_only_a_quotation_at_second_hand_may_lack_its_place(table):
    assert re.fullmatch("paper|as quoted by .+", table.read)
    may_be_empty = MAY_BE_EMPTY | ({"place"} if table.read != "paper" else set())
    empty = {field for field, value in table._asdict().items() if not value}
    assert empty <= may_be_empty


@named
def test_every_cell_is_a_number(table):
    cells = [cell for numbers in table.rows.values() for cell in numbers]
    assert [cell for cell in cells if cell and not re.fullmatch(CELL, cell)] == []
    assert all(any(numbers) for numbers in table.rows.values())


@named
def test_no_text_breaks_the_markdown_of_its_table(table):
    lines = quoted_table(table).splitlines()
    assert len(lines) == len(table.rows) + 4
    assert {line.count("|") for line in lines[2:]} == {len(table.columns) + 2}
    assert "|" not in lines[0]


@pytest.mark.parametrize("key", sorted({table.key for table in TABLES}))
def test_every_paper_is_in_the_bibliography(key):
    bibliography = (ROOT / "references.bib").read_text("utf8")
    cited = re.findall(r"\{cite:\w\}`([^`]+)`", str([t for t in TABLES if t.key == key]))
    missing = [name for name in (key, *cited) if f"{{{name}," not in bibliography]
    assert missing == []


def pin(table):
    return f"{table.key} {table.name} {json_digest(table)[:12]}"


def test_tables_are_as_they_were_read_in_the_papers():
    assert [pin(table) for table in TABLES] == PINS


@pytest.mark.parametrize("field", QuotedTable._fields)
def test_a_changed_table_is_seen(field):
    changed = {"columns": ["a"], "rows": {"x": ["1.1", ""], "y": ["0.50", "2 ± 0.1"]}}
    assert pin(a_table(**{field: changed.get(field, "other")})) != pin(a_table())
