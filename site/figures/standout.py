"""Standout: the probability of keeping a unit against its pre-activation, Eq. (6.3.1)."""

import sympy as sp
from bookpages.interactive.description import Axis, Figure, Plot, Slider
from bookpages.interactive.marks import Dot, Line
from bookpages.interactive.proofs import proved

rule = proved("standout", "keep-rule")["rule"]
alpha, x, z = sp.Symbol("alpha", real=True), sp.Symbol("x"), sp.Symbol("z", real=True)

figure = Figure(
    controls=[
        Slider("alpha", "slope *α*", -2, 4, 0.25, start=1),
        Slider("beta", "offset *β*", -3, 3, 0.25, start=0),
    ],
    panels=[
        Plot(
            alt="Probability of keeping a unit against its pre-activation: a sigmoid for standout, "
            "a level line for dropout with the same offset.",
            x=Axis("pre-activation *z*", -6, 6, (-6, -4, -2, 0, 2, 4, 6)),
            y=Axis("probability of keeping *q*", 0, 1, (0, 0.25, 0.5, 0.75, 1)),
            marks=[
                Line("standout", rule.subs(z, x)),
                Dot(-1, rule.subs(z, -1)),
                Dot(1, rule.subs(z, 1)),
                Line("dropout with the same offset (slope 0)", rule.subs(alpha, 0)),
            ],
        )
    ],
    sentence="A unit at z = 1 is kept with probability {active:3}, one at z = −1 with {quiet:3}; "
    "dropout with this offset keeps every unit with {level:3}, so p = {p:3}.",
    numbers={
        "active": rule.subs(z, 1),
        "quiet": rule.subs(z, -1),
        "level": rule.subs(alpha, 0),
        "p": 1 - rule.subs(alpha, 0),
    },
)
