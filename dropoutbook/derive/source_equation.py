"""What the package knows about one numbered equation of the source."""

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp


@dataclass(frozen=True)
class SourceEquation:
    """One numbered equation of the source.

    Attributes:
        right: The formula that holds.
        proves: Whether an equation is true; it derives the truth on its own.
        tex: What the source prints, letter by letter, without its number.
        printed: The formula that the source prints, where it differs from `right`.
        explained: What the source's own text makes of a formula that is right, where that is wrong.
        difference: One sentence on what the source prints, where that needs a word.
    """

    right: sp.Eq
    proves: Callable[[sp.Eq], bool]
    tex: str
    printed: sp.Eq | None = None
    explained: sp.Eq | None = None
    difference: str = ""

    def settled(self) -> bool:
        """Whether the check proves the right formula and refutes what differs from it."""
        others = [other for other in (self.printed, self.explained) if other is not None]
        return self.proves(self.right) and not any(map(self.proves, others))
