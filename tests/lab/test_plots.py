"""What the figures draw, read back from Matplotlib."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from dropoutbook.lab.plots import COLORS, label_ends, paired_dots, use_book_style
from tests.contrast import contrast


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


@pytest.mark.parametrize("color", COLORS)
def test_colors_stand_out_from_white(color):
    # WCAG 2.1 asks 3 : 1 of graphical objects
    assert contrast(color, "white") >= 3


def test_style_sets_the_colors():
    with mpl.rc_context():
        use_book_style()
        assert tuple(mpl.rcParams["axes.prop_cycle"].by_key()["color"]) == COLORS


def test_paired_dots_joins_the_values_of_a_seed(ax):
    paired_dots(ax, {"none": [3.0, 5.0], "dropout": [1.0, 2.0]})
    joined = [line.get_ydata().tolist() for line in ax.lines if line.get_linestyle() == "-"]
    assert joined == [[3, 1], [5, 2]]
    dots = [line.get_ydata().tolist() for line in ax.lines if line.get_marker() == "o"]
    assert dots == [[3, 5], [1, 2]]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["none", "dropout"]


def test_paired_dots_keeps_lines_behind_dots_and_room_beside_them(ax):
    paired_dots(ax, {"none": [3.0, 5.0], "dropout": [1.0, 2.0]})
    order = {line.get_linestyle(): line.get_zorder() for line in ax.lines}
    assert order["-"] < order["None"]
    assert ax.get_xlim() == (-0.5, 1.5)


def test_paired_dots_starts_the_colors_again(ax):
    paired_dots(ax, {str(number): [1.0] for number in range(6)})
    dots = [line.get_color() for line in ax.lines if line.get_marker() == "o"]
    assert dots == [*COLORS, COLORS[0]]


def test_paired_dots_marks_the_means(ax):
    paired_dots(ax, {"none": [3.0, 5.0], "dropout": [1.0, 2.0]})
    assert [bar.get_segments()[0][0][1] for bar in ax.collections] == [4, 1.5]


@pytest.mark.parametrize("arms", [{"one": [1, 2]}, {"one": [1, 2], "two": [1]}, {"a": 1, "b": 2}])
def test_bad_arms_are_refused(ax, arms):
    with pytest.raises(ValueError, match="arms must be two or more of one shape"):
        paired_dots(ax, arms)


def names(ax):
    return {text.get_text(): (text.xy[1], text.get_color()) for text in ax.texts}


@pytest.mark.parametrize(("scale", "middle"), [("linear", 0.099), ("log", 2 / 3)])
def test_a_line_is_named_at_its_end_in_its_color(ax, scale, middle):
    for name, end in {"high": 1000, "low": 1, "between": 100}.items():
        ax.plot([0, 1], [10, end], label=name)
    ax.plot([0, 1], [10, 500])
    ax.set(yscale=scale, ylim=(1, 1000))
    label_ends(ax)
    colors = {line.get_label(): line.get_color() for line in ax.get_lines()[:3]}
    heights = {name: height for name, (height, _) in names(ax).items()}
    assert heights == pytest.approx({"low": 0, "between": middle, "high": 1}, abs=1e-3)
    assert {name: color for name, (_, color) in names(ax).items()} == colors


def test_names_keep_apart_and_inside(ax):
    for name, end in {"a": 0.50, "b": 0.51, "c": 7, "d": -3}.items():
        ax.plot([0, 1], [0, end], label=name)
    ax.set(ylim=(0, 1))
    label_ends(ax, gap=0.1)
    heights = {name: height for name, (height, _) in names(ax).items()}
    assert heights == pytest.approx({"a": 0.5, "b": 0.6, "c": 1, "d": 0})


def test_names_need_no_drawn_figure(ax):
    ax.plot([0, 1], [0, 5], label="a")
    label_ends(ax)
    assert names(ax)["a"][0] == pytest.approx(1 - 0.05 / 1.1, abs=1e-3)  # the margin of 5 %
