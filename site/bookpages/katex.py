"""Formulas are typeset at build time, so that reading the book needs neither scripts nor network.

KaTeX runs inside Python. Its HTML comes with MathML for screen readers.
A formula that KaTeX cannot read is a warning with its place, hence a failed build.
"""

import html
import re
from functools import cache
from pathlib import Path

from docutils import nodes
from py_mini_racer import JSEvalException
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

from bookpages.engine import engine
from bookpages.equation_tags import TAG

log = logging.getLogger(__name__)

VENDOR = Path(__file__).resolve().parents[2] / "vendor" / "katex"
SHORT = 25  # characters of TeX that fit a line of a phone
PUNCTUATION = re.compile(r"[,.;:!?)\]]+")


class KatexError(ValueError):
    """KaTeX cannot read a formula."""


@cache
def typeset(tex: str, display: bool = False) -> str:
    """The HTML of a formula; raises `KatexError` if KaTeX cannot read it."""
    tex = TAG.sub("", tex)
    if display and "\\\\" in tex and "\\begin{" not in tex:
        tex = rf"\begin{{split}}{tex}\end{{split}}"
    options = {"displayMode": display, "strict": "ignore"}
    try:
        return engine(VENDOR / "katex.min.js").call("katex.renderToString", tex, options)
    except JSEvalException as error:
        message = str(error).splitlines()[0]  # the script itself follows
        raise KatexError(message.removeprefix("<anonymous>:1: ParseError: ")) from None


def _html(node: nodes.Element, display: bool) -> str:
    try:
        return typeset(node.astext(), display)
    except KatexError as error:
        log.warning("%s in %r", error, node.astext(), location=node)
        return f"<code>{html.escape(node.astext())}</code>"


def visit_inline(self: HTML5Translator, node: nodes.math) -> None:
    self.body.append(self.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    self.body.append(_html(node, display=False) + "</span>")
    raise nodes.SkipNode


def visit_block(self: HTML5Translator, node: nodes.math_block) -> None:
    self.body.append(self.starttag(node, "div", CLASS="math notranslate nohighlight"))
    self.body.append(f'<div class="formula">{_html(node, display=True)}</div>')
    if node["number"]:
        self.body.append(f'<span class="eqno">({node["number"]})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


class KeepPunctuation(SphinxPostTransform):
    """A line may break behind the box of a formula: not before the comma that follows it."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        for node in list(self.document.findall(nodes.math)):
            after = node.next_node(descend=False, siblings=True)
            mark = PUNCTUATION.match(after) if isinstance(after, nodes.Text) else None
            if mark and len(node.astext()) < SHORT:
                _exchange(after, nodes.Text(after[mark.end() :]))
                both = nodes.inline(classes=["nowrap"])
                _exchange(node, both)
                both += [node, nodes.Text(mark[0])]


def _exchange(old: nodes.Node, new: nodes.Node) -> None:
    """Puts `new` in the place of `old`; docutils' own `replace` takes the first that is equal."""
    place = next(n for n, child in enumerate(old.parent.children) if child is old)
    old.parent[place] = new


def setup(app: Sphinx) -> None:
    app.add_html_math_renderer("katex", (visit_inline, None), (visit_block, None))
    app.add_post_transform(KeepPunctuation)
    app.add_css_file("katex/katex.min.css")
