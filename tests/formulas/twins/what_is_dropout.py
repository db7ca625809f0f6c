"""What the displayed formulas of this page stand for."""

from itertools import product

import sympy as sp

from dropoutbook.derive import Bernoulli
from tests.formulas.meaning import Meaning, k

delta, x = sp.symbols("delta x", real=True)
N, d = 3, 4  # masks there are, and draws: few enough to list all outcomes
distinct = sp.Rational(sum(len(set(draws)) for draws in product(range(N), repeat=d)), N**d)

layer = Meaning({"y": delta * x / k, "x": x, r"\delta": delta, "k": k}, laws={delta: Bernoulli(k)})

TWINS = {
    "1.1": layer,
    "1.2": layer,
    "1.3": Meaning(
        {"D": distinct, "N": sp.Integer(N), "d": sp.Integer(d)},
        words={r"\mathbb{E}[\text{distinct masks}]": "D"},
    ),
}

INLINE = {
    r"k = 1 - p": layer,
    r"\delta \sim \mathrm{Bernoulli}(k)": layer,
    r"p = 1 - k": layer,
    r"\mathbb{E}[(y - 1)^4] = p + k\, (p / k)^4": Meaning(
        {"y": delta / k}, laws={delta: Bernoulli(k)}
    ),
}
