"""A page lists the modules of a package without anybody keeping the list."""

from pkgutil import iter_modules

from bookpages.modules import fill_in, sections

import dropoutbook.lab


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
