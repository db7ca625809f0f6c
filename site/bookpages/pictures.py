"""Pictures of cells say their size, so that a page keeps room for them while they come."""

import re
from pathlib import Path

import imagesize

PICTURE = re.compile(r'<img (?=alt="[^"]*" src="(?:\.\./)*_images/([^"]+\.png)")')


def sized(page: str, images: Path) -> str:
    """The page with the size, in pixels, in every picture's tag."""

    def tag(found: re.Match) -> str:
        width, height = imagesize.get(images / found[1])
        return f'<img width="{width}" height="{height}" '

    return PICTURE.sub(tag, page)
