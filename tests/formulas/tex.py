"""Reads a typeset formula back into SymPy, given what each name on the page stands for."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import sympy as sp

from dropoutbook.derive.sums import Differs
from tests.formulas.marks import TexError, tokens

CLOSING = {"(": ")", "[": "]", "{": "}"}
SEPARATORS = (",", ".", r"\quad", r"\qquad", r"\Longrightarrow")
RELATIONS = {"=": sp.Eq, r"\approx": sp.Eq, r"\sim": sp.Eq, r"\neq": sp.Ne, "<": sp.Lt, ">": sp.Gt}
ENDS = {None, "+", "-", *CLOSING.values(), *SEPARATORS, *RELATIONS}
KNOWN = {
    "e": sp.E, r"\ln": sp.log, r"\max": sp.Max, r"\min": sp.Min,
    r"\sinh": sp.sinh, r"\cosh": sp.cosh, r"\tanh": sp.tanh,
}  # fmt: skip
UNDER_SUM = re.compile(
    r"(?P<index>\w'*)(?P<first>=1(,(?=\w\\))?)?(?:(?P<again>\w)?\\neq(?P<others>.+))?"
)


class Side(NamedTuple):
    """One side of a relation, and the sign that stands before it ("" before the first)."""

    sign: str
    value: Any


def read(tex: str, names: Mapping[str, Any]) -> list[list[Side]]:
    """The relations that `tex` shows, each as its sides.

    `names` maps TeX to what it stands for: an expression, a matrix, a family (an `IndexedBase`,
    or a mapping from indices), a function of what follows, or for an index the values that it
    runs over. The longest name that fits is taken. "n" is where sums end that do not say it.
    """
    try:
        return _Reader(tokens(tex), {tuple(tokens(k)): v for k, v in (KNOWN | names).items()}).all()
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise TexError(f"cannot read {tex!r}: {error}") from error


class _Reader:
    """Recursive descent: relations of sums of products of powers."""

    def __init__(self, marks: list[str], names: dict[tuple[str, ...], Any]) -> None:
        self.marks, self.names, self.place = marks, names, 0

    @property
    def next(self) -> str | None:
        return self.marks[self.place] if self.place < len(self.marks) else None

    def take(self, *marks: str) -> str | None:
        """The next mark, if it is one of these."""
        if self.next is None or self.next not in marks:
            return None
        self.place += 1
        return self.marks[self.place - 1]

    def demand(self, mark: str) -> None:
        if not self.take(mark):
            raise TexError(f"expected {mark!r}, found {self.next!r}")

    def all(self) -> list[list[Side]]:
        relations = []
        while self.next is not None:
            relations.append(self.relation())
            if self.next is not None and not self.take(*SEPARATORS):
                raise TexError(f"did not expect {self.next!r}")
            while self.take(*SEPARATORS):
                pass
        return relations

    def relation(self) -> list[Side]:
        sides = [Side("", self.sum())]
        while sign := self.take(*RELATIONS):
            sides.append(Side(sign, self.sum()))
        return sides

    def sum(self) -> Any:
        total = -self.product() if self.take("-") else self.product()
        while sign := self.take("+", "-"):
            total = total + self.product() if sign == "+" else total - self.product()
        return total

    def product(self) -> Any:
        result = self.power()
        while self.next not in ENDS:
            if self.take("/"):
                result = result / self.power()
            elif self.take(r"\odot") and isinstance(result, sp.MatrixBase):
                result = result.multiply_elementwise(self.power())
            else:
                self.take(r"\cdot")
                result = result * self.power()
        return result

    def power(self) -> Any:
        base = self.base()
        while self.take("^"):
            base = base.T if self.take(r"\top") else base ** self.group()
        return base

    def group(self) -> Any:
        """What a pair of braces holds, or the one mark without any."""
        if self.next is not None and self.next.isdigit():
            return sp.Integer(self.take(self.next))
        return self.inside("{") if self.next == "{" else self.name(alone=True)

    def inside(self, opening: str) -> Any:
        self.demand(opening)
        value = self.condition()
        self.demand(CLOSING[opening])
        return value

    def condition(self) -> Any:
        """A value, or a relation between two, such as P(m = 1) is asked about."""
        left, *right = self.relation()
        if len(right) > 1:
            raise TexError("a condition has two sides")
        relation = RELATIONS[right[0].sign] if right else None
        return relation(left.value, right[0].value, evaluate=False) if relation else left.value

    def base(self) -> Any:
        if self.longest_name():
            return self.name()
        if self.next is not None and self.next.isdigit():
            return self.number()
        if self.take(r"\frac"):
            above = self.group()
            return above / self.group()
        if self.take(r"\sqrt"):
            return sp.sqrt(self.group())
        if mark := self.take(r"\sum", r"\prod"):
            return self.over_indices(sp.Sum if mark == r"\sum" else sp.Product)
        if self.next in CLOSING:
            return _bracket(self.inside(self.next))
        raise TexError(f"unknown name {self.next!r}")

    def number(self) -> sp.Integer:
        digits = ""
        while self.next is not None and self.next.isdigit():
            digits += self.marks[self.place]
            self.place += 1
        return sp.Integer(digits)

    def name(self, alone: bool = False) -> Any:
        """The value of the longest name that stands here, with its indices and arguments."""
        key = self.longest_name()
        if not key:
            raise TexError(f"unknown name {self.next!r}")
        self.place += len(key)
        value = self.names[key]
        if alone:
            return value
        if self.take("_"):
            value = _at(value, self.indices())
        if not callable(value):
            return value
        if self.next in ("(", "["):
            return value(*self.arguments())
        return value(self.power())

    def longest_name(self) -> tuple[str, ...]:
        ahead = tuple(self.marks[self.place :])
        return max((key for key in self.names if ahead[: len(key)] == key), key=len, default=())

    def indices(self) -> list[Any]:
        """The values of indices; `\\cdot` stands for all of them."""
        if self.next != "{":
            return [self.index()]
        self.demand("{")
        found = []
        while not self.take("}"):
            if not self.take(",", "(", ")"):
                found.append(self.index())
        return found

    def index(self) -> Any:
        if self.take(r"\cdot"):
            return slice(None)
        return self.group()

    def arguments(self) -> list[Any]:
        opening = self.marks[self.place]
        self.demand(opening)
        found = [self.condition()]
        while self.take(","):
            found.append(self.condition())
        self.demand(CLOSING[opening])
        return found

    def over_indices(self, kind: type[sp.Sum] | type[sp.Product]) -> Any:
        """A sum or product of the next term, carried out where it is known how far it goes."""
        self.demand("_")
        under = UNDER_SUM.fullmatch("".join(self.marks_of_group()))
        if under is None or under["again"] not in (None, under["index"]):
            raise TexError("cannot read what stands under a sum")
        key, outer = tuple(tokens(under["index"])), self.names
        others = [outer[(mark,)] for mark in (under["others"] or "").split(",") if mark]
        values = self.range_of(outer.get(key), bool(under["first"]))
        start, terms = self.place, []
        for value in values or [sp.Symbol(under["index"], integer=True)]:
            if value not in others:
                self.place, self.names = start, outer | {key: value}
                terms.append(self.product())
        self.names = outer
        if values is None:
            bound = sp.Symbol(under["index"], integer=True)
            differ = sp.Mul(*(Differs(other, bound) for other in others))
            return kind(terms[0] * differ, (bound, 1, outer[("n",)]))
        return sum(terms[1:], terms[0]) if kind is sp.Sum else sp.Mul(*terms)

    def range_of(self, values: Any, counted: bool) -> list[Any] | None:
        """The values of an index, None where they go to a symbolic n; `counted`: from 1."""
        if self.take("^"):
            end = self.group()
        elif counted:
            raise TexError("a sum that starts at 1 must say where it ends")
        elif isinstance(values, tuple):
            return list(values)
        else:
            end = self.names[("n",)]
        if end.is_Integer:
            return [sp.Integer(value) for value in range(1, end + 1)]
        if end != self.names[("n",)]:
            raise TexError(f"a sum cannot end at {end}")
        return None

    def marks_of_group(self) -> list[str]:
        if self.next != "{":
            self.place += 1
            return [self.marks[self.place - 1]]
        end = self.marks.index("}", self.place)
        found, self.place = self.marks[self.place + 1 : end], end + 1
        return found


def _bracket(condition: Any) -> Any:
    """[i = j] and [i != j] as numbers; anything else is a group."""
    if isinstance(condition, sp.Eq | sp.Ne):
        return (sp.KroneckerDelta if isinstance(condition, sp.Eq) else Differs)(*condition.args)
    return condition


def _at(family: Any, indices: list[Any]) -> Any:
    """One member of a family; of a matrix, whose indices count from 1, an entry, row or column."""
    if isinstance(family, sp.MatrixBase):
        if not all(isinstance(i, slice) or i >= 1 for i in indices):
            raise TexError(f"indices of matrices count from 1, got {indices}")
        indices = [i if isinstance(i, slice) else int(i) - 1 for i in indices]
    return family[indices[0] if len(indices) == 1 else tuple(indices)]
