"""What a figure shows, as a short digest that stands beside it in a notebook."""

import base64
import hashlib
import io
import re

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

RASTER = re.compile(r'"data:image/png;base64,([^"]*)"')
NAME = re.compile(r"#?\b[a-z][0-9a-f]{10}\b")  # of a path or marker, made from its exact numbers
TAG = re.compile(r"<[^>]*>")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def drawn(figure: Figure) -> str:
    """A digest of all lines, marks, colors, texts and rasters, at a tenth of a point.

    Two figures that look different have two; what differs in the last bits, as from one CPU to
    another, has the same one.
    """
    svg = io.StringIO()
    with plt.rc_context({"svg.fonttype": "none", "svg.hashsalt": "book", "path.simplify": False}):
        figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
    text = NAME.sub("", RASTER.sub(_pixels, svg.getvalue()))
    text = TAG.sub(lambda tag: NUMBER.sub(_rounded, tag[0]), text)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def describe(figure: Figure) -> str:
    """What Matplotlib says of a figure, and the digest of what is drawn."""
    return f"{repr(figure).removesuffix('>')}, drawn {drawn(figure)}>"


def _rounded(number: re.Match[str]) -> str:
    # from a little above, so that a round number is not a border between two
    return f"{float(number[0]) + 0.0137:.1f}"


def _pixels(raster: re.Match[str]) -> str:
    pixels = plt.imread(io.BytesIO(base64.b64decode(raster[1])), format="png")
    return hashlib.sha256((pixels * 255).round().astype("uint8").tobytes()).hexdigest()
