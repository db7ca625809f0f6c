"""A neuron of DropConnect: the exact law of its pre-activation, and the normal one, Eq. (6.2.4)."""

import sympy as sp
from bookpages.interactive.description import Axis, Figure, Plot, Slider
from bookpages.interactive.marks import Line, Sums
from bookpages.interactive.proofs import proved
from sympy import stats

from dropoutbook.derive import expectation, variance
from dropoutbook.derive.sums import replace_family

WEIGHTS = (0.93, -0.71, 1.17, -1.24, 0.52, 0.84, -0.88, -0.43, 1.05, -0.61, 0.67, -1.09)
names = proved("drop_connect", "masked-unit", "relu-of-a-normal", "rectified-mean")
p, x = sp.symbols("p x")
unit, gates, k = names["unit"](names["M"], names["w"]), names["gates"], names["k"]
mu, s = sp.symbols("mu s", positive=True)


def here(moment: sp.Expr) -> sp.Expr:
    """A moment of the pre-activation where every input is 1."""
    return replace_family(moment, names["v"], lambda i: sp.Integer(1)).subs(k, 1 - p)


mean, deviation = here(expectation(unit, gates)), sp.sqrt(here(variance(unit, gates)))
normal = {mu: mean, s: deviation}
rectified = (s * names["rectified"].subs(names["c"], mu / s)).subs(normal)
law = [(v, q.subs(k, 1 - p)) for v, q in gates[names["M"]].values().items()]

figure = Figure(
    controls=[
        Slider("p", "drop probability *p*", 0.1, 0.9, 0.05, start=0.5),
        Slider("n", "connections *n*", 1, 12, 1, start=6),
    ],
    panels=[
        Plot(
            alt="Histogram of the pre-activation over all masks of one neuron, and the normal "
            "density of the same mean and variance: far apart for few connections, close for many.",
            x=Axis("pre-activation *u*", -5, 5, (-4, -2, 0, 2, 4)),
            y=Axis("density", 0, None),
            marks=[
                Sums("all masks", WEIGHTS, sp.Symbol("n"), law, width=0.5),
                Line("normal law", stats.density(stats.Normal("u", mu, s))(x).subs(normal)),
            ],
        )
    ],
    sentence="The mean output of a ReLU is {rectified:3} over all masks, {normal:3} by the normal "
    "law, and {scaled:3} by weight scaling.",
    numbers={"normal": rectified, "scaled": sp.Max(mean, 0)},
    constants={"w": WEIGHTS},
)
