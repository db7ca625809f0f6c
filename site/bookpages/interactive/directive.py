"""`{interactive} standout` shows the figure of `figures/standout.py`, with its caption as content.

figures.js draws its still at build time, which is what print and a browser without scripts show;
in the page the same script redraws it when the reader moves a control.
"""

from importlib import import_module
from pkgutil import iter_modules

import figures
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from bookpages.interactive.page import body

NAMES = [module.name for module in iter_modules(figures.__path__)]


class Interactive(SphinxDirective):
    """A numbered figure whose picture follows its controls; its label is fig-NAME-interactive."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        self.assert_has_content()
        if name not in NAMES:
            raise self.error(f"interactive must name one of {', '.join(NAMES)}, got {name!r}")
        figure = import_module(f"figures.{name}").figure
        node = nodes.figure("", nodes.raw("", body(name, figure), format="html"))
        caption = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, caption)
        node += nodes.caption("", "", *caption[0].children)
        self.set_source_info(node)
        self.options["name"] = f"fig-{name.replace('_', '-')}-interactive"
        self.add_name(node)
        self.env.metadata[self.env.docname]["interactive"] = True
        return [node]


def add_script(app: Sphinx, page: str, template: str, context: dict, doctree) -> None:
    """Only pages with a figure load the script and its style."""
    if app.env.metadata.get(page, {}).get("interactive"):
        app.add_js_file("figures.js", loading_method="defer")
        app.add_css_file("figures.css")


def setup(app: Sphinx) -> None:
    app.add_directive("interactive", Interactive)
    app.connect("html-page-context", add_script)
