"""Repairs of the theme's pages: weight, and what screen readers stumble over."""

import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging

log = logging.getLogger(__name__)

# (what the theme writes, what the book writes, why)
REPAIRS = [
    (
        r'(dataset\.theme = localStorage\.getItem\("theme"\) \|\|) "auto";',
        r'\1 (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");',
        "no colors, and another size of type, until the scripts have come",
    ),
    (
        r'\s*<script defer src="[^"]*scripts/fontawesome\.js[^"]*"></script>',
        "",
        "1.5 MB; the style sheet draws the same icons",
    ),
    (
        r'<link rel="preload" as="script"[^>]*>\s*',
        "",
        "scripts that the page can wait for are fetched before its style",
    ),
    (
        r'\s*<script src="\.\./[^"]*(?:searchtools|language_data|searchindex)\.js[^"]*"></script>',
        "",
        "100 kB of search, which happens on a page of its own",
    ),
    (
        r'<script ((?:data-[\w-]+="[^"]*" )?src="[^"]*")></script>',
        r"<script defer \1></script>",
        "the page waits for scripts before it shows anything",
    ),
    (
        r"<script>(?=DOCUMENTATION_OPTIONS\.)",
        '<script type="module">',
        "a line that must run after a script that no longer runs at once",
    ),
    (
        r'(<button class="btn search-button-field[^>]*?) aria-label="[^"]*"',
        r"\1",
        "a name that differs from the visible text",
    ),
    (
        r'<span class="search-button__kbd-shortcut">',
        '<span class="search-button__kbd-shortcut" aria-hidden="true">',
        "keys are not part of the button's name",
    ),
    (
        r'<div class="sidebar-primary-items__start sidebar-primary__section">',
        '<div class="sidebar-primary-items__start sidebar-primary__section" role="region"'
        ' aria-label="Contents of the book">',
        "text outside any landmark",
    ),
    (
        r'(<div id="jb-print-docs-body" class="onlyprint">\s*)<h1>[\s\S]*?</h1>',
        r"\1",
        "a second h1 above the page's own",
    ),
    (
        r'<summary>(<span class="toctree-toggle" role="presentation">)',
        r'<summary aria-label="Show or hide the pages of this section">\1',
        "an arrow without a name",
    ),
    (
        r'<summary aria-label="Toggle hidden content">',
        "<summary>",
        "a name that differs from the visible text",
    ),
    (
        r'(<div class="citation"[^>]*) role="doc-biblioentry"',
        r'\1 role="listitem"',
        "a deprecated role, and a list without items",
    ),
    (
        r'(<section[^>]*) id="(?:exercise|solution|proof)-content"',
        r"\1",
        "the same id in every box",
    ),
    (
        r'(<div class="proof admonition") id="proof">',
        r"\1>",
        "the same id for every proof",
    ),
    (
        r'(<div class="proof admonition"[^>]*>\s*<p>)Proof\.',
        r"\1<strong>Proof.</strong>",
        "a title that looks like the text behind it",
    ),
    (
        r'(<p class="admonition-title">Solution to)(<a [^>]*>) ',
        r"\1 \2",
        "a link that begins with a space",
    ),
]
UNUSED = [
    "*.map",
    "scripts/fontawesome.js*",
    "vendor/fontawesome/**/*.ttf",
    "vendor/fontawesome/**/fa-solid*",
]
REDIRECT = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="description" content="{title}: this page leads to its first page.">
<link rel="icon" href="data:,">
<meta http-equiv="refresh" content="0; url={first}">
<title>{title}</title>
</head>
<body><h1><a href="{first}">{title}</a></h1></body>
</html>
"""


def repair(page: str) -> str:
    for wrong, right, _ in REPAIRS:
        page = re.sub(wrong, right, page)
    return page


def describe(app: Sphinx, page: str, template: str, context: dict, doctree) -> None:
    """The search page has no source that could describe it."""
    if doctree is None:
        title = app.config.html_title
        context["metatags"] = f'<meta name="description" content="{title}: {page}">'


def finish(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    out = Path(app.outdir)
    pages = [page for page in out.rglob("*.html") if "_static" not in page.parts]
    texts = {page: page.read_text(encoding="utf8") for page in pages}
    for wrong, _, why in REPAIRS:
        if not any(re.search(wrong, text) for text in texts.values()):
            log.warning("no page needs this repair any more: %s (%s)", wrong, why)
    for page, text in texts.items():
        page.write_text(repair(text), encoding="utf8")
    for pattern in UNUSED:
        for file in (out / "_static").rglob(pattern):
            file.unlink()
    first = f"{app.config.root_doc}.html"
    index = REDIRECT.format(title=app.config.html_title, first=first)
    (out / "index.html").write_text(index, encoding="utf8")


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", describe)
    app.connect("build-finished", finish, priority=600)
