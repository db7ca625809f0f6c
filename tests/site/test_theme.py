"""Each repair turns what others write into what the book writes, and changes nothing twice."""

import re

import pytest
from bookpages.theme import REPAIRS, repaired, unneeded

SECTION = '<section class="x" id="{}-content"><p>1'
# why: (the page before, the page after)
ROWS = {
    "the page waits for scripts before it shows anything": (
        '<script src="a.js?v=1"></script><script data-sd-tabs="t" src="b.js"></script>'
        '<script>x</script><script type="module" src="c.js"></script>',
        '<script defer src="a.js?v=1"></script><script defer data-sd-tabs="t" src="b.js"></script>'
        '<script>x</script><script type="module" src="c.js"></script>',
    ),
    "a line that must run after a script that no longer runs at once": (
        "<script>DOCUMENTATION_OPTIONS.pagename = 'a';</script><script>let hint = '';</script>",
        "<script type=\"module\">DOCUMENTATION_OPTIONS.pagename = 'a';</script>"
        "<script>let hint = '';</script>",
    ),
    "a name that differs from the visible text": (
        '<button class="btn search-button-field pst-js-only" title="Search" aria-label="Search">'
        '<button class="btn btn-sm search-button" aria-label="Search">',
        '<button class="btn search-button-field pst-js-only" title="Search">'
        '<button class="btn btn-sm search-button" aria-label="Search">',
    ),
    "keys are not part of the button's name": (
        '<span class="search-button__kbd-shortcut"><kbd>K</kbd></span>',
        '<span class="search-button__kbd-shortcut" aria-hidden="true"><kbd>K</kbd></span>',
    ),
    "text outside any landmark": (
        '<div class="sidebar-primary-items__start sidebar-primary__section"><div>',
        '<div class="sidebar-primary-items__start sidebar-primary__section" role="region"'
        ' aria-label="Contents of the book"><div>',
    ),
    "an arrow without a name": (
        '<summary><span class="toctree-toggle" role="presentation"><i></i></span></summary>',
        '<summary aria-label="Show or hide the pages of this section">'
        '<span class="toctree-toggle" role="presentation"><i></i></span></summary>',
    ),
    "another name that differs from the visible text": (
        '<summary aria-label="Toggle hidden content"><span>Show code</span></summary>',
        "<summary><span>Show code</span></summary>",
    ),
    "a deprecated role, and a list without items": (
        '<div role="list"><div class="citation" id="id1" role="doc-biblioentry"><p>A</p>',
        '<div role="list"><div class="citation" id="id1" role="listitem"><p>A</p>',
    ),
    "the same id in every box": (
        "".join(map(SECTION.format, ["exercise", "solution", "proof", "table-of"])),
        '<section class="x"><p>1' * 3 + SECTION.format("table-of"),
    ),
    "the same id for every proof": (
        '<div class="proof admonition" id="proof"><div class="proof theorem" id="thm-a">',
        '<div class="proof admonition"><div class="proof theorem" id="thm-a">',
    ),
    "a title that looks like the text behind it": (
        '<div class="proof admonition">\n<p>Proof. Add. Proof.</p>',
        '<div class="proof admonition">\n<p><strong>Proof.</strong> Add. Proof.</p>',
    ),
    "a link that begins with a space": (
        '<p class="admonition-title">Solution to<a class="reference" href="#e"> Exercise 1</a>',
        '<p class="admonition-title">Solution to <a class="reference" href="#e">Exercise 1</a>',
    ),
}


@pytest.mark.parametrize("why", ROWS)
def test_a_repair_makes_a_wrong_page_right_and_leaves_a_right_one(why):
    before, after = ROWS[why]
    assert before != after
    assert re.sub(*REPAIRS[why], before) == after
    assert repaired(before) == after
    assert repaired(after) == after


def test_every_repair_has_a_row():
    assert ROWS.keys() == REPAIRS.keys()


def test_what_no_page_needs_any_more_is_named():
    pages = [before for before, _ in ROWS.values()]
    assert unneeded(pages) == []
    assert unneeded(pages[1:]) == [next(iter(ROWS))]
    assert unneeded([after for _, after in ROWS.values()]) == list(ROWS)
