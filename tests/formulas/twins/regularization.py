"""What the displayed formulas of this page stand for."""

from itertools import product

import sympy as sp

from dropoutbook.derive import Bernoulli, expectation, source_equations, variance
from dropoutbook.derive import hidden_units as hidden
from dropoutbook.derive import linear_unit as unit
from dropoutbook.derive.linear_unit import delta, i, j, l, n
from dropoutbook.derive.sums import replace_family
from tests.formulas.meaning import Meaning, k

UNIT = {
    "w": unit.w, "w'": unit.effective, "I": unit.inputs, "k": unit.k, "t": unit.t,
    "E_D": unit.error_with_dropout,
}  # fmt: skip
p = 1 - k
gate = sp.Symbol("delta")
one_gate = {gate: Bernoulli(k)}

# the mean loss of inverted dropout on three examples of two inputs, and where it is least
X, targets = sp.Matrix([[1, 2], [3, -1], [2, 5]]), sp.Matrix([1, 0, 3])
weights, gates = sp.symbols("w_1:3"), sp.symbols("delta_1:3")
outputs = X * sp.Matrix([w * delta / k for w, delta in zip(weights, gates, strict=True)])
loss = expectation(
    sum((targets - outputs).applyfunc(lambda r: r**2)), dict.fromkeys(gates, Bernoulli(k))
)
best = sp.solve([loss.diff(w) for w in weights], weights)

# two columns of unit norm at an angle: their products, eigenvalues, and the trace of the fit
cosine = sp.Symbol("c", positive=True)
products = sp.Matrix([[1, cosine], [cosine, 1]])


def degrees(rate: sp.Expr) -> sp.Expr:
    return (products * (products + rate / (1 - rate) * sp.eye(2)).inv()).trace()


# a softmax over two classes, its logits affine in two gates
masks = tuple(product((0, 1), repeat=2))
chances = {m: sp.Mul(*(k if open_ else p for open_ in m)) for m in masks}
logits = {1: lambda m: 2 * m[0] - m[1] + 1, 2: lambda m: m[0] / 3 + m[1]}


def softmax(m: tuple[sp.Expr, ...]) -> dict[int, sp.Expr]:
    powers = {c: sp.exp(logit(m)) for c, logit in logits.items()}
    return {c: power / sum(powers.values()) for c, power in powers.items()}


# the loss of a logistic unit up to the labels, and what noise adds to it
at, noise = sp.symbols("u epsilon")
logistic = sp.log(1 + sp.exp(at))


def A(u: sp.Expr) -> sp.Expr:
    return logistic.subs(at, u)


def to_second_order(c: sp.Expr) -> sp.Expr:
    """The second term of the mean of A(c (1 + epsilon (delta / k - 1))) as a series in epsilon."""
    mean = expectation(A(c * (1 + noise * (gate / k - 1))), one_gate)
    return mean.diff(noise, 2).subs(noise, 0) / 2


def over_masks(loss: sp.Expr) -> sp.Expr:
    """The mean of a loss of hidden units, one rate for all of them."""
    gated = replace_family(loss, hidden.h, lambda j: delta[j] / k * hidden.h[j])
    return expectation(gated, {delta: Bernoulli(k)})


layer = source_equations[9]

TWINS = {
    "8": Meaning(UNIT | {"E_R": source_equations[8].right.rhs}, laws=unit.gates),
    "3.1": Meaning(
        UNIT | {"E_D": unit.half_squared_error(lambda j: unit.delta[j] / k * unit.effective[j])},
        laws={unit.delta: Bernoulli(k)},
    ),
    "3.2": Meaning(
        {
            "w'": sp.Matrix([best[w] for w in weights]), "X": X, "y": targets,
            r"\operatorname{diag}": lambda square: sp.diag(*square.diagonal()),
        }
    ),
    "3.3": Meaning(
        {
            r"\mathrm{df}": degrees, r"\lambda": sp.Matrix([1 + cosine, 1 - cosine]),
            "n": sp.Integer(2),
        }
    ),
    "9": Meaning({"y": layer.right.rhs, "k": sp.Symbol("k"), "f(W X)": layer.right.rhs.args[1]}),
    "3.4": [
        Meaning(
            {
                r"\mathrm{NWGM}": softmax((k, k)), "c": sp.Integer(c), "c'": (1, 2), "m": masks,
                "q": {m: softmax(m).get for m in masks}, "P": chances.get,
            }
        )
        for c in (1, 2)
    ],
    "3.5": Meaning(
        {
            r"\sigma": lambda u: 1 / (1 + sp.exp(-u)),
            r"\mu": sp.Symbol("mu"), r"\varepsilon": sp.Symbol("epsilon"),
        }
    ),
    "3.6": Meaning(
        {
            "R": lambda c: k * A(c / k) + p * A(0) - A(c), r"R^{\mathrm{q}}": to_second_order,
            "A": A, "A''": lambda c: logistic.diff(at, 2).subs(at, c),
            "c": sp.Symbol("c", positive=True), r"\delta": gate,
        },
        laws=one_gate,
    ),
    "3.7": Meaning(
        {
            r"\mathbb{E}[L]": over_masks(hidden.quadratic_form), "L": hidden.quadratic_form,
            "h": hidden.h, r"\frac{\partial^2 L}{\partial h_j^2}": hidden.curvature[j, j],
        },
        sign=r"\approx",
    ),
    "3.8": Meaning(
        {
            r"\mathbb{E}[L]": hidden.of_inputs(over_masks(hidden.squared_error)),
            "L": hidden.of_inputs(hidden.squared_error),
            r"\| U_j \|": sp.sqrt(sp.Sum(hidden.U[i, j] ** 2, (i, 1, n))),
            "V_j x": sp.Sum(hidden.V[j, l] * hidden.x[l], (l, 1, n)),
        }
    ),
}  # fmt: skip

w, I_, t = sp.symbols("w I t", positive=True)
one_input = expectation((t - gate * w * I_) ** 2 / 2, one_gate)
raw = sp.solve(one_input.diff(w), w)[0]
penalty = expectation(TWINS["3.1"].names["E_D"], TWINS["3.1"].laws) - unit.half_squared_error(
    lambda j: unit.effective[j]
)
ONE = {"w'": k * raw, "t": t, "I": I_}
S = sp.Symbol("S", real=True)

INLINE = {
    r"w' = k\, t / I": Meaning(ONE),
    r"\sum_i k_i (1 - k_i)\, w_i^2 I_i^2": Meaning(  # as the source prints it
        UNIT, shows=source_equations[8].printed.rhs - unit.error_without_dropout
    ),
    r"y = (1 - p)\, f(W X)": Meaning(  # right where p drops, as the words beside it say
        {"y": layer.right.rhs, "p": 1 - sp.Symbol("k"), "f(W X)": layer.right.rhs.args[1]}
    ),
    r"k^s (1-k)^{n-s}": Meaning(
        {"s": sp.Integer(2), "n": sp.Integer(5)},
        shows=sp.Mul(*(k if open_ else p for open_ in (1, 0, 0, 1, 0))),
    ),
    r"\frac{p}{1 - p} h_j^2": Meaning(
        {"h": hidden.h}, shows=variance(gate / k * hidden.h[j], one_gate)
    ),
    r"-k \ln k - (1 - k) \ln (1 - k)": Meaning(
        {}, shows=-sum(c * sp.log(c) for c in Bernoulli(k).values().values())
    ),
    r"\sigma(S) = e^S / (e^S + e^0)": Meaning({r"\sigma": lambda u: 1 / (1 + sp.exp(-u)), "S": S}),
    r"A(u) = \ln(1 + e^u)": Meaning({"A": A, "u": S}),
    r"\dfrac12\, \dfrac{p}{1 - p} \sum_i w_i'^2 I_i^2": Meaning(UNIT | {"k": k}, shows=penalty),
}
