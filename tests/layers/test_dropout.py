"""What `Dropout` alone promises: rescale, inplace, and to stand in for `torch.nn.Dropout`."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Generator, nn
from torch.func import vmap
from torch.nn.modules.dropout import _DropoutNd

from dropoutbook import Dropout
from tests.checks import assert_refused
from tests.layers.cases import LAYERS, every_p

CASE = LAYERS["Dropout"]
every_rescale = pytest.mark.parametrize("rescale", ["train", "test"])


def pair(p: float, rescale: str) -> tuple[Dropout, Dropout]:
    """The layer and its in-place form, with generators in the same state."""
    return tuple(
        Dropout(p, inplace, rescale=rescale, generator=Generator().manual_seed(0))
        for inplace in (False, True)
    )


@given(st.text() | st.none() | st.booleans() | st.integers() | st.just(["train"]))
def test_another_rescale_is_refused(rescale):
    words = ("rescale", "('train', 'test')", repr(rescale))
    assert_refused(lambda: Dropout(rescale=rescale), ValueError, *words)


@given(st.text() | st.none() | st.integers() | st.floats())
def test_an_inplace_that_is_not_a_bool_is_refused(inplace):
    words = ("inplace", "(False, True)", repr(inplace))
    assert_refused(lambda: Dropout(inplace=inplace), ValueError, *words)


@every_p
def test_the_two_rescales_differ_by_the_keep_probability(p):
    x, (inverted, _), (original, _) = CASE.input(64), pair(p, "train"), pair(p, "test")
    torch.testing.assert_close((1 - p) * inverted(x), original(x), rtol=1e-15, atol=0)


def test_the_original_form_evaluates_to_zero_at_p_one():
    y = Dropout(1.0, rescale="test").eval()(CASE.input())
    assert torch.equal(y, torch.zeros_like(y))


@every_rescale
@every_p
@pytest.mark.parametrize("training", [False, True])
def test_inplace_writes_the_same_output_over_the_input(p, rescale, training):
    layer, inplace = (form.train(training) for form in pair(p, rescale))
    x = CASE.input(64)
    expected, y = layer(x.clone()), inplace(x)
    assert y is x
    assert torch.equal(y, expected)


@every_rescale
@pytest.mark.parametrize("training", [False, True])
def test_inplace_has_the_same_gradient(rescale, training):
    x, gradients = CASE.input(64).requires_grad_(), []
    for layer in pair(0.1, rescale):
        y = layer.train(training)(2 * x)
        gradients.append(torch.autograd.grad(y.sum(), x)[0])
    assert torch.equal(*gradients)


def test_inplace_on_a_leaf_is_torchs_error():
    x = torch.ones(3, requires_grad=True)
    assert_refused(lambda: Dropout(0.5, inplace=True)(x), RuntimeError, "leaf", "in-place")


def test_inplace_under_vmap():
    layer, inplace = pair(0.5, "train")
    x = CASE.input(64)
    expected = vmap(layer, randomness="different")(x)
    assert torch.equal(vmap(inplace, randomness="different")(x.clone()), expected)


def test_other_libraries_find_it():
    assert isinstance(Dropout(), _DropoutNd)


def test_a_checkpoint_of_torchs_layer_loads():
    ours, theirs = (nn.Sequential(nn.Linear(2, 3), layer) for layer in (Dropout(), nn.Dropout()))
    assert ours.load_state_dict(theirs.state_dict()) == ([], [])
    assert theirs.load_state_dict(ours.state_dict()) == ([], [])


def test_repr_says_what_differs_from_the_default():
    assert repr(Dropout()) == repr(nn.Dropout())
    assert repr(Dropout(0.1, True)) == repr(nn.Dropout(0.1, True))
    assert repr(Dropout(rescale="test")) == "Dropout(p=0.5, inplace=False, rescale='test')"
