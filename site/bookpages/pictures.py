"""Pictures of cells say their size, so that a page keeps room for them while they come."""

import re
from pathlib import Path

from sphinx.application import Sphinx

PICTURE = re.compile(r'<img (?=alt="[^"]*" src="(?:\.\./)*_images/([^"]+\.png)")')


def size(path: Path) -> tuple[int, int]:
    """Width and height of a PNG, from its first bytes."""
    head = path.read_bytes()[:24]
    return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")


def sized(page: str, images: Path) -> str:
    """The page with the size, in pixels, in every picture's tag."""

    def tag(found: re.Match) -> str:
        width, height = size(images / found[1])
        return f'<img width="{width}" height="{height}" '

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
