"""`select`: the quick way on a CPU agrees with torch.where, values, layouts and derivatives."""

import math
from unittest.mock import patch

import pytest
import torch
from torch import Tensor
from torch.autograd import gradcheck, gradgradcheck

from dropoutbook.layers.parts import mask
from dropoutbook.layers.parts.mask import SelectBits, draw_keep, select
from dropoutbook.layers.parts.random_bytes import SMALL
from tests.layers.cases import every_dtype

LAYOUTS = {
    "contiguous": lambda x: x,
    "channels last": lambda x: x.to(memory_format=torch.channels_last),
    "transposed": lambda x: x.transpose(1, 3),
    "every other": lambda x: x[..., ::2],
    "expanded": lambda x: x[:1].expand(3, -1, -1, -1),
    "empty": lambda x: x[:0],
}
MASKS = {
    "full": lambda x: x.shape,
    "a channel": lambda x: (*x.shape[:2], 1, 1),
    "the last axis": lambda x: x.shape[-1:],
}
every_layout = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
every_mask = pytest.mark.parametrize("shape", MASKS.values(), ids=MASKS)
every_factor = pytest.mark.parametrize("factor", [None, 1 / 0.7])


def quick(x: Tensor, keep: Tensor, factor: float | None) -> Tensor:
    with patch.object(mask, "SMALL", 0):
        return select(x, keep, factor)


def plain(x: Tensor, keep: Tensor, factor: float | None) -> Tensor:
    with patch.object(mask, "SMALL", math.inf):
        return select(x, keep, factor)


@every_dtype
@every_layout
@every_mask
@every_factor
def test_both_ways_agree(dtype, layout, shape, factor):
    x = layout(torch.randn(3, 4, 6, 8).to(dtype))
    keep = draw_keep(shape(x), 0.3, x, None)
    ours, expected = quick(x, keep, factor), plain(x, keep, factor)
    assert ours.equal(expected)
    assert ours.dtype == dtype
    assert ours.stride() == expected.stride()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("way", [quick, plain])
def test_a_dropped_value_is_zero_whatever_it_was(way, value):
    x = torch.full((2,), value, requires_grad=True)
    y = way(x, torch.tensor([True, False]), 2.0)
    y.backward(torch.full((2,), value))
    for result in (y, x.grad):
        assert result[1] == 0
        assert result[:1].equal(x.detach()[:1]) or (math.isnan(value) and result[0].isnan())


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")  # PyTorch's own forward mode
@every_mask
@every_factor
def test_derivatives_of_first_and_second_order(shape, factor):
    x = torch.randn(2, 3, 2, 2, dtype=torch.float64, requires_grad=True)
    keep = draw_keep(shape(x), 0.3, x, None)
    assert gradcheck(lambda x: quick(x, keep, factor), x, check_forward_ad=True)
    assert gradgradcheck(lambda x: quick(x, keep, factor), x)
    (gradient,) = torch.autograd.grad(quick(x, keep, factor).sum(), x)
    assert gradient.equal(keep.expand_as(x).double() * (factor or 1.0))


def test_many_gradients_at_once():
    x = torch.randn(5, requires_grad=True)
    keep = torch.tensor([True, False, True, True, False])
    rows = torch.autograd.grad(quick(x, keep, 2.0), x, torch.eye(5), is_grads_batched=True)[0]
    assert rows.equal(torch.diag(2.0 * keep))


def test_backward_keeps_one_byte_an_entry():
    x = torch.randn(2 * SMALL, requires_grad=True)
    kept = []
    with torch.autograd.graph.saved_tensors_hooks(
        lambda t: kept.append(t.nbytes) or t, lambda t: t
    ):
        select(x, draw_keep(x.shape, 0.3, x, None), 2.0)
    assert sum(kept) == x.numel()


@pytest.mark.parametrize("way", ["where", "bits"])
def test_each_way_is_taken_where_it_should_be(way):
    x, quick_way = torch.randn(SMALL if way == "bits" else SMALL - 1), []
    with patch.object(SelectBits, "apply", lambda x, *_: quick_way.append(x)):
        select(x, x > 0)
        torch.func.vmap(lambda x: select(x, x > 0))(x.expand(2, -1))
        torch.compile(lambda x: select(x, x > 0), backend="eager")(x)
    assert len(quick_way) == (way == "bits")


@pytest.mark.parametrize("p", [0.1, 0.5])
def test_compiled_graphs_draw_the_masks_of_the_eager_layer(p):
    def two_masks(x: Tensor) -> tuple[Tensor, Tensor]:
        return tuple(draw_keep(x.shape, p, x, None) for _ in range(2))

    x, masks = torch.ones(2 * SMALL), []
    for draws in (two_masks, torch.compile(two_masks, fullgraph=True, backend="aot_eager")):
        torch.manual_seed(0)
        masks += draws(x)
    assert masks[0].equal(masks[2])
    assert masks[1].equal(masks[3])
    assert not masks[0].equal(masks[1])


def test_vmap_draws_a_mask_for_each_example():
    x = torch.ones(2, 2 * SMALL)
    first, second = torch.vmap(lambda x: draw_keep(x.shape, 0.5, x, None), randomness="different")(
        x
    )
    assert not first.equal(second)
