"""What the displayed formulas of this page stand for: units under gates of either kind."""

import sympy as sp
from mpmath import inf, quad

from dropoutbook.derive import Bernoulli, covariance, expectation
from dropoutbook.derive.sums import N
from tests.formulas.meaning import Meaning, i, j, k, l

delta, row, w, v, W, M = (sp.IndexedBase(name) for name in ("delta", "M_i", "w", "v", "W", "M"))


def unit(gate: sp.IndexedBase, of: sp.Symbol) -> sp.Sum:
    return sp.Sum(gate[j] * W[of, j] * v[j], (j, 1, N))


def moments(gate: sp.IndexedBase) -> Meaning:
    names = {"u_i": unit(gate, i), "u_l": unit(gate, l), "W": W, "v": v}
    return Meaning(names, laws={gate: Bernoulli(k)})


# two units and three inputs, all entries symbols; H is symmetric
a, mask = sp.Function("a"), sp.Matrix(2, 3, sp.symbols("M_1:7"))
weights, x, gates = (
    sp.Matrix(2, 3, sp.symbols("W_1:7")),
    *(sp.Matrix(sp.symbols(f"{name}_1:4")) for name in ("v", "delta")),
)
H = sp.Matrix(2, 2, lambda r, c: sp.Symbol(f"H_{min(r, c)}{max(r, c)}"))
law = {gate: Bernoulli(k) for gate in (*mask, *gates)}


def rise(units: sp.Matrix) -> sp.Expr:
    """What the covariance of the units adds to a loss with the second derivatives H."""
    pairs = [(r, c) for r in (0, 1) for c in (0, 1)]
    return sum(H[r, c] * covariance(units[r], units[c], law) for r, c in pairs) / 2


m_11 = mask[0]
outputs = [sum(mask[r, c] * weights[r, c] * x[c] for c in range(3)) for r in (0, 1)]

mu, s, u = sp.Rational(3, 10), sp.Rational(7, 10), sp.Symbol("u")


def density(at: sp.Expr) -> sp.Expr:
    return sp.exp(-(at**2) / 2) / sp.sqrt(2 * sp.pi)


def normal_mean(value: sp.Expr) -> sp.Float:
    """The mean of an expression in u, which is N(mu, s^2), as an integral."""
    integrand = sp.lambdify(u, value * density((u - mu) / s) / s, "mpmath")
    return sp.Float(quad(integrand, [-inf, 0, inf]), 15)


TWINS = {
    "13": Meaning(
        {
            "M": mask, "W": weights, "v": x, "M_{ij}": m_11, "r": sp.Matrix(outputs).applyfunc(a),
            "a": lambda column: column.applyfunc(a),
        },
        laws=law,
    ),
    "6.2.1": [moments(delta), moments(row)],
    "6.2.2": moments(delta),
    "6.2.3": Meaning(
        {
            "D": rise(weights * sp.diag(*gates) * x), "W": weights, "v": x, "H": H,
            "C": rise(mask.multiply_elementwise(weights) * x),
            "i": (1, 2), "j": (1, 2, 3),
        },
        words={r"\text{dropout: }": "D = ", r"\text{DropConnect: }": "C = "},
    ),
    "6.2.4": Meaning(
        {
            "u": u, r"\mu": mu, "s": s, r"\mathbb{E}": normal_mean, r"\varphi": density,
            r"\Phi": lambda at: (1 + sp.erf(at / sp.sqrt(2))) / 2,
        }
    ),
}  # fmt: skip

other = sp.IndexedBase("M_l")
rows = {row: Bernoulli(k), other: Bernoulli(k)}
u_i, u_l = moments(delta).names["u_i"], moments(delta).names["u_l"]
biases, bias_mask = (sp.Matrix(sp.symbols(f"{name}_1:3")) for name in ("b", "m"))
biased = law | {gate: Bernoulli(k) for gate in bias_mask}
totals = [outputs[r] + bias_mask[r] * biases[r] for r in (0, 1)]
term = delta[j] * v[j]

ALGORITHM = Meaning(
    {
        "W": weights, "v": x, "b": biases,
        r"\mu": sp.Matrix([expectation(total, biased) for total in totals]),
        "s^2": sp.Matrix([covariance(total, total, biased) for total in totals]),
    }
)  # fmt: skip

INLINE = {
    r"r = a((M \odot W) v)": TWINS["13"],
    r"\operatorname{Var}(\delta_j) W_{ij} v_j W_{lj} v_j": Meaning(
        {r"\delta": delta, "W": W, "v": v},
        laws={delta: Bernoulli(k)},
        shows=covariance(term * W[i, j], term * W[l, j], {delta: Bernoulli(k)}),
    ),
    r"\mathbb{E}[(\delta - k)^3] = p k (p - k)": Meaning(
        {r"\delta": gates[0]}, laws={gates[0]: Bernoulli(k)}
    ),
    r"\mu \leftarrow k\, (W v + b)": ALGORITHM,
    r"s^2 \leftarrow p\, k\, \bigl((W \odot W)(v \odot v) + b \odot b\bigr)": ALGORITHM,
    r"\operatorname{Cov}(u_i, u_l) = 0": Meaning(
        {"u_i": unit(row, i), "u_l": unit(other, l)}, laws=rows
    ),
    r"p k \sum_j W_{ij} W_{lj} v_j^2": Meaning(
        {"W": W, "v": v}, shows=covariance(u_i, u_l, {delta: Bernoulli(k)})
    ),
    r"\mu \Phi(\mu / s) + s \varphi(\mu / s)": Meaning(
        TWINS["6.2.4"].names, shows=normal_mean(sp.Max(u, 0))
    ),
    r"s \varphi(0) = s / \sqrt{2 \pi}": Meaning({r"\varphi": density, "s": s, r"\pi": sp.pi}),
    r"\tfrac{p}{k} \sum_j W_{ij}^2 v_j^2": Meaning(
        {"W": W, "v": v}, shows=covariance(u_i / k, u_i / k, {delta: Bernoulli(k)})
    ),
}
