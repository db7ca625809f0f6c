"""A page carries the equations that it refers to, for equations.js to show on hover and focus."""

from docutils import nodes
from sphinx.application import Sphinx

from bookpages.katex import KatexError, typeset


def previews(doctree: nodes.document, equations: dict[str, str]) -> str:
    """One `<template>` for each equation that the page refers to."""
    found = {}
    for node in doctree.findall(nodes.reference):
        label = (node.get("refid") or node.get("refuri", "").rpartition("#")[2]).removeprefix(
            "equation-"
        )
        if label in equations:
            found[label] = equations[label]
    return "".join(
        f'<template id="preview-equation-{label}">{_formula(tex)}</template>\n'
        for label, tex in sorted(found.items())
    )


def _formula(tex: str) -> str:
    try:
        return typeset(tex, display=True)
    except KatexError:  # already a warning where the equation stands
        return ""


def add_previews(app: Sphinx, page: str, template: str, context: dict, doctree) -> None:
    if doctree is None:
        return
    equations = {}
    for metadata in app.env.metadata.values():
        equations |= metadata.get("equations", {})
    context["body"] += previews(doctree, equations)


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", add_previews)
