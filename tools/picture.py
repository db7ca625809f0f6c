"""Draws the picture of the README and the small ones of the methods, from masks that layers draw.

python tools/picture.py
"""

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import torch
from method_pictures import pictures

from dropoutbook import Dropout
from dropoutbook.lab.diagrams import draw_network

PICTURE = Path(__file__).resolve().parents[1] / "site" / "static" / "network.svg"
METHODS = PICTURE.parent / "methods"
LAYERS, P = (6, 8, 8, 1), 0.5
SEED = 20  # a draw that keeps half of each hidden layer


def draw(path: Path) -> None:
    """Writes one network, whole and under a mask, as an SVG file that is the same at every run."""
    layer = Dropout(P, rescale="test", generator=torch.Generator().manual_seed(SEED))
    masks = [torch.ones(units) for units in LAYERS]
    sampled = [masks[0], *(layer(mask) for mask in masks[1:-1]), masks[-1]]
    with mpl.rc_context({"svg.hashsalt": "dropoutbook", "svg.fonttype": "path"}):
        figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.4), layout="constrained")
        draw_network(left, masks)
        draw_network(right, sampled)
        figure.savefig(path, transparent=True, metadata={"Date": None})
        plt.close(figure)


if __name__ == "__main__":
    draw(PICTURE)
    METHODS.mkdir(exist_ok=True)
    for name, svg in pictures():
        (METHODS / f"{name}.svg").write_text(svg, "utf8")
