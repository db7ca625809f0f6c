"""Pictures of cells know their size: a page keeps room for them, a phone lets wide ones scroll.

On a phone the labels of a wide picture would be five pixels high if it had to fit the screen.
"""

import re
from pathlib import Path

from sphinx.application import Sphinx

PICTURE = re.compile(r'<img (?=alt="[^"]*" src="(?:\.\./)*_images/([^"]+\.png)")')
WIDE = 600  # pixels


def size(path: Path) -> tuple[int, int]:
    """Width and height of a PNG, from its first bytes."""
    head = path.read_bytes()[:24]
    return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")


def sized(page: str, images: Path) -> str:
    """The page with the size in every picture's tag, and a class in that of a wide one."""

    def tag(found: re.Match) -> str:
        width, height = size(images / found[1])
        look = 'class="wide" ' if width > WIDE else ""
        return f'<img {look}width="{width}" height="{height}" '

    return PICTURE.sub(tag, page)


def finish(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    out = Path(app.outdir)
    for path in (out / "chapters").glob("*.html"):
        page = path.read_text(encoding="utf8")
        path.write_text(sized(page, out / "_images"), encoding="utf8")


def setup(app: Sphinx) -> None:
    app.connect("build-finished", finish)
