"""What the displayed formulas of this page stand for: multipliers with the moments of a gate."""

import sympy as sp
from mpmath import exp, inf, log, pi, quad, sqrt

from dropoutbook.derive import Bernoulli, Normal, expectation, variance
from dropoutbook.derive import linear_unit as unit
from tests.formulas.meaning import Meaning, k

x, delta, xi, s = sp.symbols("x delta xi s", positive=True)
gate = {delta: Bernoulli(k)}
mean, spread = expectation(delta / k, gate), variance(delta / k, gate)  # of inverted dropout
noise = sp.IndexedBase("xi", real=True)

keep = sp.Rational(3, 5)


def probability(event: sp.Rel) -> sp.Float:
    """That of xi < 0 or xi > 0, for the normal law with the moments of a gate, as an integral."""
    if event.args != (xi, 0):
        raise ValueError(f"event must compare {xi} with 0, got {event}")
    at, deviation = {"<": [-inf, 0], ">": [0, inf]}[event.rel_op], sp.sqrt(spread.subs(k, keep))
    density = sp.exp(-(((xi - 1) / deviation) ** 2) / 2) / sp.sqrt(2 * sp.pi) / deviation
    return sp.Float(quad(sp.lambdify(xi, density, "mpmath"), at), 15)


multiplier, deviation = sp.Symbol("xi", real=True), sp.Rational(7, 10)


def density(at: sp.Expr) -> sp.Expr:
    return sp.exp(-(at**2) / 2) / sp.sqrt(2 * sp.pi)


def distribution(at: sp.Expr) -> sp.Expr:
    return (1 + sp.erf(at / sp.sqrt(2))) / 2


def normal_mean(value: sp.Expr) -> sp.Float:
    """The mean of an expression in the multiplier, which is N(1, deviation^2), as an integral."""
    law = density((multiplier - 1) / deviation) / deviation
    return sp.Float(quad(sp.lambdify(multiplier, value * law, "mpmath"), [-inf, 0, inf]), 15)


TWINS = {
    "6.1.1": Meaning({"y": xi * x, r"\xi": xi, "x": x}, laws={xi: Normal(mean, spread)}),
    "6.1.2": Meaning(
        {"t": unit.t, r"\xi": noise, "w": unit.w, "I": unit.inputs, "s": s},
        laws={noise: Normal(1, s**2)},
    ),
    "6.1.3": Meaning(
        {
            r"\xi": xi, "P": probability, "k": keep, "p": 1 - keep, r"\Phi": distribution,
        }
    ),
    "6.1.4": Meaning(
        {
            r"\xi": multiplier, "s": deviation, r"\mathbb{E}": normal_mean,
            r"\varphi": density, r"\Phi": distribution,
        }
    ),
}  # fmt: skip

k_1, k_2, xi_1, xi_2, v, h = sp.symbols("k_1 k_2 xi_1 xi_2 v h", positive=True)
RATES = {"k_1": k_1, "k_2": k_2, "p_1": 1 - k_1, "p_2": 1 - k_2}
pair = {xi_1: Normal(1, (1 - k_1) / k_1), xi_2: Normal(1, (1 - k_2) / k_2)}
third = expectation((xi_1 * xi_2 - 1) ** 3, pair)
uniform = {r: sp.integrate(v**r / (2 * h), (v, -h, h)) for r in (2, 4)}  # on [-h, h]
p, z = sp.symbols("p z", positive=True)
normal_entropy = sp.Float(
    quad(lambda at: -(f := exp(-(at**2) / 8) / sqrt(8 * pi)) * log(f), [-40, 0, 40]), 15
)  # of N(1, 2^2)

INLINE = {
    r"s^2 = p / k": Meaning({"s": sp.sqrt(spread)}),
    r"y = \xi x": TWINS["6.1.1"],
    r"\alpha = p / k": Meaning({r"\alpha": spread}),
    r"\tfrac12 \ln (2 \pi e s^2)": Meaning(
        {"s": sp.Integer(2), r"\pi": sp.pi}, shows=normal_entropy
    ),
    r"p = 1 / (1 + z^2)": Meaning({"p": p, "z": sp.sqrt((1 - p) / p)}),
    r"h^2 / 3": Meaning({"h": h}, shows=uniform[2]),
    r"h^4 / 5 = \tfrac95 s^4": Meaning({"h": h, "s": sp.sqrt(uniform[2])}),
    r"(1 + p_1 / k_1)(1 + p_2 / k_2) = 1 / (k_1 k_2)": Meaning(RATES),
    r"1 / (k_1 k_2) - 1": Meaning(RATES, shows=variance(xi_1 * xi_2, pair)),
    r"6 s_1^2 s_2^2": Meaning(
        {"s": {1: sp.sqrt(pair[xi_1].variance), 2: sp.sqrt(pair[xi_2].variance)}}, shows=third
    ),
    r"p (2p - 1) / k^2": Meaning({}, shows=expectation((delta / k - 1) ** 3, gate)),
    r"e^v - 1": Meaning({"v": -sp.log(k)}, shows=spread),
}
