"""What the displayed formulas of this page stand for."""

import sympy as sp

from dropoutbook.derive import Bernoulli, expectation, source_equations, variance
from dropoutbook.models.drop_scheduler import scheduled_p
from tests.formulas.meaning import Meaning

m, z, alpha, beta = sp.symbols("m_i z alpha beta", real=True)
a, activity = sp.Function("a"), source_equations[14].right.rhs
W, x, b = (
    sp.Matrix(2, 3, sp.symbols("W_1:7")),
    *(sp.Matrix(sp.symbols(n)) for n in ("x_1:4", "b_1:3")),
)
affine = sp.Matrix([sum(W[r, c] * x[c] for c in range(3)) + b[r] for r in (0, 1)])


def keep(z: sp.Expr) -> sp.Expr:
    return 1 / (1 + sp.exp(-alpha * z - beta))


q, active = sp.symbols("q a", positive=True)
GATE = {"q": keep(z), "z": z}
RULE = {r"\sigma": lambda u: sp.exp(u) / (1 + sp.exp(u)), r"\alpha": alpha, r"\beta": beta}


def scheduled(t: int) -> Meaning:
    """A ramp of five steps after a delay of three."""
    start, end = sp.Rational(1, 10), sp.Rational(1, 2)
    names = {"p_0": start, "p_1": end, "p": lambda t: scheduled_p(t, start, end, steps=5, delay=3)}
    clip = {r"\operatorname{clip}": lambda value, low, high: sp.Min(sp.Max(value, low), high)}
    return Meaning(names | clip | {"t": sp.Integer(t), "d": sp.Integer(3), "T": sp.Integer(5)})


TWINS = {
    "14": Meaning({"m_i": m, "g(W_s x)_i": activity}, laws={m: Bernoulli(activity)}),
    "6.3.1": Meaning(
        RULE | {"q": {1: keep(affine[0])}, "z": affine, "W": W, "x": x, "b": b, "i": sp.Integer(1)},
    ),
    "6.3.2": Meaning(
        RULE | {"y": expectation(m * a(z), {m: Bernoulli(keep(z))}), "z": z, "a": a},
    ),
    "unnumbered 1": Meaning(RULE | GATE | {"m": m, "a": active}, laws={m: Bernoulli(keep(z))}),
    "6.3.3": [scheduled(t) for t in (0, 3, 4, 6, 8, 11)],
}

mask = {m: Bernoulli(q)}
STEEP = {r"\sigma": RULE[r"\sigma"], "z": z}
silu = {m: Bernoulli(keep(z).subs({alpha: 1, beta: 0}))}

INLINE = {
    r"q = \sigma(\alpha z + \beta)": Meaning(RULE | GATE),
    r"q (1 - q)\, a^2": Meaning({"q": q, "a": active}, shows=variance(m * active, mask)),
    r"\mathrm{d}q / \mathrm{d}z = \alpha\, q (1 - q)": Meaning(
        RULE | GATE | {r"\mathrm{d}q / \mathrm{d}z": keep(z).diff(z)}
    ),
    r"p = \sigma(-\beta)": Meaning(RULE | {"p": 1 - keep(z).subs(alpha, 0)}, times=2),
    r"z\, \sigma(z)": Meaning(STEEP, shows=expectation(m * z, silu)),
    r"\sigma(z)\, \sigma(-z)\, z^2": Meaning(STEEP, shows=variance(m * z, silu)),
}
