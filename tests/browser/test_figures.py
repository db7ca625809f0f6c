"""The interactive figures as a reader meets them: what they show is what the package computes."""

import re

import numpy as np
import pytest
import torch

from dropoutbook import Standout

SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
NUMBER = re.compile(r"−?\d+(?:\.\d+)?(?:e[+-]\d+)?")


def standout_keep(alpha, beta, z):
    layer = Standout(1, 1, alpha=alpha, beta=beta)
    return 1 - layer.drop_probability(torch.as_tensor(z, dtype=torch.float64)).numpy()


def standout_sentence(alpha, beta):
    level = standout_keep(0.0, beta, 0.0)
    return [
        1,
        standout_keep(alpha, beta, 1.0),
        -1,
        standout_keep(alpha, beta, -1.0),
        level,
        1 - level,
    ]


def standout_curves(alpha, beta):
    return [[lambda x: standout_keep(alpha, beta, x), lambda x: standout_keep(0.0, beta, x)]]


# figure -> settings unlike those it starts with, what its sentence says there, and its curves
FIGURES = {
    "standout": ({"alpha": 2.5, "beta": -1.25}, standout_sentence, standout_curves),
}


@pytest.fixture
def figure(page, book, request):
    page.goto((book / "chapters" / f"{request.param}.html").as_uri())
    return page.locator(f'[data-figure="{request.param}"]')


def every(table):
    """One test for each entry of the table, which gets the figure in the page and the entry."""
    return pytest.mark.parametrize(
        ("figure", "case"), table.items(), indirect=["figure"], ids=[*table]
    )


def value_of(text):
    """The number that a text shows; 10⁻³ is one too."""
    if text.startswith("10") and len(text) > 2:
        text = f"1e{text[2:].translate(SUPERSCRIPTS)}"
    return float(text.replace("−", "-"))


def slider(figure, name):
    return figure.locator(f'input[name="{name}"]')


def press_to(figure, name, value):
    """Moves a slider to a value with the keys alone."""
    control = slider(figure, name)
    low, step = (float(control.get_attribute(limit)) for limit in ("min", "step"))
    control.focus()
    control.press("Home")
    for _ in range(round((value - low) / step)):
        control.press("ArrowRight")
    assert float(control.input_value()) == pytest.approx(value)


def drag(figure, name, share):
    """Drags the thumb of a slider to a share of its way; returns the value that this gives."""
    control = slider(figure, name)
    control.scroll_into_view_if_needed()
    box, mouse = control.bounding_box(), control.page.mouse
    low, high = (float(control.get_attribute(limit)) for limit in ("min", "max"))
    start = (float(control.input_value()) - low) / (high - low)
    thumb, middle = 16, box["y"] + box["height"] / 2
    from_x, to_x = (box["x"] + thumb / 2 + s * (box["width"] - thumb) for s in (start, share))
    mouse.move(from_x, middle)
    mouse.down()
    mouse.move(to_x, middle, steps=4)
    mouse.up()
    return float(control.input_value())


def check_sentence(figure, expected):
    """Each number in the sentence is the expected one, to the digits that are shown."""
    shown = NUMBER.findall(figure.locator(".sentence").inner_text())
    assert len(shown) == len(expected)
    for text, value in zip(shown, expected, strict=True):
        digits = len(text.partition(".")[2])
        assert abs(value_of(text) - value) <= 0.5 * 10**-digits * (1 + 1e-6), (text, value)


def axis_of(panel, axis):
    """From a place in the picture to the number there, as a reader gets it from the ticks.

    Returns a linear map, and whether it leads to the number or to its logarithm.
    """
    found = panel.locator(f"path.axis + text.{axis}").evaluate_all(
        "texts => texts.map(t => [t.textContent, t.previousElementSibling.getAttribute('d')])"
    )
    values = np.array([value_of(text) for text, _ in found])
    places = [[*map(float, NUMBER.findall(path))][axis == "y"] for _, path in found]
    log = not np.allclose(np.diff(values), values[1] - values[0])
    slope, offset = np.polyfit(places, np.log10(values) if log else values, 1)
    return (lambda place: slope * np.asarray(place) + offset), log


def check_curve(panel, series, function):
    """The points of a curve are those of the function, to the tenth of a unit that is drawn."""
    (across, log_x), (up, log_y) = (axis_of(panel, axis) for axis in "xy")
    inner = panel.locator("svg svg")
    left, top, height = (float(inner.get_attribute(name)) for name in ("x", "y", "height"))
    d = panel.locator(f"svg svg .series-{series} path").first.get_attribute("d")
    x, y = np.array([float(n) for n in re.findall(r"-?[\d.]+", d)]).reshape(-1, 2).T
    x, y = x[(y > 0) & (y < height)], y[(y > 0) & (y < height)]
    assert len(x) > 20, "hardly any of the curve is in sight"
    near = across(left + x + np.array([[-0.1], [0], [0.1]]))
    value = function(10**near if log_x else near)
    value = np.broadcast_to(np.log10(value) if log_y else value, near.shape)
    shown, reach = up(top + y), abs(up(0.1) - up(0))
    assert np.all(shown >= value.min(0) - reach)
    assert np.all(shown <= value.max(0) + reach)


@every(FIGURES)
def test_keys_move_the_sentence_to_the_numbers_of_the_package(figure, case):
    settings, sentence, _ = case
    for name, value in settings.items():
        press_to(figure, name, value)
    check_sentence(figure, sentence(**settings))


@every(FIGURES)
def test_the_mouse_moves_the_sentence_to_the_numbers_of_the_package(figure, case):
    settings, sentence, _ = case
    start = {name: float(slider(figure, name).input_value()) for name in settings}
    moved = {name: drag(figure, name, 0.8) for name in settings}
    assert all(moved[name] != start[name] for name in settings)
    check_sentence(figure, sentence(**moved))


@every(FIGURES)
def test_a_slider_moves_the_curves_to_those_of_the_package(figure, case):
    settings, _, curves = case
    before = figure.locator("svg[role]").evaluate_all("all => all.map(svg => svg.innerHTML)")
    for name, value in settings.items():
        press_to(figure, name, value)
    after = figure.locator("svg[role]").evaluate_all("all => all.map(svg => svg.innerHTML)")
    assert after != before
    for panel, functions in enumerate(curves(**settings)):
        for series, function in enumerate(functions, 1):
            check_curve(figure.locator(".panel").nth(panel), series, function)


@every(FIGURES)
def test_the_script_redraws_the_still(figure, case):
    def shown():
        return figure.locator("svg[role], .sentence").evaluate_all(
            "all => all.map(e => e.innerHTML)"
        )

    still = shown()
    control = figure.locator("input").first
    control.press("ArrowRight")
    assert shown() != still
    control.press("ArrowLeft")
    assert shown() == still


@pytest.mark.parametrize("name", FIGURES)
def test_without_scripts_the_still_stands_and_no_dead_control(browser, book, name):
    with browser.new_page(java_script_enabled=False) as page:
        page.goto((book / "chapters" / f"{name}.html").as_uri())
        figure = page.locator(f'[data-figure="{name}"]')
        for picture in figure.locator("svg[role]").all():
            assert picture.bounding_box()["height"] > 150
            assert picture.locator("path").count() > 2
        assert NUMBER.search(figure.locator(".sentence").inner_text())
        assert not any(control.is_visible() for control in figure.locator("input, button").all())
