"""How a check is tied to its mutants: it accepts what is right, and rejects each thing that is not.

@pytest.mark.parametrize("check, wrong", [(check_rate, keeps_with_probability_p), ...])
def test_mutants(check, wrong):
    rejects(check, right, wrong)

def test_every_check_has_a_mutant():
    assert not without_mutant(module, ROWS)
"""

from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

import pytest


def rejects(check: Callable[..., None], right: Any, wrong: Any, *arguments: Any) -> None:
    """`check` accepts `right` and fails on `wrong`, by an assertion and no accident."""
    check(right, *arguments)
    with pytest.raises(AssertionError):
        check(wrong, *arguments)


def without_mutant(checks: ModuleType | Iterable[str], tied: Iterable[str]) -> set[str]:
    """The names of checks (of a module: its functions check_...) that no mutant is tied to."""
    if isinstance(checks, ModuleType):
        checks = [name for name in vars(checks) if name.startswith("check_")]
    names, tied = set(checks), set(tied)
    assert names, "no check at all"
    assert names >= tied, f"no such check: {tied - names}"
    return names - tied
