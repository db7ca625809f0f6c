"""What SymPy may take for granted of each symbol: more would prove too much, less too little."""

import pytest
import sympy as sp

from dropoutbook.derive import hidden_units as hidden
from dropoutbook.derive import linear_unit as unit
from dropoutbook.derive import model_precision as precision
from dropoutbook.derive import sums

DOMAINS = {
    "positive": (unit.k, precision.k, precision.tau, precision.N, precision.decay, precision.scale),
    "real": (
        *(unit.t, unit.w, unit.effective, unit.inputs, unit.delta),
        *(hidden.h, hidden.x, hidden.t, hidden.U, hidden.V),
        *(hidden.level, hidden.slope, hidden.curvature),
    ),
    "integer": (unit.i, unit.j, unit.l, *sums._names(3, set())),
    "positive integer": (sums.N, unit.n),
}


@pytest.mark.parametrize(
    ("symbol", "domain"),
    [(symbol, domain) for domain, symbols in DOMAINS.items() for symbol in symbols],
)
def test_a_symbol_has_the_domain_that_it_is_used_on(symbol, domain):
    assumptions = dict.fromkeys(domain.split(), True)
    assert symbol.assumptions0 == sp.Symbol("x", **assumptions).assumptions0
