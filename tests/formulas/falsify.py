"""Falsifies a formula: one sign, factor, index, letter, fraction or operator at a time."""

import re
from collections.abc import Iterator

from tests.formulas.marks import TOKEN

LETTER = re.compile(r"[A-Za-z]|\\(?:alpha|beta|gamma|delta|xi|lambda|mu|pi|tau|varepsilon)")
INDICES = re.compile(r"_(?:\{[^{}]*\}|\\?\w)")
FRACTION = re.compile(r"\\([td]?)frac(\d|\{(?:[^{}]|\{[^{}]*\})*\})(\w|\{(?:[^{}]|\{[^{}]*\})*\})")
CHANGES = {
    "+": ["-"], "-": ["+"], "<": [">"], "/": [r"\,"], "'": [""], "=": [r"\neq", "= 2"],
    "p": ["(1 - p)"], "k": ["(1 - k)"],
    "1": ["0", "2"], "2": ["1", "3"], "0": ["1"], "5": ["6"], "6": ["7"],
    r"\mathbb{E}": [r"\operatorname{Var}"], r"\operatorname{Var}": [r"\mathbb{E}"],
    r"\sum": [r"\prod"], r"\prod": [r"\sum"], r"\max": [r"\min"], r"\min": [r"\max"],
    r"\sinh": [r"\cosh"], r"\cosh": [r"\sinh"], r"\Phi": [r"\varphi"], r"\varphi": [r"\Phi"],
    r"\sigma": [r"\tanh"], r"\tanh": [r"\sigma"], r"\neq": ["="], r"\approx": ["="],
    r"\odot": ["+"], r"\top": ["2"], r"\sqrt": [""], r"\operatorname{diag}": [""],
}  # fmt: skip


STILL_TRUE = {  # what a change leaves right
    r"\mathbb{P}(y = a_{(i)}) = k\, p^{\,n - i}, \qquad \mathbb{P}(2\,y = 0) = p^n,",
    r"P(y = a_{(i)}) = k \odot p^{n - i}, P(2\,y = 0) = p^n.",
    r"\mathbb{E}[\delta_i \delta_j] = k_i k_j + [i = j] \, k_j (1 - k_i)",
    r"\mathbb{E}[\delta_i \delta_j] = k_i k_j + [i = j] \, k_i (1 - k_j )",
    r"\mathbb{E}[\delta_i k _j] = k_i k_j",
    r"\mathbb{E}[k _i \delta_j] = k_i k_j",
}


def falsified(tex: str) -> list[str]:
    """The formula with one change, in every way that makes it wrong."""
    return [wrong for wrong in _changed(tex) if " ".join(wrong.split()) not in STILL_TRUE]


def _changed(tex: str) -> Iterator[str]:
    inside = [range(*place.span()) for place in INDICES.finditer(tex)]
    marks = [(mark, any(mark.start() in span for span in inside)) for mark in TOKEN.finditer(tex)]
    for mark, is_index in marks:
        new = list(CHANGES.get(mark[0], ()))
        if LETTER.fullmatch(mark[0]):
            alike = [m[0] for m, index in marks if index == is_index and LETTER.fullmatch(m[0])]
            new += _neighbours(mark[0], alike + ["i", "j"] * is_index)
            new += [] if is_index else ["1 ", rf"2\,{mark[0]}"]
        for change in dict.fromkeys(new):
            yield tex[: mark.start()] + change + tex[mark.end() :]
    for place in re.finditer(r"\^\{[^{}]*\}|\^\\?\w", tex):
        yield tex[: place.start()] + tex[place.end() :]
    for place in FRACTION.finditer(tex):
        size, above, below = place.groups()
        upside_down = rf"\{size}frac{{{below}}}{{{above}}}"
        yield tex[: place.start()] + upside_down + tex[place.end() :]


def _neighbours(letter: str, letters: list[str]) -> list[str]:
    """The letters before and after this one, among those of the formula."""
    others = sorted(set(letters))
    place = others.index(letter)
    return [f"{others[place - 1]} ", f"{others[(place + 1) % len(others)]} "] if others[1:] else []


if __name__ == "__main__":
    from tests.formulas.pages import formulas
    from tests.formulas.twins import proved

    refused = total = 0
    for (page, label), tex in formulas().items():
        found = falsified(tex)
        held = [wrong for wrong in found if proved(page, label, wrong)]
        total, refused = total + len(found), refused + len(found) - len(held)
        print(f"{page} {label}: {len(found) - len(held)} of {len(found)}", *held, flush=True)
    print(f"{refused} of {total} falsified formulas are refused ({refused / total:.1%})")
