"""The figures' JavaScript computes what SymPy does, and a wrong expression is seen on the page."""

import json
import re
from dataclasses import fields, is_dataclass, replace
from importlib import import_module
from itertools import product

import numpy as np
import pytest
import sympy as sp
from bookpages.engine import engine
from bookpages.interactive import proofs
from bookpages.interactive.description import Button, Figure, Plot
from bookpages.interactive.directive import NAMES
from bookpages.interactive.javascript import function
from bookpages.interactive.marks import Dot, Line
from bookpages.interactive.page import SCRIPT, body, factory, still
from scipy.special import erf
from sphinx.errors import ExtensionError

RNG = np.random.default_rng(8)


@pytest.fixture(params=NAMES)
def figure(request):
    return import_module(f"figures.{request.param}").figure


@pytest.fixture(scope="module")
def script():
    """The JavaScript engine with figures.js."""
    return engine(SCRIPT)


def expressions(part):
    """Every expression in a description."""
    if isinstance(part, sp.Expr):
        yield part
    elif is_dataclass(part):
        yield from expressions([getattr(part, each.name) for each in fields(part)])
    elif isinstance(part, dict):
        yield from expressions(list(part.values()))
    elif isinstance(part, list | tuple):
        for each in part:
            yield from expressions(each)


def settings_of(figure):
    """A few settings that sliders can reach, with places to look at."""
    for _ in range(10):
        values = {c.name: 1.0 for c in figure.controls if isinstance(c, Button)}
        for control in figure.controls:
            if control.name not in values:
                steps = round((control.high - control.low) / control.step)
                values[control.name] = control.low + control.step * int(RNG.integers(steps + 1))
        sides = [panel.side for panel in figure.panels if panel.kind == "map"]
        for axis in "xy":
            values[axis] = float(RNG.integers(sides[0])) if sides else RNG.uniform(0.05, 0.95)
        yield values


def by_sympy(expression, values, constants):
    names = {s: values[s.name] for s in expression.free_symbols if getattr(s, "name", "") in values}
    expression = expression.subs(names).doit()
    entries = {
        entry: constants[str(entry.base)][int(entry.indices[0]) - 1]
        for entry in expression.atoms(sp.Indexed)
    }
    return float(expression.subs(entries).evalf(30))


def test_a_function_of_the_page_is_the_expression(figure, script):
    found = list(expressions(figure))
    assert found
    for values in settings_of(figure):
        facts = json.dumps(values | {name: list(c) for name, c in figure.constants.items()})
        for expression in found:
            if not expression.is_number:
                code = f"(({{sum, erf}}) => {function(expression)})(figures)({facts})"
                expected = by_sympy(expression, values, figure.constants)
                assert script.eval(code) == pytest.approx(expected, rel=1e-9, abs=1e-12), expression


def test_every_end_of_every_slider_can_be_drawn(figure, script):
    ends = [(c.name, (1, 7) if isinstance(c, Button) else (c.low, c.high)) for c in figure.controls]
    names = [name for name, _ in ends]
    for corner in product(*(both for _, both in ends)):
        at = dict(zip(names, corner, strict=True))
        drawn = script.eval(f"figures.still({factory(figure)}, {json.dumps(at)})")
        assert not re.search(r"NaN|Infinity|undefined", drawn), at


def test_a_key_stands_under_what_has_names(figure):
    plots = [panel for panel in figure.panels if isinstance(panel, Plot)]
    named = {mark.label for plot in plots for mark in plot.marks if not isinstance(mark, Dot)}
    assert body("it", figure).count("<li>") == len(named)
    assert ('class="key"' in body("it", figure)) == bool(named)


def test_a_wrong_sign_changes_picture_numbers_and_script():
    right = import_module("figures.standout").figure
    (panel,), rule = right.panels, right.panels[0].marks[0].y
    alpha = sp.Symbol("alpha", real=True)
    wrong = replace(
        right,
        panels=[replace(panel, marks=[Line("standout", rule.subs(alpha, -alpha))])],
        numbers=right.numbers | {"active": right.numbers["active"].subs(alpha, -alpha)},
    )
    assert (
        still(wrong)["pictures"][0]
        != still(replace(right, panels=[replace(panel, marks=panel.marks[:1])]))["pictures"][0]
    )
    assert "kept with probability 0.731" in still(right)["sentence"]
    assert "kept with probability 0.269" in still(wrong)["sentence"]
    assert (
        body("standout", right).partition("<script>")[2]
        != body("standout", wrong).partition("<script>")[2]
    )


def test_a_figure_without_a_value_is_an_error():
    unknown = 1 + sp.Symbol("nowhere")
    with pytest.raises(ExtensionError, match="no value"):
        still(Figure(controls=[], panels=[], sentence="{q:2}", numbers={"q": unknown}))


def test_erf_has_full_accuracy(script):
    for x in (0.0, 1e-9, 0.3, -1.7, 4.2, -5.9, 7.0):
        assert script.eval(f"figures.erf({x})") == pytest.approx(erf(x), rel=1e-14)


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    def write(**cells):
        written = [
            {"id": name, "cell_type": "code", "source": [source]} for name, source in cells.items()
        ]
        (tmp_path / "c.ipynb").write_text(json.dumps({"cells": written}))
        monkeypatch.setattr(proofs, "CHAPTERS", tmp_path)

    return write


def test_an_expression_comes_from_the_cells_that_prove_it(notebook):
    notebook(
        first="import sympy as sp\nimport gone\nfrom dropoutbook.derive import laws",
        a="x = sp.Integer(1) + 1",
    )
    assert proofs.proved("c", "a")["x"] == 2


def test_a_proof_that_fails_gives_no_expression(notebook):
    notebook(a="x = 1\nassert x == 2")
    with pytest.raises(AssertionError):
        proofs.proved("c", "a")


def test_a_proof_that_is_gone_is_named_with_its_chapter(notebook):
    notebook(rule="x = 1", limit="y = 2")
    with pytest.raises(ExtensionError, match=r"c\.ipynb .* \['gone'\]; it has \['limit', 'rule'\]"):
        proofs.proved("c", "rule", "gone")


def test_each_figure_stands_in_the_chapter_of_its_name():
    placed = {
        (path.stem, name)
        for path in proofs.CHAPTERS.glob("*.ipynb")
        for name in re.findall(r"```{interactive} (\w+)", path.read_text(encoding="utf8"))
    }
    assert placed == {(name, name) for name in NAMES}


def test_a_page_with_a_figure_numbers_it_and_loads_its_script(build):
    pages, warnings = build(
        a="```{interactive} standout\nA *caption*.\n```",
        b="See {numref}`fig-standout-interactive`.",
    )
    assert warnings == ""
    assert "<em>caption</em>" in pages["a"]
    assert [name for name in pages if "figures.js" in pages[name]] == ["a"]
    assert 'href="a.html#fig-standout-interactive"' in pages["b"]
    assert ">Fig. 1<" in pages["b"]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            "```{interactive} standing\nA caption.\n```",
            "must name one of convolution, drop_connect",
        ),
        (
            "```{interactive} standout\n```",
            'Content block expected for the "interactive" directive',
        ),
    ],
)
def test_a_wrong_directive_is_an_error_with_its_place(build, text, error):
    _, warnings = build(a=text)
    assert error in warnings
    assert "a.md:" in warnings


def test_script_and_style_are_small():
    style = SCRIPT.with_suffix(".css")
    own = sum(len(factory(import_module(f"figures.{name}").figure).encode()) for name in NAMES)
    assert SCRIPT.stat().st_size + style.stat().st_size + own < 40_000
