"""Reads a typeset formula back into SymPy, so that what a page shows can be proved."""

import re
from collections.abc import Mapping

import sympy as sp

from dropoutbook.derive import linear_unit as unit
from dropoutbook.derive.linear_unit import delta, effective, i, inputs, j, k, n, t, w
from dropoutbook.derive.lstm_equations import c_before, c_t, candidate, f_t, h_before, i_t, m
from dropoutbook.derive.moments import variance
from dropoutbook.derive.sums import Differs, gradient

INDICES = {"i": i, "j": j}
FAMILIES = {"w": w, "I": inputs, "k": k, r"\delta": delta}
SYMBOLS = {
    "t": t, "k": sp.Symbol("k"), "m": m, "m_t": m, "c_t": c_t, "c_{t-1}": c_before,
    "h_{t-1}": h_before, "f_t": f_t, "i_t": i_t, "g_t": candidate,
}  # fmt: skip
ATOMS = {
    r"\frac{\partial E_N}{\partial w_i}": gradient(unit.error_without_dropout, w[i]),
    r"\frac{\partial E_D}{\partial w_i}": gradient(unit.error_with_dropout, w[i]),
    r"\operatorname{Var}(\delta_i)": variance(delta[i], unit.gates),
}

SPACING = re.compile(r"\\(?:[Bb]ig[lr]?|left|right|odot)(?![a-zA-Z])|\\[,;]|\s|&")
TOKEN = re.compile(
    r"(?P<atom>@\d+;)|(?P<sum>\\sum_\{(?P<bound>\w)=1(?:,\w\\neq(?P<other>\w))?\}\^\{n\})"
    r"|(?P<half>\\frac(?:12|\{1\}\{2\}))|(?P<number>\d)"
    r"|(?P<symbol>(?:\\delta|[A-Za-z])(?:_(?:\{[^}]*\}|\w))?'?)|(?P<sign>[-+()^])"
)


class TexError(ValueError):
    """The formula holds something that is not understood."""


def read(tex: str, atoms: Mapping[str, sp.Expr] = ATOMS) -> sp.Expr:
    """The expression that `tex` shows; `atoms` says what parts in other notation stand for."""
    tex = SPACING.sub("", tex).rstrip(".,")
    for number, atom in enumerate(atoms):
        tex = tex.replace(SPACING.sub("", atom), f"@{number};")
    tokens, place = [], 0
    while place < len(tex):
        token = TOKEN.match(tex, place)
        if token is None:
            raise TexError(f"cannot read {tex[place:]!r}")
        tokens.append(token)
        place = token.end()
    return _Reader(tokens, list(atoms.values())).expression()


def last_side(tex: str) -> str:
    """What follows the last equality sign that stands outside braces."""
    depth, after = 0, 0
    for place, letter in enumerate(tex):
        depth += {"{": 1, "}": -1}.get(letter, 0)
        after = place + 1 if letter == "=" and depth == 0 else after
    return tex[after:]


class _Reader:
    """Recursive descent: an expression is a sum of terms, a term a product of powers."""

    def __init__(self, tokens: list[re.Match], atoms: list[sp.Expr]) -> None:
        self.tokens, self.atoms = tokens[::-1], atoms

    def next_is(self, *texts: str) -> bool:
        return bool(self.tokens) and self.tokens[-1][0] in texts

    def expression(self, closed: bool = False) -> sp.Expr:
        total = -self.term() if self._take("-") else self.term()
        while self.next_is("+", "-"):
            total += self.term() if self.tokens.pop()[0] == "+" else -self.term()
        if self.tokens and not (closed and self.next_is(")")):
            raise TexError(f"did not expect {self.tokens[-1][0]!r}")
        return total

    def term(self) -> sp.Expr:
        product = self.power()
        while self.tokens and not self.next_is("+", "-", ")"):
            product *= self.power()
        return product

    def power(self) -> sp.Expr:
        base = self.base(self.tokens.pop())
        return base ** int(self.tokens.pop()[0]) if self._take("^") else base

    def base(self, token: re.Match) -> sp.Expr:
        if token["sum"]:
            return self.sum(token)
        if token["atom"]:
            return self.atoms[int(token[0][1:-1])]
        if token["half"]:
            return sp.Rational(1, 2)
        if token["number"]:
            return sp.Integer(token[0])
        if token["symbol"]:
            return _symbol(token[0])
        if token[0] != "(":
            raise TexError(f"did not expect {token[0]!r}")
        inner = self.expression(closed=True)
        self.tokens.pop()
        return inner

    def sum(self, token: re.Match) -> sp.Sum:
        bound = INDICES[token["bound"]]
        others = Differs(INDICES[token["other"]], bound) if token["other"] else 1
        return sp.Sum(self.term() * others, (bound, 1, n))

    def _take(self, text: str) -> bool:
        return self.next_is(text) and bool(self.tokens.pop())


def _symbol(name: str) -> sp.Expr:
    if name in SYMBOLS:
        return SYMBOLS[name]
    family, _, index = name.rstrip("'").partition("_")
    if family not in FAMILIES or index not in INDICES or (name.endswith("'") and family != "w"):
        raise TexError(f"unknown symbol {name!r}")
    return (effective if name.endswith("'") else FAMILIES[family])[INDICES[index]]
