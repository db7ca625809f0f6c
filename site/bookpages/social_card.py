"""The picture and the words with which a link to a page is shown elsewhere (Open Graph).

Who shows them fetches the picture by its full address, so it is only named where the book knows
its own: `html_baseurl`.
"""

from html import escape
from pathlib import Path

from bs4 import BeautifulSoup
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from sphinx.application import Sphinx

from bookpages.logo import DROPPED, KEPT, NETWORK, connections

NAME = "social-card.png"
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


def tags(context: dict, title: str, base: str) -> str:
    """The meta elements of one page."""
    found = BeautifulSoup(context.get("metatags") or "", "html.parser")
    description = found.find("meta", attrs={"name": "description"}) or {}
    values = {
        "og:site_name": title,
        "og:type": "article",
        "og:title": BeautifulSoup(context.get("title") or title, "html.parser").get_text(),
        "og:description": description.get("content", ""),
    }
    if base:
        address = base.rstrip("/")
        values["og:url"] = f"{address}/{context['pagename']}.html"
        values["og:image"] = f"{address}/_static/{NAME}"
        values["og:image:alt"] = f"{title}: {WORDS}"
    lines = [f'<meta property="{key}" content="{escape(text)}">' for key, text in values.items()]
    card = "summary_large_image" if base else "summary"
    return "\n".join([*lines, f'<meta name="twitter:card" content="{card}">', ""])


def add_tags(app: Sphinx, page: str, template: str, context: dict, doctree) -> None:
    context["metatags"] = (context.get("metatags") or "") + tags(
        context, app.config.html_title, app.config.html_baseurl
    )


def write(app: Sphinx, error: Exception | None) -> None:
    if not error and app.builder.format == "html":
        draw(Path(app.outdir) / "_static" / NAME, app.config.html_title)


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", add_tags, priority=700)  # after the descriptions
    app.connect("build-finished", write)
