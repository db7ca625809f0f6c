"""The look of every figure, in one place."""

import sys
from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from dropoutbook.lab.drawn import describe

# Okabe and Ito's colors without the two that are too light on white; told apart by every kind of
# color vision, and mid-toned, so that they stay legible when a dark page inverts lightness
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#8C6D00")
BLUE, VERMILION, GREEN, PURPLE, OCHRE = COLORS

THEORY = {"color": "black", "linewidth": 1.2}
MEASURED = {"color": BLUE, "linestyle": "none", "marker": "o", "markersize": 4, "capsize": 3}


def use_book_style() -> None:
    """Sets Matplotlib's defaults for the figures of the book; call it once, at the top.

    In a notebook every figure that is shown then also has a text, with a digest of what is drawn:
    `make test` compares it, as it cannot compare pictures.
    """
    plt.rcParams.update(
        {
            "axes.prop_cycle": cycler(color=COLORS),
            "axes.spines.right": False,
            "axes.spines.top": False,
            "figure.constrained_layout.use": True,
            "figure.dpi": 110,
            "figure.figsize": (5.6, 3.4),
            "font.size": 10,
            "legend.frameon": False,
            "savefig.facecolor": "white",
        }
    )
    if shell := getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)():
        plt.close(plt.figure())  # starts the backend, which takes out what is set for figures
        shell.display_formatter.formatters["text/plain"].for_type(
            Figure, lambda figure, printer, _: printer.text(describe(figure))
        )


def paired_dots(ax: Axes, arms: Mapping[str, ArrayLike]) -> None:
    """One column of dots an arm, one gray line a seed, and each arm's mean as a black bar.

    Args:
        ax: where to draw; the caller labels the y axis with its unit.
        arms: name of the arm -> (seed,), one value a seed, seeds in the same order in each arm.

    Raises:
        ValueError: if there are fewer than two arms, or their numbers of seeds differ.
    """
    values = [np.asarray(value, dtype=float) for value in arms.values()]
    if len(values) < 2 or len({value.shape for value in values}) > 1 or values[0].ndim != 1:
        shapes = {name: np.shape(value) for name, value in arms.items()}
        raise ValueError(f"arms must be two or more of one shape (seed,), got {shapes}")
    columns = np.arange(len(values))
    ax.plot(columns, np.stack(values), color="gray", linewidth=0.7, zorder=1)
    for column, value in enumerate(values):
        ax.plot(np.full(len(value), column), value, "o", markersize=4, color=COLORS[column % 5])
        ax.hlines(value.mean(), column - 0.15, column + 0.15, color="black", linewidth=2)
    ax.set_xticks(columns, list(arms))
    ax.set_xlim(-0.5, len(values) - 0.5)


def label_ends(ax: Axes, gap: float = 0.07) -> None:
    """Names each labeled line of a finished plot at its right end, in its color; no legend needed.

    Args:
        ax: with its lines and its limits; a line that leaves the frame is named at its edge.
        gap: least distance of two names, as a share of the height.
    """
    ax.get_ylim()  # Matplotlib fits the limits when they are asked for
    share = ax.transScale + ax.transLimits  # from data to shares of the frame
    lines = [line for line in ax.get_lines() if not str(line.get_label()).startswith("_")]
    ends = [share.transform(np.asarray(line.get_xydata())[-1])[1] for line in lines]
    lowest = 0.0
    for end, line in sorted(zip(ends, lines, strict=True), key=lambda pair: pair[0]):
        height = max(min(end, 1.0), lowest)
        lowest = height + gap
        ax.annotate(
            str(line.get_label()),
            (1.02, height),
            xycoords="axes fraction",
            color=line.get_color(),
            verticalalignment="center",
            annotation_clip=False,
        )
