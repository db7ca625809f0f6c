"""Builds small books with the extension of the real one."""

import io
from pathlib import Path

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

CONFIG = {
    "extensions": [
        "myst_parser",
        "bookpages.equation_tags",
        "bookpages.interactive",
        "bookpages.katex",
    ],
    "numfig": True,
    "myst_enable_extensions": ["dollarmath"],
    "html_math_renderer": "katex",
    "html_theme": "basic",
    "math_numfig": False,
    "nitpicky": True,
}
SITE = Path(__file__).resolve().parents[2] / "site"
DRESSED = {
    "html_theme": "sphinx_book_theme",
    "html_title": "A Book",
    "html_static_path": [str(SITE / "static"), str(SITE.parent / "vendor")],
    "templates_path": [str(SITE / "templates")],
}


def build_book(folder: Path, pages: dict[str, str], **config) -> tuple[Sphinx, str]:
    """Builds a book of these pages in the folder; returns Sphinx's application and warnings."""
    (folder / "conf.py").write_text("")
    for name, text in pages.items():
        (folder / f"{name}.md").write_text(f"# {name}\n\n{text}\n")
    toc = "\n".join(["```{toctree}", *sorted(pages), "```"])
    (folder / "index.md").write_text(f"# Index\n\n{toc}\n")
    out, warnings = folder / "out", io.StringIO()
    with patch_docutils(str(folder)), docutils_namespace():
        app = Sphinx(
            *(folder, folder, out, folder / "trees", "html", CONFIG | config, None, warnings),
            warningiserror=True,
            keep_going=True,
        )
        app.build()
    return app, warnings.getvalue()


@pytest.fixture
def build(tmp_path):
    """Builds the given pages; returns their HTML, by name, and Sphinx's warnings."""

    def build(**pages: str) -> tuple[dict[str, str], str]:
        app, warnings = build_book(tmp_path, pages)
        return {name: Path(app.outdir / f"{name}.html").read_text() for name in pages}, warnings

    return build
