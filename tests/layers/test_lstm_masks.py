"""The masks of the LSTMs: which there are, how long they last, what they do."""

import math

import pytest
import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from tests.checks import (
    assert_independent_neighbours,
    assert_mean,
    assert_rate,
    assert_uncorrelated,
)
from tests.layers.cases import every_p
from tests.layers.lstm_cases import (
    FEATURE,
    HIDDEN,
    LSTMS,
    TIME,
    Case,
    every_lstm,
    forgetful,
    inputs,
)
from tests.layers.rows import BACKENDS

MANY = 4096
every_gated_lstm = pytest.mark.parametrize(
    "case", [case for case in LSTMS.values() if case.tied is not None], ids=["tied", "untied"]
)


@every_lstm
@every_p
def test_training_is_its_definition_on_the_same_masks(case: Case, p):
    x, (h, c) = inputs()
    layer = case.seeded(p)
    weight_ih, weight_hh, *biases = (weight.detach().numpy() for weight in layer.all_weights[0])
    keep, outputs = case.masks(p).numpy(), []
    expected = h[0].numpy(), c[0].numpy()
    for t in range(TIME):
        mask = keep[0 if case.fixed else t]
        expected = case.step(x[t].numpy(), *expected, (weight_ih, weight_hh, sum(biases)), mask, p)
        outputs.append(torch.from_numpy(expected[0]))
    y, state = layer(x, (h, c))
    torch.testing.assert_close(y, torch.stack(outputs), rtol=1e-12, atol=1e-14)
    for last, value in zip(state, expected, strict=True):
        torch.testing.assert_close(last[0], torch.from_numpy(value), rtol=1e-12, atol=1e-14)


@every_lstm
@every_p
def test_a_mask_lasts_as_long_as_declared(case: Case, p):
    keep = case.masks(p, batch=MANY)
    if case.fixed:
        assert torch.equal(keep, keep[:1].expand_as(keep))
    for now, then in zip(keep, keep[1:], strict=False):
        if not case.fixed:
            assert_uncorrelated(now, then, 1 - p, p * (1 - p))


@every_lstm
@every_p
def test_the_rate_is_p(case: Case, p):
    first = case.masks(p, batch=MANY)[0]
    assert_rate(~(first[0] if case.tied else first), p)


@every_lstm
@every_p
def test_examples_and_units_draw_on_their_own(case: Case, p):
    first = case.masks(p, batch=MANY)[0]
    first = first[0] if case.tied else first
    assert_independent_neighbours(first, 2 * first.shape[-1], 1 - p, p * (1 - p))


@every_gated_lstm
def test_gates_share_their_masks_only_if_tied(case: Case):
    keep = case.masks(0.5, batch=MANY)[0]
    for a in range(4):
        for b in range(a):
            if case.tied:
                assert torch.equal(keep[a], keep[b])
            else:
                assert_uncorrelated(keep[a], keep[b], 0.5, 0.25)


def masks_of_all_layers(case: Case, backend: str | None, batch: int) -> Tensor:
    """Of two layers with two directions, (layer and direction, batch, hidden)."""
    layer = case.seeded(0.5, FEATURE, HIDDEN, 2, bidirectional=True, generator=None)
    torch.compiler.reset()
    torch.manual_seed(0)
    call = layer if backend is None else torch.compile(layer, backend=backend)
    x, (h, c) = inputs(1, batch, states=4)
    if case.tied is None:
        forgetful(layer)
        return call(x.requires_grad_(), (h, c))[1][1] != 0
    if not case.tied:
        with torch.no_grad():  # the masks of the first gate alone
            for _, weight, *_ in layer.all_weights:
                weight[HIDDEN:] = 0
    (gradient,) = torch.autograd.grad(call(x, (h.requires_grad_(), c))[1][1].sum(), h)
    return gradient != 0


@every_lstm
@pytest.mark.parametrize("backend", [None, *BACKENDS])
@pytest.mark.filterwarnings("ignore:.torch.jit.script")  # inductor's own use of it
@pytest.mark.parametrize("batch", [256, MANY])  # masks below and above the size of the quick way
def test_layers_and_directions_draw_on_their_own(case: Case, backend, batch):
    keep = masks_of_all_layers(case, backend, batch)
    assert_rate(~keep, 0.5)
    for a in range(4):
        for b in range(a):
            assert_uncorrelated(keep[a], keep[b], 0.5, 0.25)


@every_lstm
@pytest.mark.parametrize("enforce_sorted", [False, True])
def test_packing_leaves_every_example_its_masks(case: Case, enforce_sorted):
    lengths = torch.tensor([5, 4, 4, 3, 1, 1] if enforce_sorted else [3, 5, 1, 4, 5, 2])
    x, hx = inputs(states=2)
    full, _ = case.seeded(0.5, FEATURE, HIDDEN, 2)(x, hx)
    packed = pack_padded_sequence(x, lengths, enforce_sorted=enforce_sorted)
    y, (h, _) = case.seeded(0.5, FEATURE, HIDDEN, 2)(packed, hx)
    valid = torch.arange(TIME)[:, None, None] < lengths[:, None]
    torch.testing.assert_close(pad_packed_sequence(y)[0], full * valid, rtol=1e-12, atol=1e-14)
    last = full[lengths - 1, torch.arange(len(lengths))]
    torch.testing.assert_close(h[1], last, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("case", [case for case in LSTMS.values() if case.fixed])
def test_both_directions_see_a_packed_sequence_and_no_padding(case: Case):
    lengths = torch.tensor([3, 5, 1, 4, 5, 2])
    x, hx = inputs(states=2)
    packed = pack_padded_sequence(x, lengths, enforce_sorted=False)
    y, (h, c) = case.seeded(0.5, FEATURE, HIDDEN, bidirectional=True)(packed, hx)
    y, _ = pad_packed_sequence(y)
    for n, length in enumerate(lengths):  # all sequences as long as this one, the masks the same
        cut, last = case.seeded(0.5, FEATURE, HIDDEN, bidirectional=True)(x[:length], hx)
        torch.testing.assert_close(y[:length, n], cut[:, n], rtol=1e-12, atol=1e-14)
        for state, expected in zip((h, c), last, strict=True):
            torch.testing.assert_close(state[:, n], expected[:, n], rtol=1e-12, atol=1e-14)


def constant_cells(case: Case, p: float, steps: int, f: float) -> tuple[Tensor, float]:
    """The last cell, for an update of 1 at every step, and what evaluation gives."""
    layer = case.seeded(p, FEATURE, 1, num_layers=1)
    with torch.no_grad():
        for name, weight in layer.named_parameters():
            weight.zero_()
            if name == "bias_ih_l0":  # i = 1, f, g = tanh(20) = 1, o = 1/2
                weight.copy_(torch.tensor([40.0, math.log(f / (1 - f)), 20.0, 0.0]))
    ones = torch.ones(steps, MANY, FEATURE, dtype=torch.float64)
    with torch.no_grad():
        return layer(ones)[1][1][0, :, 0], (1 - f**steps) / (1 - f)


@every_p
def test_the_memory_neither_fades_nor_grows_in_two_hundred_steps(p):
    k, f, steps = 1 - p, 0.97, 200
    cells, plain = constant_cells(LSTMS["RNNDropLSTM"], p, steps, f)
    assert_mean(cells, k * plain, p * k * plain**2)
    cells, plain = constant_cells(LSTMS["RecurrentDropoutLSTM"], p, steps, f)
    assert_mean(cells, plain, p / k * plain**2)
    cells, plain = constant_cells(LSTMS["RecurrentDropoutLSTM(per_step=True)"], p, steps, f)
    assert_mean(cells, plain, p / k * (1 - f ** (2 * steps)) / (1 - f**2))
