"""RNNDrop in PyTorch's fused kernel, with shut input gates: the same as the loop, to rounding."""

from unittest.mock import patch

import pytest
import torch
from torch import Generator, Tensor

from dropoutbook import RNNDropLSTM
from dropoutbook.layers.recurrent import kernel_scan
from dropoutbook.layers.recurrent.kernel_scan import KernelScan, kernel_works, shut_gates
from dropoutbook.layers.recurrent.recurrence import Recurrence
from tests.layers.lstm_cases import LSTMS
from tests.layers.test_lstm_scan import SIZES, by_loop, made, results

CASE = LSTMS["RNNDropLSTM"]
TOLERANCE = {"rtol": 1e-4, "atol": 1e-5}  # float32, sums of some hundred products

pytestmark = pytest.mark.skipif(
    not torch.backends.mkldnn.is_available(), reason="this build of PyTorch has no fused kernel"
)


def single(p: float, size: tuple, training: bool = True) -> tuple:
    layer, x, hx = made(CASE, p, size, training)
    return layer.float(), *(part.detach().float().requires_grad_() for part in (x, *hx))


def of_kernel_and_loop(p: float, size: tuple, training: bool = True) -> list[list[Tensor]]:
    kernel = results_of(*single(p, size, training))
    with by_loop():
        return [kernel, results_of(*single(p, size, training))]


def results_of(layer, x, *hx) -> list[Tensor]:
    return results(layer, x, list(hx))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_the_kernel_is_the_loop(p, size):
    with patch.object(KernelScan, "apply", wraps=KernelScan.apply) as kernel:
        received, expected = of_kernel_and_loop(p, size)
    assert kernel.called
    for got, want in zip(received, expected, strict=True):
        torch.testing.assert_close(got, want, **TOLERANCE)


def test_it_evaluates_with_gradients():
    for got, want in zip(*of_kernel_and_loop(0.5, SIZES[1], training=False), strict=True):
        torch.testing.assert_close(got, want, **TOLERANCE)


@pytest.mark.parametrize("scale", [1.0, 1e3])
def test_dropped_units_are_exactly_zero(scale):
    x, layer = torch.randn(20, 5, 8), RNNDropLSTM(8, 32, p=0.5, generator=Generator())
    for parameter in layer.parameters():
        parameter.data *= scale
    dropped = ~layer.masks(x).cell[0]
    layer.generator = Generator()  # to draw them once more
    y, (_, c) = layer(x, (torch.randn(1, 5, 32), torch.randn(1, 5, 32)))
    assert (y[:, dropped] == 0).all()
    assert (c[0, dropped] == 0).all()
    assert 0 < dropped.float().mean() < 1


def test_a_dropped_nan_is_stopped():
    layer, x, *hx = single(1.0, SIZES[1])
    layer.weight_hh_l0.data[2 * layer.hidden_size] = torch.nan  # of one g
    y, (_, c) = layer(x, hx)
    assert y.eq(0).all()
    assert c.eq(0).all()


def test_gradients_have_gradients():
    layer, x, *hx = single(0.5, SIZES[1])
    state = layer.generator.get_state()

    def second(way):
        layer.generator.set_state(state)
        with way:
            y, _ = layer(x, hx)
            (gradient,) = torch.autograd.grad(y.square().sum(), x, create_graph=True)
            return torch.autograd.grad(gradient.square().sum(), layer.weight_hh_l0)[0]

    torch.testing.assert_close(second(torch.enable_grad()), second(by_loop()), **TOLERANCE)


def test_a_second_backward_and_an_input_changed_in_place():
    layer, x, *hx = single(0.5, SIZES[1])
    y, _ = layer(x, hx)
    first, second = (torch.autograd.grad(y.sum(), x, retain_graph=True)[0] for _ in range(2))
    assert first.equal(second)
    with torch.no_grad():
        x.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_other_masks_do_not_go_to_the_kernel():
    x, keep = torch.ones(3, 2, 4), torch.ones(1, 2, 4, dtype=torch.bool)
    assert kernel_works(Recurrence(cell=keep), x)
    assert not kernel_works(Recurrence(cell=keep.expand(3, -1, -1)), x)
    assert not kernel_works(Recurrence(update=keep), x)
    assert not kernel_works(Recurrence(hidden=keep), x)
    assert not kernel_works(Recurrence(cell=keep), x.double())


def leaves_the_first_cell(keep, h, c, *rest):
    with patch.object(kernel_scan, "select", lambda c, keep: c):
        return shut_gates(keep, h, c, *rest)


def shuts_half(keep, *rest):
    with patch.object(kernel_scan, "SHUT", -1.0):
        return shut_gates(keep, *rest)


def shuts_what_is_kept(keep, *rest):
    return shut_gates(~keep, *rest)


def shuts_the_gates_of_another_example(keep, *rest):
    return shut_gates(keep.roll(1, 1), *rest)


def shuts_nothing(keep, *rest):
    return shut_gates(None, *rest)


@pytest.mark.parametrize(
    "wrong",
    [
        leaves_the_first_cell,
        shuts_half,
        shuts_what_is_kept,
        shuts_the_gates_of_another_example,
        shuts_nothing,
    ],
)
def test_a_wrong_use_of_the_kernel_is_rejected(wrong):
    with patch.object(kernel_scan, "shut_gates", wrong):
        received, expected = of_kernel_and_loop(0.5, SIZES[1])
    assert not torch.allclose(received[0], expected[0], **TOLERANCE)
