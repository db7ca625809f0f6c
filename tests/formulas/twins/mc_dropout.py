"""What the displayed formulas of this page stand for, for three samples and two classes."""

import sympy as sp

from dropoutbook.derive import Bernoulli, variance
from dropoutbook.derive import linear_unit as unit
from dropoutbook.derive import model_precision as tau
from tests.formulas.meaning import Meaning, i, k

S = 3
y = sp.Matrix(sp.symbols("y_1:4"))
mean = sp.Symbol("mean")
mean = sp.solve(sum((mean - value) ** 2 for value in y).diff(mean), mean)[0]
pairs = [(r, s) for r in range(S) for s in range(r)]
spread = sum((y[r] - y[s]) ** 2 for r, s in pairs) / (S * (S - 1))  # without a mean

output = unit.weighted_sum(lambda j: unit.effective[j] * unit.delta[j] / k)

shares = [sp.Rational(1, 3), sp.Rational(2, 5), sp.Rational(6, 7)]
classes = {s: sp.Matrix([share, 1 - share]) for s, share in enumerate(shares, start=1)}
vote = sum(classes.values(), sp.zeros(2, 1)) / S
divergences = [
    p * sp.log(p / q) for one in classes.values() for p, q in zip(one, vote, strict=True)
]


def entropy(law: sp.Matrix) -> sp.Expr:
    return -sum(share * sp.log(share) for share in law)


TWINS = {
    "6.4.1": Meaning({r"\bar y": mean, "v": spread, "y": y, "S": sp.Integer(S)}),
    "6.4.2": Meaning(
        {"y": output, "w'": unit.effective, "I": unit.inputs}, laws={unit.delta: Bernoulli(k)}
    ),
    "6.4.3": Meaning(
        {
            "H": entropy, r"\bar\pi": vote, r"\pi": classes, "S": sp.Integer(S), "s": (1, 2, 3),
            r"\mathrm{MI}": sum(divergences) / S,
        },
        words={
            r"_{\text{predictive}}": "", r"_{\text{expected}}": "",
            r"_{\text{mutual information}}": "",
        },
    ),
    "6.4.4": Meaning(
        {
            r"\tau": tau.model_precision(inverted=False, half=True, mean=True),
            "k": tau.k, "l": tau.scale, "N": tau.N, r"\lambda": tau.decay,
        }
    ),
}  # fmt: skip

LINEAR = {"w'": unit.effective, "I": unit.inputs, "k": unit.k, r"\delta": unit.delta}
gates = {unit.delta: Bernoulli(k)}
first, second = sp.IndexedBase("a", real=True), sp.IndexedBase("b", real=True)
gap = sp.Sum(
    unit.effective[i] * (first[i] - second[i]) * unit.delta[i] / k, (i, 1, unit.n)
)  # of two predictions under the same masks
share = sp.Matrix([sp.Rational(1, 3), sp.Rational(2, 3)])

INLINE = {
    r"y = \sum_i w'_i I_i\, \delta_i / k_i": Meaning(
        LINEAR | {"y": unit.weighted_sum(lambda j: unit.effective[j] * unit.delta[j] / unit.k[j])}
    ),
    r"-\sum_c \pi_c \ln \pi_c": Meaning({r"\pi": share, "c": (1, 2)}, shows=entropy(share)),
    r"\frac{p}{k} \sum_i w_i'^2 I_i^2": Meaning(
        TWINS["6.4.2"].names, shows=variance(output, gates)
    ),
    r"\tau = l^2 / (N k \lambda)": Meaning(
        TWINS["6.4.4"].names | {r"\tau": tau.model_precision(inverted=True, half=False, mean=True)}
    ),
    r"\tfrac{p}{k} \sum_i w_i'^2 (a_i - b_i)^2": Meaning(
        {"w'": unit.effective, "a": first, "b": second}, shows=variance(gap, gates)
    ),
}
