"""One style sheet instead of the dozen that themes and extensions bring, each a wait on a phone.

Same rules, same order: sheets are joined as the pages name them, imports in place, addresses
relative to the new file. Only rules for icons that no page shows are left out.
"""

import hashlib
import posixpath
import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging

from bookpages.icon_font import embedded

log = logging.getLogger(__name__)

NAME = "_static/style.css"
LINK = re.compile(r'<link(?=[^>]*rel="stylesheet")[^>]*?href="((?:\.\./)*)([^"?]+)[^"]*"[^>]*>\s*')
IMPORT = re.compile(r"@import\s+(?:url\()?[\"']([^\"')]+)[\"']\)?;")
ADDRESS = re.compile(r"url\((?![\"']?(?:data:|#))[\"']?([^\"')]+)[\"']?\)")
ICON = re.compile(r'(?:\.fa-[\w-]+::?before,?)+\{content:"[^"]*"\}')
CHARSET = re.compile(r"@charset[^;]*;|^\ufeff|/\*[#!]? ?sourceMappingURL[^*]*\*/")


def joined(out: Path, sheets: list[str]) -> str:
    """The text of all sheets, each named by its path in the folder `out`."""
    return "\n".join(_text(out, sheet) for sheet in sheets)


def _text(out: Path, sheet: str) -> str:
    folder = posixpath.dirname(sheet)
    text = CHARSET.sub("", (out / sheet).read_text("utf8"))
    text = ADDRESS.sub(lambda found: f"url({_moved(folder, found[1])})", text)
    return IMPORT.sub(
        lambda found: _text(out, posixpath.normpath(posixpath.join(folder, found[1]))), text
    )


def _moved(folder: str, address: str) -> str:
    place = posixpath.normpath(posixpath.join(folder, address))
    return posixpath.relpath(place, posixpath.dirname(NAME))


def without_unused_icons(style: str, pages: str) -> str:
    """The style without rules for icons whose names stand nowhere in the pages and scripts."""
    shown = set(re.findall(r"fa-[\w-]+", pages))
    return ICON.sub(
        lambda rule: rule[0] if shown & set(re.findall(r"fa-[\w-]+", rule[0])) else "", style
    )


def join(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    out = Path(app.outdir)
    pages = [page for page in out.rglob("*.html") if "_static" not in page.parts]
    texts = {page: page.read_text("utf8") for page in pages}
    lists = {page: [path for _, path in LINK.findall(text)] for page, text in texts.items()}
    sheets = max(lists.values(), key=len)  # some pages do without the sheet of the figures
    scripts = [script.read_text("utf8") for script in out.rglob("*.js")]
    style = without_unused_icons(joined(out, sheets), "".join([*texts.values(), *scripts]))
    style = embedded(style)
    (out / NAME).write_text(style, encoding="utf8")
    digest = hashlib.sha256(style.encode()).hexdigest()[:8]
    for page, text in texts.items():
        if lists[page] and set(lists[page]) <= set(sheets):
            root = LINK.search(text)[1]
            link = f'<link rel="stylesheet" href="{root}{NAME}?v={digest}">\n'
            first = LINK.search(text).start()
            text = text[:first] + link + LINK.sub("", text[first:])
            page.write_text(text, encoding="utf8")
        elif lists[page]:
            log.warning("%s has style sheets of its own: %s", page, lists[page])


def setup(app: Sphinx) -> None:
    app.connect("build-finished", join, priority=650)  # after the repairs, before the checks
