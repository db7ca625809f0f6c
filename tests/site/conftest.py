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


@pytest.fixture
def build(tmp_path):
    """Builds the given pages; returns their HTML, by name, and Sphinx's warnings."""

    def build(**pages: str) -> tuple[dict[str, str], str]:
        (tmp_path / "conf.py").write_text("")
        for name, text in pages.items():
            (tmp_path / f"{name}.md").write_text(f"# {name}\n\n{text}\n")
        out, warnings = tmp_path / "out", io.StringIO()
        toc = "\n".join(["```{toctree}", *sorted(pages), "```"])
        (tmp_path / "index.md").write_text(f"# Index\n\n{toc}\n")
        with patch_docutils(str(tmp_path)), docutils_namespace():
            Sphinx(
                tmp_path, tmp_path, out, tmp_path / "trees", "html", CONFIG, None, warnings
            ).build()
        return {name: Path(out / f"{name}.html").read_text() for name in pages}, warnings.getvalue()

    return build
