"""The displayed formulas of the pages, as their Markdown has them."""

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat

CHAPTERS = Path(__file__).parents[2] / "chapters"
DISPLAYED = re.compile(
    r"\$\$(?P<dollars>.*?)\$\$"
    r"|^(?P<fence>`{3,}|:{3,})\{math\}(?P<directive>.*?)^(?P=fence)"
    r"|(?P<environment>\\begin\{(?P<kind>(?:align|equation|gather|multline|eqnarray)\*?)\}"
    r".*?\\end\{(?P=kind)\})"
    r"|\\\[(?P<bracket>.*?)\\\]",
    re.DOTALL | re.MULTILINE,
)
INLINE = re.compile(r"(?<![\\$])\$([^$]+)\$")
TAG = re.compile(r"\\tag\{([\d.]+)\}")


def displayed(markdown: str) -> list[str]:
    """The TeX of each displayed formula of a text."""
    found = (place.groupdict() for place in DISPLAYED.finditer(markdown))
    kinds = ("dollars", "directive", "environment", "bracket")
    return [next(text[kind] for kind in kinds if text[kind] is not None) for text in found]


def labelled(formulas: list[str]) -> Iterator[tuple[str, str]]:
    """Each formula of a page under its number, or as "unnumbered 1", "unnumbered 2", ..."""
    unnumbered = 0
    for tex in formulas:
        tags = TAG.findall(tex)
        unnumbered += not tags
        yield tags[0] if tags else f"unnumbered {unnumbered}", TAG.sub("", tex)


def markdown(path: Path) -> str:
    """The text of a page, of a notebook that of its Markdown cells."""
    if path.suffix == ".md":
        return path.read_text("utf8")
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def inline(page: str) -> list[str]:
    """The TeX of each formula that stands in a line of a page."""
    path = next(CHAPTERS.glob(f"{page}.*"))
    return INLINE.findall(DISPLAYED.sub("", markdown(path)))


def formulas() -> dict[tuple[str, str], str]:
    """The TeX of every displayed formula of the book, by page and label."""
    pages = sorted(p for p in CHAPTERS.iterdir() if p.suffix in (".md", ".ipynb"))
    found = [
        ((page.stem, label), tex)
        for page in pages
        for label, tex in labelled(displayed(markdown(page)))
    ]
    assert len(dict(found)) == len(found), "a number stands twice on a page"
    return dict(found)
