"""A figure as it stands on the page: controls, pictures, key, sentence, and its own script."""

import json
import re
from html import escape
from pathlib import Path

from sphinx.errors import ExtensionError

from bookpages.engine import engine
from bookpages.interactive.description import Button, Figure, Plot, Slider
from bookpages.interactive.javascript import literal
from bookpages.interactive.marks import Dot

SCRIPT = Path(__file__).resolve().parents[2] / "static" / "figures.js"
BOXES = {"plot": "0 0 420 280", "map": "0 0 330 276", "network": "0 0 420 280"}
LINE, BOX = '<path d="M0 6H32"/>', '<path class="area" d="M1 1H31V11H1z"/>'
SAMPLES = {
    "line": LINE,
    "band": BOX,
    "sums": BOX,
    "span": '<path d="M0 6H32"/><circle cx="16" cy="6" r="4"/>',
    "stems": '<path d="M4 6H28"/><circle cx="28" cy="6" r="4"/>',
}


def factory(figure: Figure) -> str:
    """The figure as JavaScript, given what its functions call."""
    return f"({{sum, erf}}) => ({literal(figure)})"


def still(figure: Figure) -> dict:
    """The pictures and the sentence that figures.js makes of the figure as it starts."""
    start = {control.name: control.start for control in figure.controls}
    drawn = engine(SCRIPT).eval(f"figures.still({factory(figure)}, {json.dumps(start)})")
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


def _italics(text: str) -> str:
    return re.sub(r"\*(.+?)\*", r"<i>\1</i>", escape(text))
