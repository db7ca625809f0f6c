"""The book's Sphinx extension: static formulas, the source's numbers, pages that load nothing."""

from sphinx.application import Sphinx

from bookpages import (
    counts,
    docstrings,
    downloads,
    equation_previews,
    equation_tags,
    finish,
    interactive,
    katex,
    modules,
    repository,
    social_card,
)

PARTS = (
    counts,
    docstrings,
    modules,
    equation_tags,
    katex,
    equation_previews,
    interactive,
    repository,
    social_card,
    downloads,
    finish,
)


def setup(app: Sphinx) -> dict[str, bool]:
    for part in PARTS:
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
