"""What a displayed formula must say: the names of its page, and when it is proved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import product
from random import Random
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from dropoutbook.derive import Bernoulli, Normal, covariance, expectation
from dropoutbook.derive.laws import Law
from dropoutbook.derive.sums import N, equal
from tests.formulas.marks import TexError
from tests.formulas.tex import RELATIONS, Side, read

i, j, l = sp.symbols("i j l", integer=True)  # noqa: E741 - the indices as printed
k = sp.Symbol("k", positive=True)  # the probability of keeping, where there is but one
EVERYWHERE = {
    "i": i, "j": j, "l": l, "n": N, "k": k, "p": 1 - k,
    r"\mathrm{Bernoulli}": Bernoulli, "N": Normal,
}  # fmt: skip


@dataclass(frozen=True)
class Meaning:
    """What the names of a formula stand for: computed by `derive`, or by hand, not read.

    Attributes:
        names: From TeX to values, on top of those that mean the same everywhere.
        laws: Those of the random symbols, for E, Var, Cov, P, and for what is said by "sim".
        words: What words in the formula say, as TeX; of a text that differs nothing is replaced.
        shows: What a formula without a relation must be equal to.
        given: A factor that is not 0 where the formula is claimed.
        sign: The relation that the formula claims, beside laws of random symbols.
        times: How often the formula stands in the lines of its page.
    """

    names: Mapping[str, Any]
    laws: Mapping[Any, Law] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    shows: Any = None
    given: sp.Expr = sp.S.One
    sign: str = "="
    times: int = 1

    def proves(self, tex: str) -> bool:
        """Whether every relation in the formula holds between what its sides stand for."""
        for words, said in self.words.items():
            if words not in tex:
                return False
            tex = tex.replace(words, said)
        try:
            relations = read(tex, EVERYWHERE | self.operators | self.names)
        except TexError:
            return False
        return bool(relations) and all(self.holds(sides) for sides in relations)

    def holds(self, sides: list[Side]) -> bool:
        first, *others = sides
        if not others:
            return self.shows is not None and self.agree(first.value, self.shows)
        return all(self.stands(first.value, side) for side in others)

    def stands(self, left: Any, side: Side) -> bool:
        """Whether the sign of this side is right about it and the first one, the left."""
        if side.sign == r"\sim":
            return self.has_law(left, side.value)
        if side.sign in ("<", ">"):
            return RELATIONS[side.sign](left, side.value) == True  # noqa: E712 - or not known
        return side.sign == self.sign and self.agree(left, side.value)

    def has_law(self, noise: Any, law: Any) -> bool:
        """Whether the law of this name has the moments of the law that is shown."""
        family = noise.base if isinstance(noise, sp.Indexed) and noise not in self.laws else noise
        own = self.laws.get(family)
        if own is None or not isinstance(law, Law):
            return False
        own = own if family is noise else own.at(noise.indices[0])
        return all(self.agree(own.moment(r), law.moment(r)) for r in (1, 2, 3, 4))

    def agree(self, left: Any, right: Any) -> bool:
        left, right = _entries(left), _entries(right)
        return len(left) == len(right) > 0 and all(
            same(self.given * a, self.given * b) for a, b in zip(left, right, strict=True)
        )

    @cached_property
    def operators(self) -> dict[str, Any]:
        """Mean, variance, covariance and probability under the laws, in the letters in use."""
        mean = cache(lambda value: expectation(self.random(value), self.laws))
        spread = cache(lambda a, b: covariance(self.random(a), self.random(b), self.laws))
        both = {r"\mathbb{E}": mean, r"\mathbb{P}": self.probability, "P": self.probability}
        return both | {
            r"\operatorname{Var}": lambda value: spread(value, value),
            r"\operatorname{Cov}": spread,
        }

    def random(self, value: sp.Expr) -> sp.Expr:
        """The value, if it is random: nobody writes the mean of what is not."""
        if not value.has(*self.laws):
            raise ValueError(f"{value} is not random")
        return value

    def probability(self, event: sp.Basic) -> sp.Expr:
        """That of a relation between expressions in finitely many outcomes."""
        outcomes = product(*(law.values().items() for law in self.laws.values()))
        return sp.Add(
            *(
                sp.Mul(*(chance for _, chance in outcome))
                for outcome in outcomes
                if event.subs(dict(zip(self.laws, (v for v, _ in outcome), strict=True))) == True  # noqa: E712
            )
        )


@dataclass(frozen=True)
class Pinned:
    """A formula that is not read: why, and the form that it must have."""

    tex: str
    reason: str

    def proves(self, tex: str) -> bool:
        return tex.split() == self.tex.split()


@cache
def same(left: sp.Expr, right: sp.Expr) -> bool:
    """Whether two expressions agree at random points, and for every n where n is a symbol."""
    difference = left - right
    if difference == 0:
        return True
    return _vanishes(difference) and (not difference.has(N) or equal(left, right))


def _vanishes(difference: sp.Expr) -> bool:
    """Whether it is 0 for n = 3, all values of free indices, and random values of the rest."""
    indices = [index for index in (i, j, l) if index in difference.free_symbols]
    places = (dict(zip(indices, at, strict=True)) for at in product((1, 2, 3), repeat=len(indices)))
    values = (_at_random(difference.subs({N: 3} | place)) for place in places)
    return all(value.is_number and abs(complex(value)) < 1e-12 for value in values)


def _at_random(expression: sp.Expr) -> sp.Expr:
    expression = expression.doit()
    entries = sorted(expression.atoms(sp.Indexed), key=sp.default_sort_key)
    draw = Random(0)
    expression = expression.xreplace({part: _draw(draw) for part in entries})
    if expression.has(sp.IndexedBase):
        return sp.nan  # a family without an index is no number
    symbols = sorted(expression.free_symbols, key=sp.default_sort_key)
    return _known(expression.xreplace({part: _draw(draw) for part in symbols})).evalf(30)


def _draw(draw: Random) -> sp.Rational:
    return sp.Rational(draw.randint(1, 96), 97)


def _known(expression: sp.Expr) -> sp.Expr:
    """A function that can be anything becomes a sine, another one for each name."""
    return expression.replace(
        lambda part: isinstance(part, AppliedUndef),
        lambda part: sp.sin(ord(part.name[0]) + part.args[0]),
    )


def _entries(value: Any) -> list[sp.Expr]:
    """A number as a list, a matrix as that of its entries; of anything else, nothing."""
    found = list(value) if isinstance(value, sp.MatrixBase) else [value]
    return found if all(isinstance(entry, sp.Expr) for entry in found) else []
