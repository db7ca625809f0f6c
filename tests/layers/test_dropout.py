"""What `Dropout` alone promises: rescale, inplace, and how it is printed."""

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Generator

from dropoutbook import Dropout
from tests.checks import assert_refused
from tests.layers import wrong_layers as wrong
from tests.layers.cases import LAYERS, every_p
from tests.mutants import rejects

CASE = LAYERS["Dropout"]


@given(st.text() | st.none() | st.booleans() | st.integers() | st.just(["train"]))
def test_another_rescale_is_refused(rescale):
    words = ("rescale", "('train', 'test')", repr(rescale))
    assert_refused(lambda: Dropout(rescale=rescale), ValueError, *words)


@given(st.text() | st.none() | st.integers() | st.floats())
def test_an_inplace_that_is_not_a_bool_is_refused(inplace):
    words = ("inplace", "(False, True)", repr(inplace))
    assert_refused(lambda: Dropout(inplace=inplace), ValueError, *words)


def test_inplace_on_a_leaf_is_torchs_error():
    x = torch.ones(3, requires_grad=True)
    assert_refused(lambda: Dropout(0.5, inplace=True)(x), RuntimeError, "leaf", "in-place")


def check_the_two_rescales_differ_by_the_keep_probability(make, p):
    inverted, original = (
        make(p, rescale=rescale, generator=Generator().manual_seed(0))
        for rescale in ("train", "test")
    )
    x = CASE.input(64)
    torch.testing.assert_close((1 - p) * inverted(x), original(x), rtol=1e-15, atol=0)


@every_p
def test_the_two_rescales_differ_by_the_keep_probability(p):
    check_the_two_rescales_differ_by_the_keep_probability(Dropout, p)


def test_the_check_rejects():
    check = check_the_two_rescales_differ_by_the_keep_probability
    rejects(check, Dropout, wrong.RescalesInBothForms, 0.1)


def test_the_original_form_evaluates_to_zero_at_p_one():
    y = Dropout(1.0, rescale="test").eval()(CASE.input())
    assert torch.equal(y, torch.zeros_like(y))


def test_repr_says_what_differs_from_the_default():
    assert repr(Dropout(0.1, True)) == "Dropout(p=0.1, inplace=True)"
    assert repr(Dropout(rescale="test")) == "Dropout(p=0.5, inplace=False, rescale='test')"
