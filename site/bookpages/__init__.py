"""The book's Sphinx extension: static formulas, the source's numbers, pages that load nothing."""

from sphinx.application import Sphinx

from bookpages import equation_previews, equation_tags, katex, offline, repository, theme


def setup(app: Sphinx) -> dict[str, bool]:
    for part in (equation_tags, katex, equation_previews, repository, theme, offline):
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
