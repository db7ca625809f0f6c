"""Dropout's masks on a network of two hidden layers: what is left, and what is expected."""

import sympy as sp
from bookpages.interactive.description import Button, Figure, Network, Slider

from dropoutbook.derive import Bernoulli, expectation

LAYERS = (5, 5, 5, 1)
p = sp.Symbol("p")
gates = [sp.symbols(f"delta_{layer}_1:{units + 1}") for layer, units in enumerate(LAYERS[:-1])]
laws = {gate: Bernoulli(1 - p) for layer in gates for gate in layer}
kept = [sp.Add(*layer) for layer in gates] + [sp.Integer(LAYERS[-1])]
edges = sp.Add(*(below * above for below, above in zip(kept, kept[1:], strict=False)))

figure = Figure(
    controls=[
        Slider("p", "drop probability *p*", 0, 1, 0.05, start=0.5),
        Button("draw", "Draw new masks"),
    ],
    panels=[
        Network(
            alt="A fully connected network of five inputs, two hidden layers of five units and one "
            "output. Dropped units are crossed out, and their edges are gone.",
            layers=LAYERS,
            keep=1 - p,
        )
    ],
    sentence="Draw {draw:0}: {units_left:0} of 15 units are kept, {units:1} expected; "
    "{edges_left:0} of 55 edges are left, {edges:1} expected.",
    later=" Mean of all draws so far: {mean_units:1} units, {mean_edges:1} edges.",
    numbers={
        "units": expectation(sp.Add(*laws), laws),
        "edges": expectation(edges, laws),
    },
)
