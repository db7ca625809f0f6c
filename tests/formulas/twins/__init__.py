"""For each page with displayed formulas, what they stand for."""

from importlib import import_module

from tests.formulas.meaning import Meaning, Pinned


def twins(page: str) -> dict[str, Meaning | Pinned | list[Meaning]]:
    """What stands behind each formula of a page, by label; a page without any has none."""
    return import_module(f"tests.formulas.twins.{page}").TWINS


def proved(page: str, label: str, tex: str) -> bool:
    """Whether the formula, in every case that its page speaks of, is what it must be."""
    return in_every_case(twins(page)[label], tex)


def in_every_case(meaning: Meaning | Pinned | list[Meaning], tex: str) -> bool:
    return all(one.proves(tex) for one in (meaning if isinstance(meaning, list) else [meaning]))


def lines(page: str) -> dict[str, Meaning]:
    """What stands behind formulas in the lines of a page, by their TeX."""
    return getattr(import_module(f"tests.formulas.twins.{page}"), "INLINE", {})
