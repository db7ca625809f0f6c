"""What the displayed formula of this page stands for: a byte drops, or one of many later hits."""

import sympy as sp

from tests.formulas.meaning import Meaning

t, rate = sp.symbols("t lambda", positive=True)
byte, later = t / 256, 1 - sp.exp(-rate)  # the probabilities of the two

TWINS = {"unnumbered 1": Meaning({"t": t, r"\lambda": rate, "p": byte + later - byte * later})}
