"""DropBlock: the probability of keeping each unit of a map, Eq. (4.5), under both rules."""

import sympy as sp
from bookpages.interactive.description import Figure, Map, Slider

from dropoutbook.derive.drop_block import keep_probability, paper_gamma, uniform_gamma

SIDE = 14
p, b, x, y = sp.symbols("p b x y")


def each_size(gamma) -> sp.Expr:
    """A seed probability, which takes the size of the block as a number, for every size."""
    cases = [(gamma(size), sp.Eq(b, size)) for size in range(1, SIDE)]
    return sp.Piecewise(*cases, (gamma(SIDE), True))


margin = b - 1  # blocks of the uniform rule may hang over the border by so much
paper = keep_probability(each_size(lambda size: paper_gamma(p, SIDE, size)), x, y, SIDE, b)
extended = SIDE + 2 * margin
gamma = each_size(lambda size: uniform_gamma(p, size))
uniform = keep_probability(gamma, x + margin, y + margin, extended, b)

figure = Figure(
    controls=[
        Slider("p", "drop probability *p*", 0.05, 0.9, 0.05, start=0.5),
        Slider("b", "block size *b*", 1, SIDE, 1, start=7),
    ],
    panels=[
        Map(
            title="paper: blocks inside the map",
            alt="Heat map of a 14 by 14 map: with blocks that have to fit, corners are kept almost "
            "always and the middle is kept least.",
            side=SIDE,
            value=paper,
            label="P(kept) at (*x*, *y*)",
            mean="paper",
        ),
        Map(
            title="uniform: blocks may hang over",
            alt="Heat map of a 14 by 14 map: with blocks that may hang over the border, every unit "
            "is kept with the same probability.",
            side=SIDE,
            value=uniform,
            label="P(kept) at (*x*, *y*)",
            mean="uniform",
        ),
    ],
    sentence="By the paper's rule a corner is kept with probability {corner:3}, the middle with "
    "{middle:3}, a unit on average with {paper:3}; by the uniform rule every unit is kept with "
    "{uniform:3}.",
    numbers={
        "corner": paper.subs({x: 0, y: 0}),
        "middle": paper.subs({x: SIDE // 2, y: SIDE // 2}),
    },
)
