"""Repairs of the theme's pages: weight, and what screen readers stumble over."""

import re
from collections.abc import Collection

# why: (what the theme writes, what the book writes)
REPAIRS = {
    "the page waits for scripts before it shows anything": (
        r'<script ((?:data-[\w-]+="[^"]*" )?src="[^"]*")></script>',
        r"<script defer \1></script>",
    ),
    "a line that must run after a script that no longer runs at once": (
        r"<script>(?=DOCUMENTATION_OPTIONS\.)",
        '<script type="module">',
    ),
    "a name that differs from the visible text": (
        r'(<button class="btn search-button-field[^>]*?) aria-label="[^"]*"',
        r"\1",
    ),
    "keys are not part of the button's name": (
        r'<span class="search-button__kbd-shortcut">',
        '<span class="search-button__kbd-shortcut" aria-hidden="true">',
    ),
    "text outside any landmark": (
        r'<div class="sidebar-primary-items__start sidebar-primary__section">',
        '<div class="sidebar-primary-items__start sidebar-primary__section" role="region"'
        ' aria-label="Contents of the book">',
    ),
    "an arrow without a name": (
        r'<summary>(<span class="toctree-toggle" role="presentation">)',
        r'<summary aria-label="Show or hide the pages of this section">\1',
    ),
    "another name that differs from the visible text": (
        r'<summary aria-label="Toggle hidden content">',
        "<summary>",
    ),
    "a deprecated role, and a list without items": (
        r'(<div class="citation"[^>]*) role="doc-biblioentry"',
        r'\1 role="listitem"',
    ),
    "the same id in every box": (
        r'(<section[^>]*) id="(?:exercise|solution|proof)-content"',
        r"\1",
    ),
    "the same id for every proof": (
        r'(<div class="proof admonition") id="proof">',
        r"\1>",
    ),
    "a title that looks like the text behind it": (
        r'(<div class="proof admonition"[^>]*>\s*<p>)Proof\.',
        r"\1<strong>Proof.</strong>",
    ),
    "a link that begins with a space": (
        r'(<p class="admonition-title">Solution to)(<a [^>]*>) ',
        r"\1 \2",
    ),
}
# Static files that no page asks for
UNUSED = [
    "*.map",
    "scripts/fontawesome.js*",
    "vendor/fontawesome/**/*.ttf",
    "vendor/fontawesome/**/fa-solid*",
    "katex/*.js",
    "katex/*.md",
]


def repaired(page: str) -> str:
    for wrong, right in REPAIRS.values():
        page = re.sub(wrong, right, page)
    return page


def unneeded(pages: Collection[str]) -> list[str]:
    """Why the repairs that change no page were once made."""
    return [
        why
        for why, (wrong, _) in REPAIRS.items()
        if not any(re.search(wrong, page) for page in pages)
    ]
