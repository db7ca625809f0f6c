"""MC dropout: how far one prediction and the mean of S of them stray, from Eq. (6.4.2)."""

import sympy as sp
from bookpages.interactive.description import Axis, Figure, Plot, Slider
from bookpages.interactive.marks import Band, Line
from bookpages.interactive.proofs import proved

from dropoutbook.derive import Normal, variance
from dropoutbook.derive import linear_unit as unit

WEIGHTS = (1, -2, sp.Rational(1, 2))
names = proved("mc_dropout", "output-moments")
p, S, x = sp.symbols("p S x")
at = 2  # the input of which the sentence speaks


def here(moment: sp.Expr) -> sp.Expr:
    """A moment of the output for the three inputs 1, x and x**2."""
    weights = {unit.effective[i]: weight for i, weight in enumerate(WEIGHTS, 1)}
    inputs = {unit.inputs[i]: x ** (i - 1) for i in (1, 2, 3)}
    keep = {unit.k[i]: 1 - p for i in (1, 2, 3)}
    return moment.subs(unit.n, 3).doit().subs(weights | inputs | keep)


def of_sample_mean(spread: sp.Expr) -> sp.Expr:
    """The variance of the mean of S independent predictions, each with this variance."""
    y, one = sp.IndexedBase("y", real=True), sp.Symbol("v", positive=True)
    mean = sp.Sum(y[unit.i], (unit.i, 1, unit.n)) / unit.n
    return variance(mean, {y: Normal(0, one)}).subs({unit.n: S, one: spread})


mean, spread = here(names["no_masks"]), here(variance(names["output"], unit.gates))
deviation, error = sp.sqrt(spread), sp.sqrt(of_sample_mean(spread))

figure = Figure(
    controls=[
        Slider("p", "drop probability *p*", 0.05, 0.6, 0.05, start=0.2),
        Slider("S", "samples *S*", 1, 100, 1, start=10),
    ],
    panels=[
        Plot(
            alt="A parabola with two bands around it: a wide one for a single prediction, which "
            "depends on p alone, and a narrow one for the mean of S predictions.",
            x=Axis("input *x*", -1, 3, (-1, 0, 1, 2, 3)),
            y=Axis("output *y*", -12, 12, (-12, -6, 0, 6, 12)),
            marks=[
                Band("one prediction ± 2 s.d.", mean - 2 * deviation, mean + 2 * deviation),
                Band("mean of *S* predictions ± 2 s.d.", mean - 2 * error, mean + 2 * error),
                Line("prediction without masks", mean),
            ],
        )
    ],
    sentence="At x = 2 the network says {mean:2} without masks. One prediction with masks strays "
    "from it by a standard deviation of {deviation:2}, the mean of {S:0} by {error:2}.",
    numbers={
        "mean": mean.subs(x, at),
        "deviation": deviation.subs(x, at),
        "error": error.subs(x, at),
    },
)
