"""The interactive figures as a reader meets them: what they show is what the package computes."""

import re
from functools import cache

import numpy as np
import pytest

from dropoutbook.derive import enumerate_expectation
from tests.browser.figure_references import REFERENCES, drop_connect_density, kept_share
from tests.contrast import contrast, luminance

SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
NUMBER = re.compile(r"−?\d+(?:\.\d+)?(?: × 10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?")


@pytest.fixture(scope="module")
def opened(browser, book):
    """The figure of a chapter, in a page that is opened once."""
    with browser.new_context() as context:

        @cache
        def figure(name):
            page = context.new_page()
            page.goto((book / "chapters" / f"{name}.html").as_uri(), wait_until="domcontentloaded")
            return page.locator(f'[data-figure="{name}"]')

        yield figure


@pytest.fixture
def figure(opened, request):
    """The figure as it starts."""
    figure = opened(request.param)
    figure.page.bring_to_front()  # else the browser takes its time with the mouse
    if figure.locator("button:not([value='1'])").count():
        figure.page.reload(wait_until="domcontentloaded")
    figure.locator("input").evaluate_all(
        "all => all.forEach(control => {"
        " control.value = control.defaultValue; control.dispatchEvent(new Event('input')); })"
    )
    return figure


EVERY_FIGURE = pytest.mark.parametrize("figure", ["what_is_dropout", *REFERENCES], indirect=True)
EVERY_REFERENCE = pytest.mark.parametrize(
    ("figure", "reference"), REFERENCES.items(), indirect=["figure"], ids=[*REFERENCES]
)
NETWORK = pytest.mark.parametrize("figure", ["what_is_dropout"], indirect=True)


def value_of(text):
    """The number that a text shows: 0.5, −1, 10⁻⁴ or 1.2 × 10⁻⁷."""
    power = re.fullmatch(r"(?:([\d.]+) × )?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", text)
    if power:
        return float(power[1] or 1) * 10.0 ** int(power[2].translate(SUPERSCRIPTS))
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
    for text, entry in zip(shown, expected, strict=True):
        value, reach = entry if isinstance(entry, tuple) else (entry, 0)
        rounding = 0.5 * 10.0 ** -len(text.partition(".")[2])
        assert abs(value_of(text) - value) <= rounding * (1 + 1e-6) + reach, (text, value)


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


def points_of(panel, series):
    """The points of a curve in the units of the picture, those out of sight as NaN."""
    inner = panel.locator("svg svg")
    left, top, height = (float(inner.get_attribute(name)) for name in ("x", "y", "height"))
    d = inner.locator(f".series-{series} path").first.get_attribute("d")
    x, y = np.array([float(n) for n in re.findall(r"-?[\d.]+", d)]).reshape(-1, 2).T
    return left + x, np.where((y > 0) & (y < height), top + y, np.nan)


def check_curve(panel, x, y, function):
    """The points are those of the function, where it is known, to the tenth that is drawn."""
    (across, _), (up, log) = (axis_of(panel, axis) for axis in "xy")
    x, y = x[~np.isnan(y)], y[~np.isnan(y)]
    value = function(across(x + np.array([[-0.1], [0], [0.1]])))
    known = ~np.isnan(value[1])
    assert known.sum() > 5
    value = (np.log10 if log else np.asarray)(value[:, known])
    shown, reach = up(y[known]), abs(up(0.1) - up(0))
    assert np.all(shown >= np.nanmin(value, axis=0) - reach)
    assert np.all(shown <= np.nanmax(value, axis=0) + reach)


def pictures(figure):
    return figure.locator("svg[role], .sentence").evaluate_all("all => all.map(e => e.innerHTML)")


@EVERY_REFERENCE
def test_keys_move_sentence_and_curves_to_those_of_the_package(figure, reference):
    before = pictures(figure)
    for name, value in reference.settings.items():
        press_to(figure, name, value)
    assert pictures(figure) != before
    check_sentence(figure, reference.sentence(**reference.settings))
    for panel, curves in enumerate(reference.curves(**reference.settings)):
        shown = figure.locator(".panel").nth(panel)
        for series, function in curves.items():
            x, y = points_of(shown, series)
            if isinstance(function, tuple):  # a band: there along one edge, back along the other
                half = len(x) // 2
                check_curve(shown, x[:half], y[:half], function[0])
                check_curve(shown, x[half:], y[half:], function[1])
            else:
                check_curve(shown, x, y, function)


@EVERY_REFERENCE
def test_the_mouse_moves_the_sentence_to_that_of_the_package(figure, reference):
    start = {name: float(slider(figure, name).input_value()) for name in reference.settings}
    moved = {name: drag(figure, name, 0.4) for name in start}
    assert all(moved[name] != start[name] for name in start)
    check_sentence(figure, reference.sentence(**moved))


@EVERY_FIGURE
def test_the_script_redraws_the_still(figure):
    still, control = pictures(figure), figure.locator("input").first
    control.press("ArrowRight")
    assert pictures(figure) != still
    control.press("ArrowLeft")
    assert pictures(figure) == still


@pytest.mark.parametrize("name", ["what_is_dropout", *REFERENCES])
def test_without_scripts_the_still_stands_and_no_dead_control(browser, book, name):
    with browser.new_page(java_script_enabled=False) as page:
        page.goto((book / "chapters" / f"{name}.html").as_uri())
        figure = page.locator(f'[data-figure="{name}"]')
        for picture in figure.locator("svg[role]").all():
            assert picture.bounding_box()["height"] > 150
            assert picture.locator("path").count() > 2
        assert NUMBER.search(figure.locator(".sentence").inner_text())
        assert not any(control.is_visible() for control in figure.locator("input, button").all())


@EVERY_FIGURE
def test_each_control_has_a_name_and_each_picture_too(figure):
    for control in figure.locator("input, button").all():
        name = control.evaluate("c => (c.labels?.[0] ?? c).textContent.trim()")
        assert name
        assert control.is_visible()
        assert figure.get_by_label(name).or_(figure.get_by_role("button", name=name)).count() == 1
    for picture in figure.locator("svg[role=img]").all():
        assert len(picture.get_attribute("aria-label")) > 40
        said = figure.locator(f"#{picture.get_attribute('aria-describedby')}")
        assert said.get_attribute("aria-live") == "polite"


@pytest.mark.parametrize("theme", ["light", "dark"])
@EVERY_FIGURE
def test_lines_and_texts_stand_out_from_the_page(figure, theme):
    figure.page.emulate_media(color_scheme=theme)
    figure.page.wait_for_selector(f"html[data-theme={theme}]")
    look = "(all, what) => all.map(e => getComputedStyle(e)[what])"
    (page,) = figure.page.locator("body").evaluate_all(look, "backgroundColor")
    assert (luminance(page) > 0.5) == (theme == "light")
    texts = figure.locator("label, output, .sentence, .key li, .title, button")
    lines = figure.locator(".axis, .edges, .cross, .dropped, [class^=series] path")
    filled = figure.locator("circle:not(.dropped), .areas path")
    drawn = figure.locator("text")
    for color in texts.evaluate_all(look, "color") + drawn.evaluate_all(look, "fill"):
        assert contrast(color, page) >= 4.5
    for color in lines.evaluate_all(look, "stroke") + filled.evaluate_all(look, "fill"):
        assert contrast(color, page) >= 3


@EVERY_FIGURE
def test_a_dark_page_prints_its_figure_in_dark_on_white(figure):
    figure.page.emulate_media(color_scheme="dark", media="print")
    look = "(all, what) => all.map(e => getComputedStyle(e)[what])"
    lines = figure.locator(".axis, .edges, [class^=series] path").evaluate_all(look, "stroke")
    texts = figure.locator(".sentence, .key li").evaluate_all(look, "color")
    texts += figure.locator("text").evaluate_all(look, "fill")
    figure.page.emulate_media(color_scheme="light", media="screen")
    assert lines
    assert all(contrast(color, "rgb(255, 255, 255)") >= 3 for color in lines)
    assert all(contrast(color, "rgb(255, 255, 255)") >= 7 for color in texts)


@pytest.mark.parametrize("figure", ["convolution"], indirect=True)
def test_the_maps_of_drop_block_are_those_of_the_layer(figure):
    settings = REFERENCES["convolution"].settings
    for name, value in settings.items():
        press_to(figure, name, value)
    for panel, marginal in enumerate(("paper", "uniform")):
        areas = figure.locator(".panel").nth(panel).locator(".areas path")
        cells = {}
        for d, opacity in areas.evaluate_all(
            "all => all.map(a => [a.getAttribute('d'), Number(a.getAttribute('fill-opacity'))])"
        ):
            cells |= {
                (float(x), float(y)): opacity for x, y in re.findall(r"M([\d.]+) ([\d.]+)", d)
            }
        size = min(x for x, _ in cells)
        shown = np.array([[cells[size + 16 * x, 8 + 16 * y] for x in range(14)] for y in range(14)])
        share, reach, _ = kept_share(settings["p"], settings["b"], marginal)
        assert np.all(np.abs(shown - share) <= reach + 1e-4)


@pytest.mark.parametrize("figure", ["gaussian_dropout"], indirect=True)
def test_the_stems_of_dropout_stand_at_its_values(figure):
    p = REFERENCES["gaussian_dropout"].settings["p"]
    press_to(figure, "p", p)
    panel = figure.locator(".panel").first
    (across, _), (up, _), (left, top) = axis_of(panel, "x"), axis_of(panel, "y"), (66, 12)
    for stem, (value, probability) in enumerate(((1 / (1 - p), 1 - p), (0, p))):
        tip = panel.locator(".series-1 circle").nth(stem)
        x, y = (float(tip.get_attribute(name)) for name in ("cx", "cy"))
        assert across(left + x) == pytest.approx(value, abs=0.01)
        assert up(top + y) == pytest.approx(probability, abs=0.001)


@pytest.mark.parametrize("figure", ["drop_connect"], indirect=True)
def test_the_bars_of_drop_connect_hold_all_masks(figure):
    settings = REFERENCES["drop_connect"].settings
    for name, value in settings.items():
        press_to(figure, name, value)
    (across, _), (up, _) = axis_of(figure, "x"), axis_of(figure, "y")
    d = figure.locator(".series-1 path").first.get_attribute("d")
    bars = re.findall(r"M([-\d.]+) [-\d.]+V([-\d.]+)H([-\d.]+)", d)
    left, height, right = np.array([[float(n) for n in bar] for bar in bars]).T
    edges = np.append(across(66 + left), across(66 + right[-1]))
    assert np.allclose(left[1:], right[:-1])
    shown = up(12 + height)
    assert (shown * np.diff(edges)).sum() == pytest.approx(1, abs=0.01)
    exact = drop_connect_density(**settings, edges=edges.round(2))
    assert shown == pytest.approx(exact, abs=2 * abs(up(0.1) - up(0)))


def left_in_the_picture(figure):
    """How many units, without the output, and how many edges are drawn."""
    edges = figure.locator(".edges").get_attribute("d") or ""
    return figure.locator("circle.kept").count() - 1, edges.count("M")


def network_sentence(p):
    """The expected units and edges, over all 2^15 masks."""

    def left(masks):
        layers = [masks[:, :5].sum(1), masks[:, 5:10].sum(1), masks[:, 10:].sum(1), 1]
        edges = sum(layers[i] * layers[i + 1] for i in range(3))
        return np.stack([masks.sum(1), edges], axis=1)

    return enumerate_expectation(left, [1 - p] * 15)


@NETWORK
def test_the_network_says_what_it_shows_and_what_is_expected(figure):
    press_to(figure, "p", 0.35)
    (units, edges), (mean_units, mean_edges) = left_in_the_picture(figure), network_sentence(0.35)
    check_sentence(figure, [1, units, 15, mean_units, edges, 55, mean_edges])
    assert units + figure.locator("circle.dropped").count() == 15


@NETWORK
def test_the_button_draws_masks_by_mouse_and_by_key(figure):
    button, seen = figure.get_by_role("button"), [left_in_the_picture(figure)]
    drawn = {pictures(figure)[0]}
    for draw in range(2, 22):
        button.click() if draw % 2 else button.press("Enter")
        seen.append(left_in_the_picture(figure))
        drawn.add(pictures(figure)[0])
    assert len(drawn) == len(seen)
    units, edges = seen[-1]
    means = network_sentence(0.5)
    check_sentence(figure, [21, units, 15, means[0], edges, 55, means[1], *np.mean(seen, axis=0)])
