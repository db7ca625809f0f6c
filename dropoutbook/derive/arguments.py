"""What expectations are asked about: laws that fit together, and an expression that fits them."""

from collections.abc import Mapping
from typing import TypeAlias

import sympy as sp

from dropoutbook.derive.laws import Law

Noise: TypeAlias = sp.Symbol | sp.Indexed | sp.IndexedBase


def check_laws(laws: Mapping[Noise, Law]) -> None:
    """Raises unless `laws` maps random symbols to laws that do not depend on each other."""
    if not isinstance(laws, Mapping):
        raise TypeError(f"laws must map symbols to laws, got {laws!r}")
    for noise, law in laws.items():
        if not isinstance(noise, Noise) or not isinstance(law, Law):
            raise TypeError(f"laws must map symbols to laws, got {noise!r}: {law!r}")
        random = {other for other in laws for value in law.parameters() if _depends(value, other)}
        if random:
            raise ValueError(f"the law of {noise} must not depend on the random {random}")
        if isinstance(noise, sp.Indexed) and noise.base in laws:
            raise ValueError(f"laws must give {noise} one law, got one for {noise.base} as well")
        family = isinstance(noise, sp.IndexedBase)
        if not family and any(isinstance(value, sp.IndexedBase) for value in law.parameters()):
            raise ValueError(f"only a family has indexed parameters, and {noise} is not one")


def _depends(value: sp.Expr, noise: Noise) -> bool:
    """Whether `value` has the noise in it, be it as one member of the family that it stands for."""
    return value.has(noise) or (isinstance(noise, sp.Indexed) and value == noise.base)


def check_members(expr: sp.Expr, laws: Mapping[Noise, Law]) -> None:
    """Raises if `expr` has a member of a family, or a namesake of a symbol, without a law."""
    bases = {noise.base for noise in laws if isinstance(noise, sp.Indexed)}
    for member in expr.atoms(sp.Indexed):
        if member.base in laws and len(member.indices) != 1:
            raise ValueError(f"a random family must have one index, got {member}")
        if member.base in bases and not all(index.is_number for index in member.indices):
            raise ValueError(
                f"the index of {member} must be a number, as in the laws, or the laws "
                f"must give one for {member.base}"
            )
    for kind in (sp.Symbol, sp.IndexedBase):
        names = {noise.name for noise in laws if isinstance(noise, kind)}
        for other in _atoms(expr, kind) - set(laws):
            if other.name in names:
                raise ValueError(f"{other} in expr and in laws must have the same assumptions")


def _atoms(expr: sp.Expr, kind: type) -> set[sp.Expr]:
    """The symbols or the indexed bases in `expr`; the label of a base is no symbol of its own."""
    labels = {base.label for base in expr.atoms(sp.IndexedBase)} if kind is sp.Symbol else set()
    return expr.atoms(kind) - labels
