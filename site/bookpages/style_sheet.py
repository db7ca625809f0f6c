"""One style sheet instead of the dozen that themes and extensions bring, each a wait on a phone.

Same rules, same order: sheets are joined as the pages name them, imports in place, addresses
relative to the new file. Only rules for icons that no page shows, and fonts in older formats, are
left out.
"""

import hashlib
import posixpath
import re

from sphinx.util import logging

from bookpages.icon_font import embedded

log = logging.getLogger(__name__)

NAME = "_static/style.css"
LINK = re.compile(r'<link(?=[^>]*rel="stylesheet")[^>]*?href="((?:\.\./)*)([^"?]+)[^"]*"[^>]*>\s*')
IMPORT = re.compile(r"@import\s+(?:url\()?[\"']([^\"')]+)[\"']\)?;")
ADDRESS = re.compile(r"url\((?![\"']?(?:data:|#))[\"']?([^\"')]+)[\"']?\)")
ICON = re.compile(r'(?:\.fa-[\w-]+::?before,?)+\{content:"[^"]*"\}')
OMITTED = re.compile(
    r"@charset[^;]*;|^\ufeff|/\*[#!]? ?sourceMappingURL[^*]*\*/"
    r'|,url\([^)]*\.(?:woff|ttf)\) format\("[a-z]+"\)'  # woff2 stands before, and is enough
)


def joined(texts: dict[str, str], sheets: list[str]) -> str:
    """The text of all sheets, each named by its path in the book."""
    return "\n".join(_text(texts, sheet) for sheet in sheets)


def _text(texts: dict[str, str], sheet: str) -> str:
    folder = posixpath.dirname(sheet)
    text = OMITTED.sub("", texts[sheet])
    text = ADDRESS.sub(lambda found: f"url({_moved(folder, found[1])})", text)
    return IMPORT.sub(
        lambda found: _text(texts, posixpath.normpath(posixpath.join(folder, found[1]))), text
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


def with_one_sheet(pages: dict[str, str], texts: dict[str, str]) -> dict[str, str]:
    """The pages with one sheet instead of those they name, and that sheet.

    `texts` are the files of the book: the sheets, and scripts, which may show icons, too.
    """
    lists = {name: [sheet for _, sheet in LINK.findall(text)] for name, text in pages.items()}
    sheets = max(lists.values(), key=len)  # some pages do without the sheet of the figures
    scripts = [text for name, text in texts.items() if name.endswith(".js")]
    style = without_unused_icons(joined(texts, sheets), "".join([*pages.values(), *scripts]))
    style = embedded(style)
    digest = hashlib.sha256(style.encode()).hexdigest()[:8]
    changed = {NAME: style}
    for name, text in pages.items():
        if not set(lists[name]) <= set(sheets):
            log.warning("%s has style sheets of its own: %s", name, lists[name])
        elif first := LINK.search(text):
            link = f'<link rel="stylesheet" href="{first[1]}{NAME}?v={digest}">\n'
            changed[name] = text[: first.start()] + link + LINK.sub("", text[first.start() :])
    return pages | changed
