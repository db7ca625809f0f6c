"""What the displayed formulas of this page stand for: one linear unit, for every n of inputs."""

import sympy as sp

from dropoutbook.derive import Bernoulli, Normal, covariance, expectation, variance
from dropoutbook.derive import linear_unit as unit
from dropoutbook.derive.linear_unit import delta, effective, i, inputs, j, k, l, n, t, w
from dropoutbook.derive.sums import Differs, gradient
from tests.formulas.meaning import Meaning
from tests.formulas.meaning import k as keep

E_N, E_D = unit.error_without_dropout, unit.error_with_dropout
UNIT = {"w": w, "w'": effective, "I": inputs, "k": k, r"\delta": delta, "t": t}


def slope(error: str, of: sp.Expr, index: sp.Symbol) -> dict[str, sp.Expr]:
    return {rf"\frac{{\partial {error}}}{{\partial w_{index}}}": gradient(of, w[index])}


SLOPES = slope("E_N", E_N, i) | slope("E_D", E_D, i) | slope("E_D", E_D, l)


def others(summand: sp.Expr, *excluded: sp.Symbol) -> sp.Sum:
    return sp.Sum(summand * sp.Mul(*(Differs(index, j) for index in excluded)), (j, 1, n))


class Contributions:
    """a_j = w_j I_j."""

    def __getitem__(self, index: sp.Expr) -> sp.Expr:
        return w[index] * inputs[index]


a = Contributions()
RESIDUALS = {
    "a": a,
    "r_i": t - a[i] - others(k[j] * a[j], i),
    "r_{il}": t - a[i] - a[l] - others(k[j] * a[j], i, l),
}

# gates that hang together: two independent coins, their product, and their agreement
coins = sp.symbols("b_1:3")
coin_laws = {coins[0]: Bernoulli(sp.Rational(1, 3)), coins[1]: Bernoulli(sp.Rational(3, 5))}
together = [coins[0], coins[0] * coins[1], coins[0] * coins[1] + (1 - coins[0]) * (1 - coins[1])]
weights, data = sp.symbols("w_1:4"), sp.symbols("I_1:4")
means = [expectation(gate, coin_laws) for gate in together]


def correlated(index: int) -> Meaning:
    """The two gradients of a unit with three such gates, by the weight of this index."""
    with_gates, without = (
        (t - sum(g * v * x for g, v, x in zip(gates, weights, data, strict=True))) ** 2 / 2
        for gates in (together, means)
    )
    names = {
        r"\frac{\partial E_D}{\partial w_i}": with_gates.diff(weights[index - 1]),
        r"\frac{\partial E_N}{\partial w_i}": without.diff(weights[index - 1]),
        "C": sp.Matrix(3, 3, lambda r, c: covariance(together[r], together[c], coin_laws)),
        "w": sp.Matrix(weights), "I": sp.Matrix(data),
        "i": sp.Integer(index), "n": sp.Integer(3),
    }  # fmt: skip
    return Meaning(names, laws=coin_laws)


S, mu, s = sp.symbols("S mu s", positive=True)
cubic = sp.Poly(sp.symbols("c_3 c_2 c_1 c_0"), S).as_expr()  # no third order by a symmetric law

TWINS = {
    "1": Meaning(UNIT | {"O": unit.weighted_sum(lambda j: w[j])}),
    "2": Meaning(UNIT | {"E_N": unit.half_squared_error(lambda j: effective[j])}),
    "3": Meaning(UNIT | {"E_N": E_N}),
    "4": Meaning(UNIT | SLOPES),
    "5": Meaning(UNIT | {"E_D": E_D}, laws=unit.gates),
    "6": Meaning(UNIT | SLOPES),
    "7": Meaning(UNIT | SLOPES, laws=unit.gates),
    "2.1": Meaning(UNIT, laws=unit.gates),
    "2.2": [correlated(index) for index in (1, 2, 3)],
    "2.3": Meaning(UNIT | SLOPES | RESIDUALS, laws=unit.gates),
    "2.4": Meaning(UNIT | SLOPES | RESIDUALS, laws=unit.gates, given=Differs(i, l)),
    "2.5": Meaning(
        {
            "S": S, r"\mu": mu, "s": s,
            "L": lambda at: cubic.subs(S, at),
            "L''": lambda at: cubic.diff(S, 2).subs(S, at),
        },
        laws={S: Normal(mu, s**2)},
        sign=r"\approx",
    ),
    "unnumbered 1": Meaning(UNIT, shows=expectation(E_D, unit.gates)),
}  # fmt: skip

gate, c, raw = sp.symbols("delta c w", positive=True)
one = {gate: Bernoulli(keep)}
one_error = expectation((t - gate * c) ** 2 / 2, one)
total = unit.weighted_sum(lambda j: delta[j] * w[j])
mean = expectation(total, unit.gates)
inverted = gradient(unit.half_squared_error(lambda j: delta[j] / k[j] * w[j]), w[i])
plain = gradient(unit.half_squared_error(lambda j: w[j]), w[i])
centred = (gate - sp.Rational(1, 2)) * w[i] * inputs[i]
half = {gate: Bernoulli(sp.Rational(1, 2))}
kappa_4 = expectation(centred**4, half) - 3 * expectation(centred**2, half) ** 2
SUM = {"S": total, r"\mu": mean, "s": sp.sqrt(variance(total, unit.gates))}

INLINE = {
    r"k \cdot \tfrac12 (t - a)^2 + (1 - k) \cdot \tfrac12 t^2": Meaning(
        {"t": t, "a": c}, shows=one_error
    ),
    r"\tfrac12 k (1 - k) a^2": Meaning(
        {"a": c}, shows=one_error - (t - keep * c) ** 2 / 2, times=2
    ),
    r"\mathbb{E}[\delta_i] = k_i": TWINS["2.1"],
    r"\mathbb{E}[\delta_i^2] = k_i = k_i^2 + k_i (1 - k_i)": TWINS["2.1"],
    r"\mathbb{E}[\delta_i \delta_j] = k_i k_j": Meaning(
        UNIT, laws=unit.gates, given=Differs(i, j), times=2
    ),
    r"\tfrac12 k_i (1 - k_i) w_i^2 I_i^2": Meaning(
        UNIT, shows=sp.integrate(k[i] * (1 - k[i]) * inputs[i] ** 2 * raw, raw).subs(raw, w[i])
    ),
    r"C_{ij} = k (1 - k)": Meaning({"C_{ij}": covariance(gate, gate, one)}),
    r"a_j = w_j I_j": Meaning(UNIT | RESIDUALS),
    r"r_i = t - a_i - \sum_{j \neq i} k_j a_j": Meaning(UNIT | RESIDUALS),
    r"r_{il} = t - a_i - a_l - \sum_{j \neq i, l} k_j a_j": Meaning(UNIT | RESIDUALS),
    r"S = \sum_i \delta_i w_i I_i": Meaning(UNIT | SUM),
    r"\mu = \sum_i k_i w_i I_i": Meaning(UNIT | SUM),
    r"s^2 = \sum_i k_i (1 - k_i) w_i^2 I_i^2": Meaning(UNIT | SUM),
    r"k (1 - k) / k^2 = p / k": Meaning({}),
    r"w_i I_i^2 \, p_i / k_i": Meaning(
        UNIT | {"p_i": 1 - k[i]}, shows=expectation(inverted, unit.gates) - plain
    ),
    r"\kappa_3 = \sum_i k_i (1 - k_i)(1 - 2 k_i) (w_i I_i)^3": Meaning(
        UNIT | {r"\kappa_3": expectation((total - mean) ** 3, unit.gates)}
    ),
    r"\kappa_4 = -\tfrac18 (w_i I_i)^4": Meaning(UNIT | {r"\kappa_4": kappa_4}),
}
