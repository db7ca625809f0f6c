"""The audit says what keeps a page from its goal, and what it left out."""

import audit

MEASURED = {"page kB": 20, "all kB": 900, "sent kB": 300, "axe": []}
SPEED = {"performance": 90, "seo": 100, "below the goal because of": ["FCP 3 s", "LCP 4 s"]}


def test_the_page_names_what_keeps_a_page_from_its_goal():
    lines = audit.readable({"index": MEASURED | SPEED}).splitlines()
    assert lines[-1] == "| index | 20 | 900 | 300 | none | 90 | 100 | FCP 3 s; LCP 4 s |"
    assert "performance 95" in "".join(lines)


def test_without_node_it_says_so():
    assert "Lighthouse was not run" in audit.readable({"index": MEASURED})
    assert "Lighthouse was not run" not in audit.readable({"index": MEASURED | SPEED})
