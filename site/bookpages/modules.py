"""`<!-- modules of PACKAGE -->` on a page becomes one section a module, so that none is missed."""

import re
from importlib import import_module
from pkgutil import iter_modules

from sphinx.application import Sphinx

LIST = re.compile(r"^<!-- modules of (\S+) -->$", re.MULTILINE)
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


def fill_in(app: Sphinx, page: str, source: list[str]) -> None:
    source[0] = LIST.sub(lambda found: sections(found[1]), source[0])


def setup(app: Sphinx) -> None:
    app.connect("source-read", fill_in)
