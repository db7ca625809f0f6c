"""`{interactive} standout` shows the figure of `figures/standout.py`, with its caption as content.

figures.js draws its still at build time, which is what print and a browser without scripts show;
in the page the same script redraws it when the reader moves a control.
"""

import atexit
import json
import re
from functools import cache
from html import escape
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import figures
from docutils import nodes
from py_mini_racer import MiniRacer
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from bookpages.interactive.description import Button, Dot, Figure, Plot, Slider
from bookpages.interactive.javascript import literal

NAMES = [module.name for module in iter_modules(figures.__path__)]
SCRIPT = Path(__file__).resolve().parents[2] / "static" / "figures.js"
BOXES = {"plot": "0 0 420 280", "map": "0 0 330 276", "network": "0 0 420 280"}


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


@cache
def _engine() -> MiniRacer:
    engine = MiniRacer()
    engine.eval(SCRIPT.read_text(encoding="utf8"))
    atexit.register(engine.close)
    return engine


def factory(figure: Figure) -> str:
    """The figure as JavaScript, given what its functions call."""
    return f"({{sum, erf}}) => ({literal(figure)})"


def still(figure: Figure) -> dict:
    """The pictures and the sentence that figures.js makes of the figure as it starts."""
    start = {control.name: control.start for control in figure.controls}
    drawn = _engine().eval(f"figures.still({factory(figure)}, {json.dumps(start)})")
    if re.search(r"NaN|Infinity|undefined", drawn):
        raise ExtensionError(f"an interactive figure has no value at its start: {drawn}")
    return json.loads(drawn)


def body(name: str, figure: Figure) -> str:
    """Controls, pictures, key and sentence, and the script that moves them."""
    drawn = still(figure)
    controls = "".join(_control(name, control) for control in figure.controls)
    panels = zip(figure.panels, drawn["pictures"], strict=True)
    return (
        f'<div class="interactive" data-figure="{name}">'
        f'<div class="controls" role="group" aria-label="Settings of the figure" hidden>'
        f"{controls}</div>"
        f'<div class="panels">{"".join(_panel(name, *panel) for panel in panels)}</div>'
        f"{_key(figure)}"
        f'<p class="sentence" id="{name}-says" aria-live="polite">{escape(drawn["sentence"])}</p>'
        f"</div><script>(globalThis.interactive ??= {{}}).{name} = {factory(figure)}</script>"
    )


def _control(figure: str, control: Slider | Button) -> str:
    if isinstance(control, Button):
        return (
            f'<button type="button" name="{control.name}" value="{control.start}">'
            f"{control.label}</button>"
        )
    place = f"{figure}-{control.name}"
    limits = f'min="{control.low}" max="{control.high}" step="{control.step}"'
    return (
        f'<div class="setting"><label for="{place}">{_italics(control.label)}</label>'
        f'<input type="range" id="{place}" name="{control.name}" {limits}'
        f' value="{control.start}" autocomplete="off">'
        f'<output for="{place}">{str(control.start).replace("-", "−")}</output></div>'
    )


def _panel(figure: str, panel, picture: str) -> str:
    title = f'<p class="title">{_italics(panel.title)}</p>' if panel.title else ""
    return (
        f'<div class="panel {panel.kind}">{title}<svg viewBox="{BOXES[panel.kind]}" role="img"'
        f' aria-label="{escape(panel.alt)}" aria-describedby="{figure}-says">{picture}</svg></div>'
    )


def _key(figure: Figure) -> str:
    entries = {}
    for panel in figure.panels:
        marks = (
            [m for m in panel.marks if not isinstance(m, Dot)] if isinstance(panel, Plot) else []
        )
        entries |= {mark.label: (series, mark.kind) for series, mark in enumerate(marks, 1)}
    items = "".join(
        f'<li><svg viewBox="0 0 32 12" aria-hidden="true" class="series-{series}">'
        f"{SAMPLES[kind]}</svg><span>{_italics(label)}</span></li>"
        for label, (series, kind) in entries.items()
    )
    return f'<ul class="key">{items}</ul>' if items else ""


LINE, BOX = '<path d="M0 6H32"/>', '<path class="area" d="M1 1H31V11H1z"/>'
SAMPLES = {
    "line": LINE,
    "band": BOX,
    "sums": BOX,
    "span": '<path d="M0 6H32"/><circle cx="16" cy="6" r="4"/>',
    "stems": '<path d="M4 6H28"/><circle cx="28" cy="6" r="4"/>',
}


def _italics(text: str) -> str:
    return re.sub(r"\*(.+?)\*", r"<i>\1</i>", escape(text))


def add_script(app: Sphinx, page: str, template: str, context: dict, doctree) -> None:
    """Only pages with a figure load the script and its style."""
    if app.env.metadata.get(page, {}).get("interactive"):
        app.add_js_file("figures.js", loading_method="defer")
        app.add_css_file("figures.css")


def setup(app: Sphinx) -> None:
    app.add_directive("interactive", Interactive)
    app.connect("html-page-context", add_script)
