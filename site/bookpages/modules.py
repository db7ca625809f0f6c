"""Lists on a page that come from the package, so that nothing is missed.

`<!-- modules of PACKAGE -->` becomes one section per module, `<!-- names -->` the table of all
names, `<!-- properties -->` that of what `check_dropout` tries.
"""

import inspect
import re
from importlib import import_module
from pkgutil import iter_modules

from sphinx.application import Sphinx

from dropoutbook.testing import PROPERTIES

LIST = re.compile(r"^<!-- modules of (\S+) -->$", re.MULTILINE)
NAMES, SUITE = "<!-- names -->", "<!-- properties -->"
TABLE = "| name | what it is | section |\n|---|---|---|\n"
SECTION = """\
### `{name}`

```{{eval-rst}}
.. automodule:: {package}.{name}
   :members:
```
"""


def sections(package: str) -> str:
    """The text of all sections, in alphabetical order."""
    names = [module.name for module in iter_modules(import_module(package).__path__)]
    return "\n".join(SECTION.format(package=package, name=name) for name in sorted(names))


def names() -> str:
    """A row for each public name, and for each module of the lab."""
    rows = []
    for package, section in (("dropoutbook", "api-layers"), ("dropoutbook.derive", "api-derive")):
        module = import_module(package)
        values = [(name, getattr(module, name)) for name in module.__all__]
        rows += [
            row(f"{{py:obj}}`~{package}.{name}`", inspect.getdoc(value), section)
            for name, value in values
            if callable(value)  # data has no words of its own
        ]
    lab = import_module("dropoutbook.lab")
    for name in sorted(module.name for module in iter_modules(lab.__path__, "dropoutbook.lab.")):
        rows.append(row(f"{{py:mod}}`~{name}`", import_module(name).__doc__, "api-lab"))
    return TABLE + "\n".join(rows)


def row(name: str, text: str, section: str) -> str:
    """A row of the table: the first line of a docstring, in which only backticks mark anything."""
    line = re.sub(r"[*_|$<\\\[]", r"\\\g<0>", text.strip().split("\n")[0])
    return f"| {name} | {line} | {{ref}}`{section}` |"


def properties() -> str:
    """A row for each property of the suite."""
    rows = [f"| `{name}` | {check.__doc__} |" for name, check in PROPERTIES.items()]
    return "| property | what is tried |\n|---|---|\n" + "\n".join(rows)


def fill_in(app: Sphinx, page: str, source: list[str]) -> None:
    source[0] = LIST.sub(lambda found: sections(found[1]), source[0])
    if NAMES in source[0]:
        source[0] = source[0].replace(NAMES, names()).replace(SUITE, properties())


def setup(app: Sphinx) -> None:
    app.connect("source-read", fill_in)
