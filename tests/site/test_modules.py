"""A page lists the modules of a package without anybody keeping the list."""

from pkgutil import iter_modules

from bookpages.modules import fill_in, names, row, sections

import dropoutbook
import dropoutbook.derive
import dropoutbook.lab
from dropoutbook.testing import PROPERTIES


def test_every_module_has_a_section():
    names = [module.name for module in iter_modules(dropoutbook.lab.__path__)]
    text = sections("dropoutbook.lab")
    assert names
    assert [line[5:-1] for line in text.splitlines() if line.startswith("### `")] == sorted(names)
    assert text.count(".. automodule:: dropoutbook.lab.") == len(names)


def test_only_the_mark_is_replaced():
    source = ["before\n\n<!-- modules of dropoutbook.lab -->\n\nafter, <!-- modules of x --> too\n"]
    fill_in(None, "page", source)
    assert source == [
        f"before\n\n{sections('dropoutbook.lab')}\n\nafter, <!-- modules of x --> too\n"
    ]


def test_every_public_name_has_a_row():
    text = names()
    for package in (dropoutbook, dropoutbook.derive):
        for name in package.__all__:
            assert text.count(f"| {{py:obj}}`~{package.__name__}.{name}` |") == callable(
                getattr(package, name)
            )
    for module in iter_modules(dropoutbook.lab.__path__, "dropoutbook.lab."):
        assert f"| {{py:mod}}`~{module.name}` |" in text


def test_a_row_shows_the_first_line_as_it_is():
    assert row("n", "a_b * `c`.\n\nMore.", "s") == "| n | a\\_b \\* `c`. | {ref}`s` |"


def test_every_property_of_the_suite_has_a_row():
    source = ["<!-- names -->\n\n<!-- properties -->\n"]
    fill_in(None, "page", source)
    for name, check in PROPERTIES.items():
        assert f"| `{name}` | {check.__doc__} |" in source[0]
