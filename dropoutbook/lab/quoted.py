"""The figures of papers that pages print beside their own: one file, each with its place."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple


class QuotedTable(NamedTuple):
    """A table of a paper; its numbers are texts, so that no digit is lost.

    Attributes:
        key: the paper in the bibliography.
        name: tells the tables of one paper apart.
        place: the table, figure or section.
        page: as the paper numbers it; empty where it is not known.
        measured: what the numbers are.
        unit: of the numbers; empty where there is none, or where `columns` says it.
        setting: what a reader must know to compare.
        read: "paper", or who quotes the paper: "as quoted by ...".
        columns: the heads of the numbers.
        rows: what was tried, with one number a column; empty where the paper has none.
    """

    key: str
    name: str
    place: str
    page: str
    measured: str
    unit: str
    setting: str
    read: str
    columns: list[str]
    rows: dict[str, list[str]]


def read_quoted(path: str | Path) -> list[QuotedTable]:
    """The tables in a TOML file, in its order; texts are MyST Markdown.

    Raises:
        TypeError: if a table lacks a field or has an unknown one.
        ValueError: if a row does not have one number a column.
    """
    tables = [
        QuotedTable(**table) for table in tomllib.loads(Path(path).read_text("utf8"))["table"]
    ]
    for table in tables:
        for label, numbers in table.rows.items():
            if len(numbers) != len(table.columns):
                raise ValueError(
                    f"rows of {table.key}, {table.name} must have {len(table.columns)} numbers, "
                    f"got {len(numbers)} in {label!r}"
                )
    return tables


def find_quoted(tables: Iterable[QuotedTable], key: str, name: str) -> QuotedTable:
    """The table `name` of the paper `key`; `.rows` has its numbers.

    Raises:
        ValueError: if there is no such paper, or no such table of it.
    """
    tables = list(tables)
    if key not in (keys := sorted({table.key for table in tables})):
        raise ValueError(f"key must be one of {keys}, got {key!r}")
    of_paper = {table.name: table for table in tables if table.key == key}
    if name not in of_paper:
        raise ValueError(f"name must be one of {list(of_paper)} for {key}, got {name!r}")
    return of_paper[name]


def quoted_table(table: QuotedTable) -> str:
    """A MyST table, below a paragraph that cites the paper, the place and the setting."""
    page = table.page and f"page {table.page}"
    read = table.read if table.read != "paper" else ""
    source = ", ".join(filter(None, [f"{{cite:t}}`{table.key}`", table.place, page, read]))
    what = f"{table.measured}, in {table.unit}" if table.unit else table.measured
    lines = [["", *table.columns], ["---", *["--:"] * len(table.columns)]]
    lines += [[label, *numbers] for label, numbers in table.rows.items()]
    caption = f"{source}: {what}. {table.setting}"
    return "\n".join([caption, "", *(f"| {' | '.join(line)} |" for line in lines)])
