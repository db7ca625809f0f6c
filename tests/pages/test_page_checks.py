"""Every check passes a good page and fails the page that is broken in its way alone."""

import pytest

from tests.pages import page_checks
from tests.pages.page_checks import EVERY_PAGE, equation_numbers

GOOD = """<html><head><title>T</title><meta name="description" content="D"></head>
<body><article class="bd-article"><h1 id="top">H</h1>
<a href="#top">up</a> <a href="other.html#there">on</a> <a href="https://example.org">out</a>
<img src="figure.png" alt="A line"><code>$$ \\frac{1}{2} $$</code>
<div class="math" id="e"><span class="katex">½</span>
<span class="eqno">(2.1)<a href="#e">#</a></span></div>
<p id="p">p</p><div class="cell_output"><pre>1.0</pre></div></article></body></html>"""

# check -> the pages that only it refuses, as (good part, broken part)
BROKEN = {
    "has_one_heading": [("<h1", "<h2"), ("<article", "<h1>Two</h1><article")],
    "has_title_and_description": [("<title>T", "<title>"), ('content="D"', 'content=" "')],
    "has_unique_ids": [('id="p"', 'id="top"')],
    "has_working_links": [
        ('href="#top"', 'href="#gone"'),
        ('href="#top"', 'href="gone.html"'),
        ("other.html#there", "other.html#gone"),
        ('src="figure.png"', 'src="gone.png"'),
    ],
    "describes_its_images": [(' alt="A line"', ""), ('alt="A line"', 'alt=""')],
    "shows_no_warning": [
        ("<pre>1.0", "<pre>UserWarning: careful"),
        ("<pre>1.0", '<pre class="stderr">careful'),
    ],
    "typesets_its_formulas": [
        ('<span class="katex">½</span>', "<code>\\frac{1}</code>"),
        ('class="katex"', 'class="katex-error"'),
    ],
    "shows_no_raw_tex": [
        ("up</a>", "up</a> $$ x"),
        ("up</a>", "up</a> $x_1$"),
        ("up</a>", "up</a> \\delta_i"),
        ("up</a>", "up</a> \\(x\\)"),
    ],
    "shows_no_raw_markup": [
        ("up</a>", "up</a> {eq}<code>eq-1</code>"),
        ("up</a>", "up</a> {prf:ref} <code>thm-1</code>"),
        ('<p id="p">', '<p id="p">::: {note}'),
    ],
}
CASES = [(name, *case) for name, cases in BROKEN.items() for case in cases]


@pytest.fixture
def write(tmp_path):
    (tmp_path / "other.html").write_text('<h1 id="there">O</h1>')
    (tmp_path / "figure.png").write_bytes(b"")

    def write(html):
        page = tmp_path / "page.html"
        page.write_text(html)
        return page

    return write


@pytest.mark.parametrize("check", EVERY_PAGE)
def test_a_good_page_passes(check, write):
    assert check(write(GOOD)) == []


@pytest.mark.parametrize(("name", "good", "broken"), CASES)
def test_a_broken_page_fails_its_check_and_no_other(name, good, broken, write):
    assert GOOD.count(good) == 1
    page = write(GOOD.replace(good, broken))
    assert [check.__name__ for check in EVERY_PAGE if check(page)] == [name]


def test_every_check_has_a_page_that_it_refuses():
    assert set(BROKEN) == {check.__name__ for check in EVERY_PAGE}


def test_equation_numbers_are_read_as_shown(write):
    assert equation_numbers(write(GOOD)) == ["2.1"]


def test_anchors_of_a_second_page_are_not_those_of_the_first(write):
    assert page_checks.has_working_links(write(GOOD)) == []
