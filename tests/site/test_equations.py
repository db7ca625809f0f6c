"""Numbers come from tags, on whatever page; every other way to number an equation is a warning."""

import re

import pytest
from bookpages.equation_tags import label_of
from bookpages.katex import KatexError, typeset

from tests.pages.page_checks import equation_numbers

TAGGED = "$$\nx \\tag{7}\n$$"


@pytest.mark.parametrize(("tag", "label"), [("7", "eq-7"), ("2.1", "eq-2-1"), ("A.1", "eq-a-1")])
def test_label_of_a_tag(tag, label):
    assert label_of(tag) == label


def test_the_tag_is_the_number_on_every_page(build, tmp_path):
    pages, warnings = build(a=TAGGED, b="$$ y \\tag{2.1} $$\n\nSee {eq}`eq-7` and {eq}`eq-2-1`.")
    assert warnings == ""
    assert equation_numbers(tmp_path / "out" / "a.html") == ["7"]
    assert 'href="a.html#equation-eq-7"' in pages["b"]
    assert ">(7)</a>" in pages["b"]
    assert ">(2.1)</a>" in pages["b"]


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        (TAGGED + "\n\n" + TAGGED, "duplicate label of equation eq-7"),
        ("$$ x $$ (eq-1)", "has a label but no \\tag"),
        ("$$ x \\tag{1} $$ (energy)", "its tag gives it the label eq-1"),
        ("$$ x \\tag{1} \\\\ y \\tag{2} $$", "more than one \\tag"),
        ("See {eq}`eq-9`.", "equation not found: eq-9"),
        ("Here $\\wrong$.", "Undefined control sequence: \\wrong"),
        ("$$ \\frac{1} $$", "KaTeX parse error"),
    ],
)
def test_a_mistake_is_a_warning_with_its_place(build, text, warning):
    _, warnings = build(a=text)
    assert warning in warnings
    assert "a.md:" in warnings


def test_a_duplicate_on_another_page_is_a_warning(build):
    warning = build(a=TAGGED, b=TAGGED)[1]
    assert re.search(r"b\.md:\d+: WARNING: duplicate label of equation eq-7", warning)


def test_only_a_formula_of_its_own_is_displayed(build):
    pages, _ = build(a="Here $x$.", b=TAGGED)
    assert [page.count('class="katex-display"') for page in pages.values()] == [0, 1]
    assert '<span class="math notranslate nohighlight"><span class="katex">' in pages["a"]


def test_a_formula_carries_mathml_and_needs_no_script():
    html = typeset(r"\frac{x}{1-p}", display=True)
    assert "<mfrac>" in html
    assert "<script" not in html


def test_a_formula_that_cannot_be_read_is_an_error():
    with pytest.raises(KatexError, match="parse error"):
        typeset(r"\frac{1}")


def test_punctuation_stays_with_a_short_formula(build):
    text = "$n$; $m$ or ($x$), but $y$ is\n\n$" + " + ".join("abcdefghijkl") + "$, long."
    page = build(a=text)[0]["a"]
    kept = re.findall(r'<span class="nowrap">.*?"application/x-tex">(.*?)<', page)
    assert kept == ["n", "x"]
    assert "</span>;</span> <span" in page
    assert "</span>),</span> but" in page
