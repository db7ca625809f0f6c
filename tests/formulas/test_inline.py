"""Formulas in the lines of the pages that state a result: found there, proved, and falsified."""

import pytest

from tests.formulas.falsify import falsified
from tests.formulas.pages import inline
from tests.formulas.test_displayed import PAGES
from tests.formulas.twins import lines

LINES = {(page, tex): meaning for page in sorted(PAGES) for tex, meaning in lines(page).items()}
every_line = pytest.mark.parametrize(("page", "tex"), LINES)


@every_line
def test_the_page_has_it(page, tex):
    assert inline(page).count(tex) == LINES[page, tex].times


@every_line
def test_it_holds(page, tex):
    assert LINES[page, tex].proves(tex)


@every_line
def test_it_is_refused_in_falsified_forms(page, tex):
    found = falsified(tex)
    assert [
        wrong for wrong in found[:: max(1, len(found) // 4)] if LINES[page, tex].proves(wrong)
    ] == []
