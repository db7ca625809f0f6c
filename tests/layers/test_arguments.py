"""Bad arguments: the kind of error, and a message naming argument, allowed range and value."""

import math
import sys
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from dropoutbook import DropBlock, Dropout, WeightDrop
from tests.checks import assert_refused
from tests.layers.cases import LAYERS, Case, every_layer
from tests.layers.rows import ROWS, Row
from tests.layers.wrong_layers import ChecksLikeTorch
from tests.mutants import rejects, without_mutant

cases = st.sampled_from(list(LAYERS.values()))
every_row = pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
outside = st.floats(max_value=0, exclude_max=True) | st.floats(min_value=1, exclude_min=True)
not_a_number = st.sampled_from(
    [True, False, None, "0.5", b"0", 0.5j, [0.5], (), {}, Decimal("0.5"), np.bool_(True)]
)


def check_p_is_refused(case: Case, p, error):
    """In the constructor and on assignment; a refused assignment changes nothing."""
    words = ("p, a drop probability", "[0, 1]", repr(p))
    assert_refused(lambda: case.make(p), error, *words)
    layer = case.make(0.25)
    assert_refused(lambda: setattr(layer, "p", p), error, *words)
    assert layer.p == 0.25


@given(cases, outside | st.integers(max_value=-1) | st.integers(min_value=2))
@example(LAYERS["Dropout"], math.nan)
@example(LAYERS["Dropout"], math.inf)
@example(LAYERS["Dropout"], -math.inf)
@example(LAYERS["Dropout"], np.float32(1.5))
@example(LAYERS["Dropout"], 10**400)
@example(LAYERS["Dropout"], math.nextafter(1, 2))
@example(LAYERS["Dropout"], -5e-324)
def test_p_outside_the_unit_interval_is_refused(case, p):
    check_p_is_refused(case, p, ValueError)


@given(cases, not_a_number | st.text() | st.complex_numbers())
@example(LAYERS["Dropout"], torch.tensor(0.5))
@example(LAYERS["Dropout"], np.array([0.5]))
def test_p_that_is_not_a_number_is_refused(case, p):
    check_p_is_refused(case, p, TypeError)


@given(cases, st.floats(0, 1) | st.integers(0, 1) | st.fractions(0, 1))
@example(LAYERS["Dropout"], np.float32(0.5))
@example(LAYERS["Dropout"], np.int64(1))
@example(LAYERS["Dropout"], Fraction(1, 3))
def test_p_inside_the_unit_interval_is_kept_as_a_float(case, p):
    kept = case.make(p).p
    assert type(kept) is float
    assert kept == float(p)


def check_input_is_refused(case: Case, value: Any, training: bool) -> None:
    got = str(value.dtype) if isinstance(value, torch.Tensor) else type(value).__name__
    for p in (0.0, 0.5):
        layer = case.make(p).train(training)
        assert_refused(partial(layer, value), TypeError, "input", "floating", "tensor", got)


@every_layer
@pytest.mark.parametrize("dtype", [torch.int64, torch.uint8, torch.bool, torch.complex64], ids=str)
def test_an_input_that_is_not_floating_is_refused(case: Case, dtype):
    x = torch.ones(3, *case.example).to(dtype)
    check_input_is_refused(case, x, training=True)
    if case is LAYERS["Dropout"]:
        assert case.make(0.5).eval()(x) is x  # the identity takes anything
    else:
        check_input_is_refused(case, x, training=False)


@every_layer
@pytest.mark.parametrize("value", [None, 1.0, [1.0], np.ones(3)], ids=lambda v: type(v).__name__)
def test_an_input_that_is_not_a_tensor_is_refused(case: Case, value):
    check_input_is_refused(case, value, training=True)


@every_row
@pytest.mark.parametrize("training", [True, False])
def test_a_sparse_input_is_refused(row: Row, training):
    layer = row.make(0.5).train(training)
    if not isinstance(layer, WeightDrop) and (training or type(layer) is not Dropout):
        x = row.example.to_sparse()
        assert_refused(lambda: layer(x), TypeError, "input must be a dense", "torch.sparse_coo")


@every_row
def test_an_input_of_eight_bits_is_refused_or_works(row: Row):
    layer, x = row.make(0.5), row.example.to(torch.float8_e5m2)
    if isinstance(layer, WeightDrop):
        return
    if layer_takes_eight_bits(layer):
        assert layer(x).dtype == x.dtype
    else:
        assert_refused(lambda: layer(x), TypeError, "input must have 16 bits", str(x.dtype))


def layer_takes_eight_bits(layer) -> bool:
    """`Dropout` and `DropBlock` as they are by default, which only select and scale."""
    by_default = {Dropout: {"rescale": "train"}, DropBlock: {"marginal": "uniform"}}
    options = by_default.get(type(layer))
    return options is not None and options.items() <= vars(layer).items()


MUTANTS = [
    (check_p_is_refused, math.nan, ValueError),
    (check_p_is_refused, True, TypeError),
    (check_input_is_refused, torch.ones(3, 3, 2, 2).long(), True),
]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda row: row[0].__name__)
def test_the_check_rejects(mutant):
    check, *arguments = mutant
    right = LAYERS["Dropout"]
    rejects(check, right, replace(right, make=ChecksLikeTorch), *arguments)


def test_every_check_has_a_mutant():
    assert not without_mutant(sys.modules[__name__], (check.__name__ for check, *_ in MUTANTS))
