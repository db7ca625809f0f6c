"""The penalty of dropout in raw and in effective weights, Eqs. (8) and (3.1), for one input."""

import sympy as sp
from bookpages.interactive.description import Axis, Figure, Plot, Slider
from bookpages.interactive.marks import Dot, Line
from bookpages.interactive.proofs import proved

from dropoutbook.derive import linear_unit as unit

names = proved("regularization", "best-weight", "penalty", "effective-penalty")
p, x = sp.symbols("p x")


def of_one(penalty: sp.Sum) -> sp.Expr:
    """The penalty on a weight of 1, for one input of 1."""
    ones = {base[1]: 1 for base in (unit.w, unit.effective, unit.inputs)}
    return penalty.subs(unit.n, 1).doit().subs(ones).subs(unit.k[1], 1 - p)


raw, effective = of_one(names["penalty"]), of_one(names["effective_penalty"])
k, w = names["k"], names["w"]
one = {names["t"]: 1, names["I_"]: 1, k: 1 - p}
loss = names["loss"].subs(w, x).subs(one)
loss_effective = names["loss"].subs(w, x / k).subs(one)
best, best_effective = names["raw"].subs(one), (k * names["raw"]).subs(one)

figure = Figure(
    controls=[Slider("p", "drop probability *p*", 0.05, 0.9, 0.05, start=0.5)],
    panels=[
        Plot(
            title="the penalty at fixed weights",
            alt="Penalty against the drop probability on a logarithmic axis: in raw weights a hump "
            "with its top at one half, in effective weights a curve that rises without bound.",
            x=Axis("drop probability *p*", 0, 1, (0, 0.25, 0.5, 0.75, 1)),
            y=Axis("penalty on a weight of 1", 0.01, 10, (0.01, 0.1, 1, 10), log=True),
            marks=[
                Line("in the raw weight *w*", raw.subs(p, x)),
                Dot(p, raw),
                Line("in the effective weight *w*′ = (1 − *p*) *w*", effective.subs(p, x)),
                Dot(p, effective),
            ],
        ),
        Plot(
            title="the loss that training sees",
            alt="Expected loss against the weight, two parabolas: in the raw weight the minimum "
            "stays at 1, in the effective weight it moves towards 0 as more is dropped.",
            x=Axis("weight", -0.5, 2, (-0.5, 0, 0.5, 1, 1.5, 2)),
            y=Axis("expected loss", 0, 1, (0, 0.25, 0.5, 0.75, 1)),
            marks=[
                Line("in the raw weight *w*", loss),
                Dot(best, loss.subs(x, best)),
                Line("in the effective weight *w*′ = (1 − *p*) *w*", loss_effective),
                Dot(best_effective, loss_effective.subs(x, best_effective)),
            ],
        ),
    ],
    sentence="At p = {p:2} a weight of 1 costs {raw:3} if it is a raw one and {effective:3} if it "
    "is an effective one. The loss is least at the raw weight {best:2}, which is the effective "
    "weight {best_effective:2}.",
    numbers={
        "raw": raw,
        "effective": effective,
        "best": best,
        "best_effective": best_effective,
    },
)
