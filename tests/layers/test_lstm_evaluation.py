"""Without masks the LSTMs are torch.nn.LSTM: weights, inputs, outputs, gradients."""

import itertools

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence
from torch.utils._pytree import tree_leaves

from dropoutbook import VariationalLSTM
from tests.checks import assert_rate, assert_refused
from tests.layers.lstm_cases import FEATURE, HIDDEN, Case, every_lstm, inputs

every_form = pytest.mark.parametrize(
    ("layers", "bidirectional", "bias", "form"),
    list(
        itertools.product(
            (1, 2), (False, True), (False, True), ("time", "batch", "packed", "unbatched")
        )
    ),
)


def given(form: str, states: int):
    """An input in this form, and its hx."""
    x, hx = inputs(states=states)
    if form == "batch":
        return x.transpose(0, 1), hx
    if form == "packed":
        lengths = torch.tensor([3, 5, 1, 4, 5, 2])
        return pack_padded_sequence(x, lengths, enforce_sorted=False), hx
    if form == "unbatched":
        return x[:, 0], tuple(part[:, 0] for part in hx)
    return x, hx


def pair(case: Case, p: float, training: bool, **options) -> tuple[nn.Module, nn.Module]:
    ours = case.seeded(p, FEATURE, HIDDEN, **options).train(training)
    theirs = nn.LSTM(FEATURE, HIDDEN, dtype=torch.float64, **options)
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs


def results(layer: nn.Module, form: str, states: int, with_state: bool) -> list[torch.Tensor]:
    """Outputs, last states, and the gradients of everything that goes in."""
    x, hx = given(form, states)
    data = x.data if isinstance(x, PackedSequence) else x
    data.requires_grad_()
    hx = tuple(part.requires_grad_() for part in hx) if with_state else None
    outputs = [part for part in tree_leaves(layer(x, hx)) if part.is_floating_point()]
    loss = sum((part * part.detach().cos()).sum() for part in outputs)
    leaves = [data, *(hx or ()), *layer.parameters()]
    return outputs + list(torch.autograd.grad(loss, leaves))


def check_is_nn_lstm(case: Case, p: float, training: bool, form: str, **options):
    ours, theirs = pair(case, p, training, batch_first=form == "batch", **options)
    states = options["num_layers"] * (1 + options["bidirectional"])
    for with_state in (False, True):
        received, expected = (results(layer, form, states, with_state) for layer in (ours, theirs))
        assert len(received) == len(expected)
        for got, want in zip(received, expected, strict=True):
            torch.testing.assert_close(got, want, rtol=1e-10, atol=1e-12)


@every_lstm
@every_form
def test_evaluation_is_nn_lstm(case: Case, layers, bidirectional, bias, form):
    options = {"num_layers": layers, "bidirectional": bidirectional, "bias": bias}
    check_is_nn_lstm(case, 0.9, training=False, form=form, **options)


@every_lstm
@pytest.mark.parametrize("form", ["time", "batch", "packed", "unbatched"])
def test_training_at_rate_zero_is_nn_lstm(case: Case, form):
    check_is_nn_lstm(
        case, 0.0, training=True, form=form, num_layers=2, bidirectional=True, bias=True
    )


@every_lstm
@pytest.mark.parametrize("form", ["time", "batch", "packed", "unbatched"])
def test_inference_is_nn_lstm(case: Case, form):
    ours, theirs = pair(case, 0.9, False, batch_first=form == "batch", bidirectional=True)
    x, hx = given(form, 2)
    with torch.no_grad():
        for got, want in zip(tree_leaves(ours(x, hx)), tree_leaves(theirs(x, hx)), strict=True):
            assert got.shape == want.shape
            torch.testing.assert_close(got, want, rtol=1e-12, atol=1e-14)


@every_lstm
def test_inference_uses_a_subclass_rule(case: Case):
    class Frozen(type(case.make(3, 4))):
        def cell(self, i, f, g, c, *masks):
            return c

    x, (h, c) = inputs()
    with torch.no_grad():
        assert torch.equal(Frozen(FEATURE, HIDDEN).double().eval()(x, (h, c))[1][1], c)


@every_lstm
def test_packed_output_is_packed_as_the_input(case: Case):
    x, hx = given("packed", 1)
    y, _ = case.seeded(0.5)(x, hx)
    for got, want in zip(y[1:], x[1:], strict=True):
        assert torch.equal(got, want)


@every_lstm
def test_state_dicts_interchange(case: Case):
    ours = case.make(FEATURE, HIDDEN, 2, bidirectional=True)
    theirs = nn.LSTM(FEATURE, HIDDEN, 2, bidirectional=True)
    assert [*ours.state_dict()] == [*theirs.state_dict()]
    assert ours.load_state_dict(theirs.state_dict()) == ([], [])
    assert theirs.load_state_dict(ours.state_dict()) == ([], [])


@every_lstm
def test_weights_start_as_those_of_nn_lstm(case: Case):
    layers = []
    for make in (case.make, nn.LSTM):
        torch.manual_seed(0)
        layers.append(make(FEATURE, HIDDEN, 2, bidirectional=True))
        layers[-1].reset_parameters()
    for ours, theirs in zip(*(layer.parameters() for layer in layers), strict=True):
        assert torch.equal(ours, theirs)


@every_lstm
@pytest.mark.parametrize("training", [False, True])
def test_from_lstm_copies_all_but_the_masks(case: Case, training):
    lstm = nn.LSTM(3, 4, 2, bias=False, batch_first=True, bidirectional=True).double()
    layer = type(case.make(3, 4)).from_lstm(lstm.train(training))
    assert layer.training is training
    x = torch.ones(2, 5, 3, dtype=torch.float64)
    torch.testing.assert_close(layer.eval()(x), lstm(x))
    before = lstm.weight_ih_l0.clone()
    with torch.no_grad():
        layer.weight_ih_l0.zero_()
    assert torch.equal(lstm.weight_ih_l0, before)


@every_lstm
def test_from_lstm_refuses_what_the_layer_has_not(case: Case):
    make = type(case.make(3, 4)).from_lstm
    words = ("proj_size", "0", "2", "torch.nn.Linear", "WeightDrop")
    assert_refused(lambda: make(nn.LSTM(3, 4, proj_size=2)), ValueError, *words)
    words = ("lstm", "torch.nn.LSTM", "GRU", "WeightDrop")
    assert_refused(lambda: make(nn.GRU(3, 4)), TypeError, *words)


@every_lstm
def test_from_lstm_drops_between_the_layers_as_the_network_did(case: Case):
    lstm = nn.LSTM(FEATURE, 64, 2, dropout=0.25, dtype=torch.float64)
    lstm.weight_hh_l0.requires_grad_(False)
    layer = type(case.make(3, 4)).from_lstm(lstm)
    assert layer.dropout == 0.25
    assert [w.requires_grad for w in layer.parameters()] == [
        w.requires_grad for w in lstm.parameters()
    ]
    for name in case.rates:
        setattr(layer, name, 0.0)
    assert layer.draws
    seen = []
    layer.scan = lambda x, *rest: seen.append(x) or type(layer).scan(layer, x, *rest)
    x, _ = inputs(20)
    layer(x)
    _, second = seen
    assert_rate(second == 0, 0.25)
    torch.testing.assert_close(layer.eval()(x), lstm.eval()(x), rtol=1e-10, atol=1e-12)
    layer.dropout = 1.0
    layer.train()(x)
    assert not seen[-1].any()


@every_lstm
@pytest.mark.parametrize("name", ["num_layer", "hidden", "drop"])
def test_an_unknown_argument_names_the_class(case: Case, name):
    make = type(case.make(3, 4))
    assert_refused(lambda: make(3, 4, **{name: 1}), TypeError, make.__name__, name)


def test_one_rate_for_two_is_refused():
    words = ("VariationalLSTM", "p_input, p_hidden", "p=0.1")
    assert_refused(lambda: VariationalLSTM(3, 4, p=0.1), TypeError, *words)


@every_lstm
def test_device_and_dtype(case: Case):
    layer = case.make(3, 4, device="meta", dtype=torch.float64)
    assert {(w.device.type, w.dtype) for w in layer.parameters()} == {("meta", torch.float64)}
    x = torch.ones(5, 2, 3, device="meta", dtype=torch.float64)
    assert layer(x)[0].shape == (5, 2, 4)


@every_lstm
@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("input_size", 0, ValueError),
        ("hidden_size", 2.0, TypeError),
        ("num_layers", 0, ValueError),
        ("num_layers", 1025, ValueError),
        ("num_layers", 2**31, ValueError),
        ("bias", 1, ValueError),
        ("batch_first", "yes", ValueError),
        ("bidirectional", 2, ValueError),
        ("dropout", 1.5, ValueError),
        ("dropout", float("nan"), ValueError),
        ("dropout", True, TypeError),
        ("proj_size", 1, ValueError),
        ("generator", 0, TypeError),
    ],
)
def test_bad_arguments_are_refused(case: Case, name, value, error):
    arguments = {"input_size": 3, "hidden_size": 4} | {name: value}
    assert_refused(lambda: case.make(**arguments), error, name, repr(value))


@every_lstm
@pytest.mark.parametrize("training", [False, True])
def test_bad_inputs_are_refused(case: Case, training):
    layer = case.seeded(0.5).train(training)
    x, _ = inputs()
    assert_refused(lambda: layer(x.int()), TypeError, "input", "floating", "int32")
    for wrong in (x[0, 0], x[None], x[..., :2], x[:0]):
        words = ("input", "time", str(FEATURE), str(tuple(wrong.shape)))
        assert_refused(lambda x=wrong: layer(x), ValueError, *words)
    packed = pack_padded_sequence(x[..., :2], torch.tensor([5] * 6))
    assert_refused(lambda: layer(packed), ValueError, "input", "(5, 6, 2)")


@every_lstm
@pytest.mark.parametrize("form", ["time", "batch", "packed", "unbatched"])
@pytest.mark.parametrize("training", [False, True])
def test_bad_states_are_refused_before_any_work(case: Case, training, form):
    layer = case.seeded(0.5, FEATURE, HIDDEN, batch_first=form == "batch").train(training)
    layer.scan = lambda *_: pytest.fail("a layer was run")
    x, (h, c) = given(form, 1)
    shape = str(tuple(h.shape))
    for hx in ((h, c[:, :1]), (h[..., :2], c[..., :2]), (h,), (h[0], c[0]), (h, c, c), (), h):
        shapes = [tuple(part.shape) for part in (hx if isinstance(hx, tuple) else [hx])]
        words = ("hx, the initial state", "(h_0, c_0)", shape, f"got {shapes}")
        assert_refused(lambda hx=hx: layer(x, hx), ValueError, *words)
    for hx in ((None, None), (h, None), "state", 0, {"h": h}, (h, 0.0)):
        kinds = [type(part).__name__ for part in (hx if isinstance(hx, tuple) else [hx])]
        words = ("hx, the initial state", "(h_0, c_0)", shape, f"got {kinds}")
        assert_refused(lambda hx=hx: layer(x, hx), TypeError, *words)


@every_lstm
def test_the_bound_of_num_layers_is_named(case: Case):
    words = ("num_layers must be an integer in [1, 1024]", "got 1025")
    assert_refused(lambda: case.make(3, 4, 1025), ValueError, *words)


@every_lstm
def test_bad_rates_are_refused(case: Case):
    name = "p" if case.tied is None else "p_hidden"
    layer, make = case.make(3, 4), type(case.make(3, 4))
    for p, error in ((1.5, ValueError), (float("nan"), ValueError), (True, TypeError)):
        words = (name, "[0, 1]", repr(p))
        assert_refused(lambda p=p: make(3, 4, **{name: p}), error, *words)
        assert_refused(lambda p=p: setattr(layer, name, p), error, *words)
    assert getattr(layer, name) == 0.5
