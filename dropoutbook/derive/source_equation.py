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
        printed: The formula that the source prints, where it differs from `right`.
        difference: One sentence on what the source prints, where that needs a word.
    """

    right: sp.Eq
    proves: Callable[[sp.Eq], bool]
    printed: sp.Eq | None = None
    difference: str = ""

    def settled(self) -> bool:
        """Whether the check proves the right formula and refutes the printed one."""
        refuted = self.printed is None or not self.proves(self.printed)
        return self.proves(self.right) and refuted
