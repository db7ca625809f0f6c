"""The picture and the words with which a link to a page is shown elsewhere (Open Graph).

Who shows them fetches the picture by its full address, so it is only named where the book knows
its own: `html_baseurl`. The elements themselves are in `templates/layout.html`.
"""

from pathlib import Path

from docutils import nodes
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from sphinx.application import Sphinx

from bookpages.logo import DROPPED, KEPT, NETWORK, connections

CARD = "_static/social-card.png"
SIZE = (1200, 630)
WORDS = "derived · implemented · measured"


def draw(path: Path, title: str) -> None:
    """The network of the logo beside the title, as a PNG of 1200 by 630."""
    figure = Figure(figsize=(SIZE[0] / 100, SIZE[1] / 100), dpi=100, facecolor="white")
    axes = figure.add_axes((0.03, 0, 0.42, 1), aspect="equal", xlim=(0, 64), ylim=(64, 0))
    axes.set_axis_off()
    for x, y, u, v in connections(NETWORK):
        axes.plot([x, u], [y, v], color=KEPT, linewidth=5)
    for x, y, kept in [unit for layer in NETWORK for unit in layer]:
        look = {"color": KEPT} if kept else {"ec": DROPPED, "fc": "white", "ls": "--", "lw": 5}
        axes.add_patch(Circle((x, y), 5, zorder=3, **look))
    figure.text(0.5, 0.56, title, fontsize=40, weight="bold", color="#16202c")
    figure.text(0.5, 0.44, WORDS, fontsize=23, color="#44546a")
    figure.savefig(path, metadata={"Software": None})


def describe(app: Sphinx, page: str, template: str, context: dict, doctree) -> None:
    """What the template says of a page; the search page has no source that could."""
    title = app.config.html_title
    metas = doctree.findall(nodes.meta) if doctree else []
    said = {node.get("name"): node["content"] for node in metas}
    context["description"] = said.get("description", f"{title}: {page}")
    context.update(card=CARD, card_says=f"{title}: {WORDS}")


def write(app: Sphinx, error: Exception | None) -> None:
    if not error and app.builder.format == "html":
        draw(Path(app.outdir) / CARD, app.config.html_title)


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", describe)
    app.connect("build-finished", write)
