"""The index of symbols has a row for each symbol of the numbered equations."""

import re
from itertools import accumulate
from pathlib import Path

import nbformat
import pytest

CHAPTERS = Path(__file__).parents[2] / "chapters"
NUMBERED = re.compile(r"\$\$((?:(?!\$\$).)*?)\\tag\{([\d.]+)\}", re.DOTALL)
CHAPTER_OF = {
    "1": "what_is_dropout.ipynb", "2": "mathematics.ipynb", "3": "regularization.ipynb",
    "4": "convolution.ipynb", "5": "recurrence.ipynb", "6.1": "gaussian_dropout.ipynb",
    "6.2": "drop_connect.ipynb", "6.3": "standout.ipynb", "6.4": "mc_dropout.ipynb",
}  # fmt: skip
OF_THE_SOURCE = {1: "2", 8: "3", 10: "5", 13: "6.2", 14: "6.3"}  # first equation of a section

SECTIONS = list(CHAPTER_OF)

NOT_SYMBOLS = re.compile(
    r"\\(?:text|operatorname|begin|end)\{[^}]*\}|\\[^a-zA-Z]|\\(?:tanh|cosh|sinh|ln|max|min|sqrt|"
    r"sum|prod|t?frac|[Bb]ig[lr]?|left|right|q?quad|underbrace|partial|odot|cdot|sim|approx|neq?|"
    r"in|le|ge|top|infty|Longrightarrow|leftarrow)(?![a-zA-Z])"
)
SYMBOL = re.compile(
    r"\\math(?:bb|rm)\{\w+\}|"
    r"(?:\\(?:bar|hat)\s*)?(?:\\[a-zA-Z]+|[a-zA-Z])(?:'(?!')|_\{[^}]*\}|_\\?\w|_\s*\w)*"
)
INDEX = re.compile(r"_\{?[ijltn(),\s1-]+\}?")


def symbols(tex: str) -> set[str]:
    """The symbols of a formula, as they are written, without blanks."""
    found = SYMBOL.findall(NOT_SYMBOLS.sub(" ", tex))
    return {re.sub(r"\s", "", symbol) for symbol in found} - {r"\mathrm{q}"}  # "quadratic"


def section_of(number: str) -> str:
    """The section of an equation: of a dotted number the front, of the source's by its place."""
    if "." in number:
        return number.rpartition(".")[0]
    return OF_THE_SOURCE[max(first for first in OF_THE_SOURCE if first <= int(number))]


def code_of(section: str) -> str:
    """The code that a name of this section can stand in: its chapter's, and the package."""
    cells = nbformat.read(CHAPTERS / CHAPTER_OF[section], as_version=4).cells
    modules = (CHAPTERS.parent / "dropoutbook").rglob("*.py")
    chapter = [cell.source for cell in cells if cell.cell_type == "code"]
    return "\n".join([*chapter, *(module.read_text("utf8") for module in modules)])


def equations() -> dict[str, str]:
    cells = [c for f in CHAPTERS.glob("*.ipynb") for c in nbformat.read(f, as_version=4).cells]
    pages = (cell.source for cell in cells if cell.cell_type == "markdown")
    return {number: tex for page in pages for tex, number in NUMBERED.findall(page)}


def tables() -> dict[str, str]:
    """The part of the index that belongs to each section."""
    page = (CHAPTERS / "notation.md").read_text("utf8")
    parts = re.split(r"^### Section ([\d.]+)\n", page, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows() -> dict[str, list[tuple[set[str], str]]]:
    """By section, the symbols of each row of the index and the equation that it names."""
    return {
        section: [
            (symbols(" ".join(re.findall(r"\$(.*?)\$", row.split("|")[1]))), equation)
            for row, equation in re.findall(r"^(\|.*)\{eq\}`eq-([\d-]+)` \|$", part, re.M)
        ]
        for section, part in tables().items()
    }


EQUATIONS, ROWS = equations(), rows()
BY_SECTION = [set().union(*(of_row for of_row, _ in ROWS[section])) for section in SECTIONS]
KNOWN = dict(zip(SECTIONS, accumulate(BY_SECTION, set.union), strict=True))


def missing(section: str, tex: str) -> set[str]:
    """The symbols that neither this section's rows nor earlier ones have, with index or without."""
    known = KNOWN[section] | {INDEX.sub("", symbol) for symbol in KNOWN[section]}
    return {symbol for symbol in symbols(tex) if not {symbol, INDEX.sub("", symbol)} & known}


@pytest.mark.parametrize("number", EQUATIONS)
def test_every_symbol_has_a_row(number):
    assert missing(section_of(number), EQUATIONS[number]) == set()


def test_every_section_has_its_rows():
    assert list(ROWS) == SECTIONS
    assert all(ROWS.values())


@pytest.mark.parametrize(
    ("of_row", "number"), [row for section in SECTIONS for row in ROWS[section]]
)
def test_the_equation_of_a_row_shows_one_of_its_symbols(of_row, number):
    shown = symbols(EQUATIONS[number.replace("-", ".")])
    assert of_row & (shown | {INDEX.sub("", symbol) for symbol in shown})


@pytest.mark.parametrize("section", SECTIONS)
def test_every_name_in_code_is_there(section):
    cells = [row.split("|")[3] for row in tables()[section].splitlines() if row.startswith("| $")]
    names = re.findall(r"`([A-Za-z_]\w*)", " ".join(cells))
    code = code_of(section)
    assert names
    assert [name for name in names if not re.search(rf"\b{name}\b", code)] == []


@pytest.mark.parametrize(
    ("section", "tex", "unknown"),
    [
        ("1", r"y = \frac{\delta x}{k} + \psi", {r"\psi"}),
        ("2", r"E_N + E_Q", {"E_Q"}),
        ("2", r"w_i' I_i - \xi_i", {r"\xi_i"}),  # a later section's
        ("6.3", r"g(W_s x)_i + g(W_q x)_i", {"W_q"}),
        ("6.4", r"\bar y + \hat y", {r"\haty"}),
    ],
)
def test_what_has_no_row_is_named(section, tex, unknown):
    assert missing(section, tex) == unknown
