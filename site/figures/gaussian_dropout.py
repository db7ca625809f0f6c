"""Bernoulli and Gaussian noise of the same mean and variance, Eqs. (6.1.1) and (6.1.3)."""

import sympy as sp
from bookpages.interactive.description import Axis, Figure, Plot, Slider
from bookpages.interactive.marks import Band, Line, Span, Stems
from bookpages.interactive.proofs import proved
from sympy import stats

names = proved("gaussian_dropout", "gate-moments", "same-moments")
p, x = sp.symbols("p x")
k = names["k"]
gate, law = names["gate"][names["delta"]], names["normal"][names["xi"]]
deviation = sp.sqrt(law.variance).subs(k, 1 - p)
normal = stats.Normal("xi", law.mean, sp.sqrt(law.variance))
density = stats.density(normal)(x).subs(k, 1 - p)
flips = stats.cdf(normal)(0).subs(k, 1 - p)
multipliers = [((v / k).subs(k, 1 - p), q.subs(k, 1 - p)) for v, q in gate.values().items()]
across = Axis("multiplier *ξ*", -5, 7, (-4, -2, 0, 2, 4, 6))


def spread(height: float) -> Span:
    return Span("mean ± standard deviation", 1 - deviation, law.mean, 1 + deviation, height)


figure = Figure(
    controls=[Slider("p", "drop probability *p*", 0.1, 0.8, 0.05, start=0.5)],
    panels=[
        Plot(
            title="Dropout",
            alt="Two stems: a gate of dropout is 0 with probability p, otherwise 1 / (1 - p).",
            x=across,
            y=Axis("probability", 0, 1, (0, 0.25, 0.5, 0.75, 1)),
            marks=[Stems("probability of a gate *δ* / *k*", multipliers), spread(0.06)],
        ),
        Plot(
            title="Gaussian dropout",
            alt="The normal density with the mean and variance of the gate; its part below zero, "
            "where signs are turned, is shaded and grows with p.",
            x=across,
            y=Axis("density", 0, 1.25, (0, 0.25, 0.5, 0.75, 1, 1.25)),
            marks=[
                Line("normal density", density),
                spread(0.075),
                Band("changed signs", 0, sp.Piecewise((density, x <= 0), (0, True))),
            ],
        ),
    ],
    sentence="Both multipliers have mean 1 and standard deviation {deviation:3}. The gate is "
    "{low:0} with probability {drop:2} and {high:2} otherwise; the normal one is negative with "
    "probability {flips:3}.",
    numbers={
        "deviation": deviation,
        "low": multipliers[1][0],
        "drop": multipliers[1][1],
        "high": multipliers[0][0],
        "flips": flips,
    },
)
