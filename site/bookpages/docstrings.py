"""Docstrings as the package writes them: plain text, formulas too, in sections of Google's style.

Backticks mark code; every other character stands for itself. An indented block after a blank line
is shown as it is, and so is the body of a section that napoleon does not know.
"""

import inspect
import re
import sys
from typing import Any

from numpy.typing import ArrayLike
from sphinx.application import Sphinx
from sphinx.util.typing import stringify_annotation
from torch import nn

SECTION = re.compile(r"\w[^:]*:$")
KNOWN = {"Args:", "Attributes:", "Raises:", "Returns:", "Yields:", "Shape:", "Cost:", "Source:"}
AS_IT_IS = [".. code-block:: text", ""]
CODE = re.compile(r"(`[^`]*`)")
UNION = stringify_annotation(ArrayLike, "smart")
MARKUP = re.compile(r"[*|\\]|(?<=\w)_(?!\w)")


def as_markup(lines: list[str]) -> list[str]:
    """The lines of a docstring as reStructuredText that napoleon can read."""
    result, shown, last, gap = [], False, "", False  # shown: inside a block shown as it is
    for line in lines:
        indented = line.startswith(" ")
        if line.strip() and not indented:
            shown = False
        elif indented and last and not shown and not last.startswith(" "):
            if gap:
                shown, result = True, [*result, *AS_IT_IS]
            elif SECTION.match(last) and last not in KNOWN:
                shown, result = True, [*result[:-1], f"**{last}**", "", *AS_IT_IS]
        result.append(line if shown else _escaped(line))
        last, gap = (line, False) if line.strip() else (last, True)
    return result


def _escaped(line: str) -> str:
    line = line.replace(" ... ", "…")  # else "a ... b:" is the parameter "... b" of type a
    parts = CODE.split(line)
    return "".join(p if p.startswith("`") else MARKUP.sub(r"\\\g<0>", p) for p in parts)


def process(app: Sphinx, what: str, name: str, value: Any, options: Any, lines: list[str]) -> None:
    lines[:] = as_markup(lines)


def skip(app: Sphinx, what: str, name: str, value: Any, skip: bool, options: Any) -> bool | None:
    """What a page of the package leaves out.

    The fields of a NamedTuple are told in its docstring; Python's own say nothing. A layer is
    called: of its methods only those that make one are shown.
    """
    if what == "class" and inspect.isfunction(value) and _is_of_a_layer(value):
        return True
    return True if (value.__doc__ or "").startswith("Alias for field number") else None


def _is_of_a_layer(method: Any) -> bool:
    """Whether a function is defined in the body of a `torch.nn.Module`."""
    owner = getattr(sys.modules.get(method.__module__), method.__qualname__.partition(".")[0], None)
    return inspect.isclass(owner) and issubclass(owner, nn.Module)


def name_array_like(app: Sphinx, what: str, name: str, *_: Any) -> None:
    """Shows `ArrayLike` by its name, in the types that autodoc has noted for an object."""
    types = app.env.temp_data.get("annotations", {}).get(name, {})
    types.update(
        (key, text.replace(UNION, "~numpy.typing.ArrayLike")) for key, text in types.items()
    )


def setup(app: Sphinx) -> None:
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("autodoc-process-signature", name_array_like)  # after autodoc's own
    app.connect("autodoc-process-docstring", process, priority=400)  # napoleon comes at 500
    app.connect("autodoc-skip-member", skip)
