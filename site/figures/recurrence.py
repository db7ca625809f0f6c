"""What the cell of an LSTM remembers under each mask, Eq. (5.2)."""

import sympy as sp
from bookpages.interactive.description import Axis, Figure, Plot, Slider
from bookpages.interactive.marks import Dot, Line
from bookpages.interactive.proofs import proved

names = proved("recurrence", "memory")
p, x = sp.symbols("p x")
j, k = names["j"], names["k"]
memories = {
    "plain": ("no mask, or RNNDrop in evaluation", names["fixed"].subs(k, 1)),
    "fixed": ("one mask on the cell, or masks on the update", names["fixed"]),
    "fresh": ("a new mask on the cell at each step", names["fresh"]),
    "divided": ("one mask on the cell, divided by *k* at each step", names["divided"]),
}
weights = {name: weight.subs(k, 1 - p) for name, (_, weight) in memories.items()}
decades = tuple(10.0**exponent for exponent in range(-6, 7, 2))

figure = Figure(
    controls=[
        Slider("p", "drop probability *p*", 0, 0.5, 0.05, start=0.25),
        Slider("f", "forget gate *f*", 0.8, 1, 0.01, start=0.97),
        Slider("j", "lag *j* of the dots", 0, 40, 1, start=20),
    ],
    panels=[
        Plot(
            alt="Mean weight of an update against the lag, on a logarithmic axis: four straight "
            "lines. Without a mask and with one mask the lines fall alike, new masks make it fall "
            "steeply, division by k at each step makes it rise.",
            x=Axis("lag, steps", 0, 40, (0, 10, 20, 30, 40)),
            y=Axis("mean weight", decades[0], decades[-1], decades, log=True),
            marks=[
                mark
                for name, (label, _) in memories.items()
                for mark in (Line(label, weights[name].subs(j, x)), Dot(j, weights[name]))
            ],
        )
    ],
    sentence="Of what was written {j:0} steps ago the cell holds {plain:e} without a mask, "
    "{fixed:e} with one mask, {fresh:e} with a new mask at each step, and {divided:e} where one "
    "mask is divided by k at each step.",
    numbers=weights,
)
