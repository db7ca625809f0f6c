"""The marks that a formula is made of, in one spelling."""

import re

UNREAD = re.compile(
    r"\\(?:[bB]igg?[lr]?|left|right|underbrace|(?:begin|end)\{align(?:ed)?\}|\\)(?![A-Za-z])"
    r"|\\[,;:! ]|[\s&]"
)
TOKEN = re.compile(
    r"\\(?:text|operatorname|mathbb|mathrm|begin|end)\{[^{}]*\}"
    r"|\\(?:bar|hat)\s*(?:\\[A-Za-z]+|[A-Za-z])|\\[A-Za-z]+|\\\||[A-Za-z\d]|[-+/()\[\]{}=<>,.^_']"
)
ALIKE = {
    r"\tfrac": r"\frac", r"\dfrac": r"\frac",
    r"\simeq": r"\sim", r"\otimes": r"\odot", r"\leftarrow": "=",
}  # fmt: skip


class TexError(ValueError):
    """The formula holds something that is not understood."""


def tokens(tex: str) -> list[str]:
    """The marks of a formula in one spelling: no spacing, {x} as x, primes before indices."""
    found, place = [], 0
    while place < len(tex):
        mark = UNREAD.match(tex, place) or TOKEN.match(tex, place)
        if mark is None:
            raise TexError(f"cannot read {tex[place:]!r}")
        if mark.re is TOKEN:
            found.append(ALIKE.get(mark[0], re.sub(r"\s", "", mark[0])))
        place = mark.end()
    text = re.sub(r"\{ (\S+) \}", r"\1", " ".join(found)).replace("^ '", "'")
    return re.sub(r"( _ (?:\{[^{}]*\}|[^{\s]\S*))((?: ')+)", r"\2\1", text).split()
