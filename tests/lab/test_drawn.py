"""The digest of a figure changes with what a reader sees, and not with the last bits."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

from dropoutbook.lab.drawn import describe, drawn
from dropoutbook.lab.plots import paired_dots, use_book_style

X = np.linspace(0, 1, 30)


def figure(shift=0.0, color="red", title="one", pixel=0.2, size=4, extra=None):
    fig, ax = plt.subplots()
    ax.plot(X, np.sin(9 * X) + shift)
    ax.errorbar(X[::5], X[::5] ** 2 + shift, 0.1 + shift, fmt="o", color=color, markersize=size)
    ax.fill_between(X, X - 0.1, X + 0.1 + shift, alpha=0.2)
    ax.imshow([[pixel, 0], [1, 0.5]], extent=(0, 0.2, 0, 0.2))
    ax.set_title(title)
    if extra:
        ax.plot([0.5], [0.5], extra)
    plt.close(fig)
    return fig


@pytest.mark.parametrize(
    "seen",
    [
        {"shift": 0.01},
        {"color": "blue"},
        {"title": "two"},
        {"title": "one 0.51"},
        {"pixel": 0.3},
        {"size": 5},
        {"extra": "s"},
    ],
    ids=str,
)
def test_what_a_reader_sees_changes_it(seen):
    assert drawn(figure(**seen)) != drawn(figure())


def test_texts_that_differ_in_the_last_digit_are_told_apart():
    assert drawn(figure(title="p = 0.51")) != drawn(figure(title="p = 0.52"))


@pytest.mark.parametrize("shift", [1e-15, -1e-15, 1e-12, -1e-12])
def test_the_last_bits_do_not(shift):
    assert drawn(figure(shift)) == drawn(figure())


def test_it_is_the_same_in_any_style_of_svg_and_leaves_the_figure_alone():
    fig = figure()
    with plt.rc_context({"svg.fonttype": "path", "svg.hashsalt": "other", "path.simplify": False}):
        assert drawn(fig) == drawn(fig) == drawn(figure())


def test_a_notebook_shows_it_beside_the_figure():
    shell = InteractiveShell()
    InteractiveShell._instance = shell
    try:
        use_book_style()
        fig, ax = plt.subplots()
        paired_dots(ax, {"a": [1.0, 2.0], "b": [2.0, 1.0]})
        shown = shell.display_formatter.format(fig)[0]["text/plain"]
        plt.close(fig)
    finally:
        InteractiveShell.clear_instance()
        plt.rcdefaults()
    assert shown == describe(fig)
    assert shown.startswith("<Figure size 616x374 with 1 Axes, drawn ")
    assert drawn(fig) in shown
