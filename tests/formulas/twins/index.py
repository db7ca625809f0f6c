"""What the formulas in the lines of this page stand for: those of the chapters again."""

from dataclasses import replace

from tests.formulas.meaning import Meaning
from tests.formulas.twins import (
    convolution,
    drop_connect,
    gaussian_dropout,
    mc_dropout,
    recurrence,
    standout,
    what_is_dropout,
)

TWINS = {}

INLINE = {
    r"y = x\, \delta / k": replace(what_is_dropout.layer, times=2),
    r"\mathbb{P}(y = a_{(i)}) = k\, p^{\,n - i}": convolution.pooled(2, 3, 7),
    r"c_t = (f_t \odot c_{t-1} + i_t \odot g_t) \odot m": recurrence.TWINS["10"],
    r"c_t = f_t \odot c_{t-1} + i_t \odot g_t \odot m_t": recurrence.TWINS["11"],
    r"y = \xi x": gaussian_dropout.TWINS["6.1.1"],
    r"\xi \sim N(1, p / k)": gaussian_dropout.TWINS["6.1.1"],
    r"r = a\bigl((M \odot W) v\bigr)": drop_connect.TWINS["13"],
    r"\mathbb{P}(m_i = 1) = \sigma(\alpha z_i + \beta)": Meaning(
        standout.RULE | {"m_i": standout.m, "z_i": standout.z},
        laws={standout.m: standout.Bernoulli(standout.keep(standout.z))},
    ),
    r"\bar y = \frac1S \sum_s y_s": Meaning(
        mc_dropout.TWINS["6.4.1"].names | {"s": (1, 2, 3)},
    ),
}
