"""LSTMScan is the loop that defines it: outputs, all gradients, second derivatives."""

from contextlib import nullcontext
from dataclasses import replace
from unittest.mock import patch

import pytest
import torch
from torch import Tensor, nn
from torch.autograd import forward_ad, gradcheck, gradgradcheck
from torch.func import functional_call
from torch.utils._pytree import tree_leaves

from dropoutbook import RNNDropLSTM
from dropoutbook.layers.parts.mask import draw_keep
from dropoutbook.layers.recurrent import masked_lstm
from dropoutbook.layers.recurrent.masked_lstm import MaskedLSTM
from dropoutbook.layers.recurrent.masks import Mask, Masks
from tests.layers import wrong_lstm_scan as wrong
from tests.layers.lstm_cases import BATCH, FEATURE, HIDDEN, LSTMS, TIME, Case, every_lstm, inputs

SIZES = [  # time, batch, layers, bidirectional, bias
    (TIME, BATCH, 1, False, True),
    (TIME, BATCH, 2, True, False),
    (1, BATCH, 1, True, True),
    (TIME, 1, 1, False, False),
]
every_size = pytest.mark.parametrize("size", SIZES)


def by_loop():
    """The definition in place of the scan."""
    return patch.object(MaskedLSTM, "_way", lambda layer, *tensors: "loop")


def made(case: Case, p: float, size: tuple, training: bool = True):
    """A layer, and its input and hx, none of them contiguous."""
    time, batch, layers, bidirectional, bias = size
    options = {"bidirectional": bidirectional, "bias": bias}
    layer = case.seeded(p, FEATURE, HIDDEN, layers, **options).train(training)
    x, hx = inputs(time, batch, layers * (1 + bidirectional))
    x, *hx = (part.mT.contiguous().mT.requires_grad_() for part in (x, *hx))
    return layer, x, hx


def results(layer: nn.Module, x: Tensor, hx: list[Tensor]) -> list[Tensor]:
    """Outputs, and gradients of all that wants one."""
    outputs = tree_leaves(layer(x, hx))
    leaves = [leaf for leaf in (x, *hx, *layer.parameters()) if leaf.requires_grad]
    loss = sum((part * part.detach().cos()).sum() for part in outputs)
    return outputs + list(torch.autograd.grad(loss, leaves))


def assert_scan_is_loop(case: Case, p: float, size: tuple, training: bool = True, **tolerance):
    received = results(*made(case, p, size, training))
    with by_loop():
        expected = results(*made(case, p, size, training))
    tolerance = {"rtol": 1e-11, "atol": 1e-13} | tolerance
    for got, want in zip(received, expected, strict=True):
        torch.testing.assert_close(got, want, **tolerance)


def uses_scan(y: Tensor) -> bool:
    nodes, seen = [y.grad_fn], set()
    while nodes:
        node = nodes.pop()
        if node is not None and node not in seen:
            seen.add(node)
            nodes += [parent for parent, _ in node.next_functions]
    return any("LSTMScan" in node.name() for node in seen)


@every_lstm
@every_size
@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_the_scan_is_the_loop(case: Case, p, size):
    layer, x, hx = made(case, p, size)
    assert uses_scan(layer(x, hx)[0])
    with by_loop():
        assert not uses_scan(layer(x, hx)[0])
    assert_scan_is_loop(case, p, size)


class MaskedEverywhere(RNNDropLSTM):
    """All masks at once, each with a factor of its own."""

    def masks(self, x):
        def mask(*shape, factor):
            return Mask(draw_keep(shape, self.p, x, self.generator), factor)

        steps, batch, features = x.shape
        return Masks(
            input=mask(4, batch, features, factor=1.1),
            hidden=mask(4, batch, self.hidden_size, factor=1.2),
            update=mask(steps, batch, self.hidden_size, factor=1.3),
            cell=mask(1, batch, self.hidden_size, factor=1.4),
        )


@every_size
def test_the_scan_is_the_loop_for_any_masks(size):
    assert_scan_is_loop(replace(LSTMS["RNNDropLSTM"], make=MaskedEverywhere), 0.3, size)


@every_lstm
def test_the_scan_is_the_loop_in_evaluation(case: Case):
    assert_scan_is_loop(case, 0.5, SIZES[1], training=False)


@every_lstm
@every_size
def test_gradients_agree_with_finite_differences(case: Case, size):
    time, batch, _, bidirectional, bias = size
    layer, x, hx = made(case, 0.5, (min(time, 2), min(batch, 2), 1, bidirectional, bias))
    state, masks = layer.state_dict(), layer.generator.get_state()
    leaves = [x, *hx, *(value.requires_grad_() for value in state.values())]

    def output(x, h, c, *weights):
        layer.generator.set_state(masks)
        y, last = functional_call(layer, dict(zip(state, weights, strict=True)), (x, (h, c)))
        return y, *last

    assert gradcheck(output, leaves, fast_mode=True)
    assert gradgradcheck(output, leaves, fast_mode=True)


@every_lstm
@pytest.mark.parametrize("frozen", ["x", "h", "c", "weight_ih", "weight_hh", "bias_ih", "rest"])
def test_what_is_frozen_leaves_the_other_gradients(case: Case, frozen):
    def freeze():
        layer, x, hx = made(case, 0.5, SIZES[0])
        named = {"x": x, "h": hx[0], "c": hx[1]}
        named |= {name.removesuffix("_l0"): w for name, w in layer.named_parameters()}
        for name, leaf in named.items():
            leaf.requires_grad_((name == "weight_hh") if frozen == "rest" else name != frozen)
        return results(layer, x, hx)

    received = freeze()
    with by_loop():
        for got, want in zip(received, freeze(), strict=True):
            torch.testing.assert_close(got, want, rtol=1e-11, atol=1e-13)


@every_lstm
def test_one_output_alone_has_its_gradients(case: Case):
    for part in range(3):
        gradients = []
        for way in (nullcontext, by_loop):
            with way():
                layer, x, hx = made(case, 0.5, SIZES[0])
                output = tree_leaves(layer(x, hx))[part].sin().sum()
                leaves = [x, *hx, *layer.parameters()]
                gradients.append(torch.autograd.grad(output, leaves, retain_graph=True))
                again = torch.autograd.grad(output, leaves)
                assert all(map(torch.equal, gradients[-1], again))
        for got, want in zip(*gradients, strict=True):
            torch.testing.assert_close(got, want, rtol=1e-11, atol=1e-13)


def test_a_dropped_nan_has_no_gradient():
    for name, bad in (("RNNDropLSTM", 2), ("VariationalLSTM", 0)):
        layer, x, hx = made(LSTMS[name], 1.0, SIZES[0])
        leaves = [x, *hx]
        with torch.no_grad():
            leaves[bad].fill_(torch.nan)
        y, (h, c) = layer(x, hx)
        assert torch.isfinite(torch.stack([y[-1], h[0], c[0]])).all()
        (gradient,) = torch.autograd.grad(y.sum(), leaves[bad])
        assert torch.equal(gradient, torch.zeros_like(gradient))


@every_lstm
def test_the_scan_refuses_an_input_changed_before_backward(case: Case):
    layer, x, hx = made(case, 0.5, SIZES[0])
    y, _ = layer(x, hx)
    with torch.no_grad():
        layer.weight_hh_l0.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


@every_lstm
@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")  # torch's own use of it
def test_forward_mode_goes_through_the_loop(case: Case):
    layer, x, hx = made(case, 0.5, SIZES[0])
    y = layer(x, hx)[0]
    layer, x, hx = made(case, 0.5, SIZES[0])
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(x.detach(), torch.ones_like(x))
        primal, tangent = forward_ad.unpack_dual(layer(dual, hx)[0])
    torch.testing.assert_close(primal, y)
    assert tangent.any()


@pytest.mark.parametrize(("mutant", "name"), wrong.MUTANTS, ids=lambda value: str(value))
def test_the_check_rejects_a_wrong_scan(monkeypatch, mutant, name):
    assert_scan_is_loop(LSTMS[name], 0.5, SIZES[0])
    monkeypatch.setattr(masked_lstm, "LSTMScan", getattr(wrong, mutant))
    with pytest.raises(AssertionError):
        assert_scan_is_loop(LSTMS[name], 0.5, SIZES[0])
