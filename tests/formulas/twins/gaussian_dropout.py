"""What the displayed formulas of this page stand for: multipliers with the moments of a gate."""

import sympy as sp
from mpmath import inf, quad

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


# the two values that have mean 1 and variance s^2, the first with probability u
u, high, low = sp.symbols("u high low", positive=True)
moments = [u * high + (1 - u) * low - 1, u * high**2 + (1 - u) * low**2 - 1 - s**2]
solutions = sp.solve(moments, [high, low], dict=True)
at = {u: sp.Rational(1, 3), s: 2}
larger = next(pair for pair in solutions if pair[high].subs(at) > pair[low].subs(at))

TWINS = {
    "6.1.1": Meaning({"y": xi * x, r"\xi": xi, "x": x}, laws={xi: Normal(mean, spread)}),
    "6.1.2": Meaning(
        {"t": unit.t, r"\xi": noise, "w": unit.w, "I": unit.inputs, "s": s},
        laws={noise: Normal(1, s**2)},
    ),
    "6.1.3": Meaning(
        {
            r"\xi": xi, "P": probability, "k": keep, "p": 1 - keep,
            r"\Phi": lambda at: (1 + sp.erf(at / sp.sqrt(2))) / 2,
        }
    ),
    "6.1.4": Meaning(
        {r"\xi": larger[high], r"\eta": larger[low], "s": s, "u": u},
        words={r"\text{ with probability } u, \qquad \xi": r", \eta", r"\text{ otherwise}": ""},
    ),
}  # fmt: skip
