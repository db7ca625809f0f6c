"""What the displayed formulas of this page stand for, mostly by counting seeds and masks."""

import sympy as sp

from dropoutbook.derive import Bernoulli, covariance, expectation
from tests.formulas.meaning import Meaning, k

f, b = 7, 3  # sides of the map and of a block


def reaching(x: int) -> sp.Integer:
    """How many seeds along one axis have a block that covers entry x, by trying each."""
    return sp.Integer(sum(seed <= int(x) < seed + b for seed in range(f - b + 1)))


# the covariance of four units, the first dropped, and what a linear reader recovers of it
root = sp.Matrix(4, 4, [2, 1, 0, 1, 1, 3, 1, 0, 0, 1, 2, 1, 1, 1, 0, 4])
C = root * root.T
recovered = 1 - C.det() / (C[0, 0] * C[1:, 1:].det())

delta, epsilon, x_i, x_j = sp.symbols("delta epsilon x_i x_j", real=True)
channels = {delta: Bernoulli(k), epsilon: Bernoulli(k)}
between = covariance(delta * x_i / k, epsilon * x_j / k, channels)

p, gamma = sp.symbols("p gamma", positive=True)
mean_blocks = sp.Rational(sum(reaching(x) * reaching(y) for x in range(f) for y in range(f)), f**2)
numbers = {"f": sp.Integer(f), "b": sp.Integer(b), "p": p, r"\gamma": gamma, "n": reaching}


def kept_at(x: int, y: int) -> Meaning:
    seeds = sp.symbols(f"s_1:{reaching(x) * reaching(y) + 1}")
    law = {seed: Bernoulli(gamma) for seed in seeds}
    names = numbers | {
        "K": expectation(sp.Mul(*(1 - seed for seed in seeds)), law),
        "x": sp.Integer(x), "y": sp.Integer(y),
    }  # fmt: skip
    return Meaning(names, words={r"\mathbb{P}(\text{kept at } x, y)": "K"})


def sharing(o: int) -> Meaning:
    """Two units of a map, with blocks of 2 by 2, that share o of the seeds that reach them."""
    seeds = sp.symbols(f"s_1:{9 - o}")
    law = {seed: Bernoulli(1 - k ** sp.Rational(1, 4)) for seed in seeds}
    first, second = (sp.Mul(*(1 - s for s in reach)) for reach in (seeds[:4], seeds[-4:]))
    names = {"y_i": first * x_i / k, "y_j": second * x_j / k, "x_i": x_i, "x_j": x_j}
    return Meaning(names | {"o": sp.Integer(o), "b": sp.Integer(2)}, laws=law)


def pooled(*units: int, rank: int = 1) -> Meaning:
    """The largest of what is kept of a window, its units in order."""
    gates = sp.symbols(f"m_1:{len(units) + 1}")
    names = {
        "a": sp.Matrix(units), "n": sp.Integer(len(units)), "i": sp.Integer(rank),
        "y": sp.Max(*(gate * unit for gate, unit in zip(gates, units, strict=True))),
    }  # fmt: skip
    return Meaning(names, laws={gate: Bernoulli(k) for gate in gates})


TWINS = {
    "4.1": Meaning(
        {
            "R": sp.sqrt(recovered), "c_S": C[1:, 0], "C_{SS}": C[1:, 1:], "C_{uu}": C[0, 0],
            r"(C_{su})_{s \in S}": C[1:, 0],
        }
    ),
    "4.2": Meaning(
        {"y_i": delta * x_i / k, "y_j": delta * x_j / k, "x_i": x_i, "x_j": x_j, "B": between},
        laws=channels,
        words={r"\text{ within a channel}, \qquad": r", B =", r"\text{ between channels.}": ""},
    ),
    "4.3": Meaning(numbers | {r"\gamma": p / mean_blocks}),
    "4.4": [Meaning(numbers | {"x": sp.Integer(x)}) for x in range(f)],
    "4.5": [kept_at(0, 1), kept_at(1, 3), kept_at(6, 2)],
    "4.6": Meaning({r"\gamma": 1 - k ** sp.Rational(1, b**2), "b": sp.Integer(b)}),
    "4.7": [sharing(o) for o in (1, 2, 4)],
    "4.8": [pooled(2, 3, 7, rank=rank) for rank in (1, 2, 3)],
    "4.9": pooled(2, 3, 7),
    "4.10": [pooled(-5, -2), pooled(-5, 3), pooled(2, 3, 7), pooled(-5, -4, 3)],
}  # fmt: skip

b_1, o_1 = 4, 3  # along one axis: seeds of one step, and those that two steps share
steps = sp.symbols(f"s_1:{2 * b_1 - o_1 + 1}")
step_law = {seed: Bernoulli(1 - k ** sp.Rational(1, b_1)) for seed in steps}
early, late = (sp.Mul(*(1 - s for s in reach)) / k for reach in (steps[:b_1], steps[-b_1:]))
size = sp.Symbol("size", positive=True)
window = pooled(2, 3, 7)

INLINE = {
    r"\sum_x n(x) = b\,(f - b + 1)": Meaning(
        numbers | {"x": tuple(sp.Integer(x) for x in range(f))}
    ),
    r"\operatorname{Cov}[y_i, y_j] = x_i x_j\, p / k": Meaning(
        {"y_i": delta * x_i / k, "y_j": delta * x_j / k, "x_i": x_i, "x_j": x_j}, laws=channels
    ),
    r"\gamma = 1 - k^{1 / b^2}": TWINS["4.6"],
    r"\operatorname{Cov}[y_i, y_j] = x_i x_j (k^{-o / b^2} - 1)": sharing(2),
    r"k\, p^{\,n - i}": Meaning(
        window.names, shows=window.probability(sp.Eq(window.names["y"], 2, evaluate=False))
    ),
    r"\sum_i k\, p^{\,n - i} a_{(i)}": Meaning(
        window.names, shows=expectation(window.names["y"], window.laws)
    ),
    r"1 - e^{-p}": Meaning({"p": p}, shows=1 - sp.limit((1 - p / size) ** size, size, sp.oo)),
    r"k^{-o / b} - 1": Meaning(
        {"o": sp.Integer(o_1), "b": sp.Integer(b_1)}, shows=covariance(early, late, step_law)
    ),
}  # fmt: skip
