"""`select`: both ways agree in values, layouts and derivatives; pieces, memory, float8."""

import json
import math
import sys
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest
import torch
from torch import Tensor, nn
from torch.autograd import gradcheck, gradgradcheck
from torch.profiler import profile

from dropoutbook import Dropout
from dropoutbook.layers.parts import mask
from dropoutbook.layers.parts.mask import CHUNK, SelectBits, draw_keep, select
from dropoutbook.layers.parts.random_bytes import SMALL
from tests.layers import wrong_layers as layer
from tests.layers import wrong_masks as wrong
from tests.layers.cases import every_dtype
from tests.mutants import rejects, without_mutant

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
FLOAT8 = (torch.float8_e5m2, torch.float8_e4m3fn)
MIB = 2**20
Select = Callable[[Tensor, Tensor, float | None], Tensor]
every_layout = pytest.mark.parametrize("layout", LAYOUTS)
every_mask = pytest.mark.parametrize("shape", MASKS)
every_factor = pytest.mark.parametrize("factor", [None, 1 / 0.7])
every_size = pytest.mark.parametrize("size", [64, 2 * SMALL])


def by_bits(select: Select, *arguments) -> Tensor:
    with patch.object(mask, "SMALL", 0):
        return select(*arguments)


def by_where(select: Select, *arguments) -> Tensor:
    with patch.object(mask, "SMALL", math.inf):
        return select(*arguments)


def check_both_ways_agree(
    select: Select, dtype: torch.dtype, layout: str, shape: str, factor: float | None
) -> None:
    x = LAYOUTS[layout](torch.randn(3, 4, 6, 8).to(dtype))
    keep = draw_keep(MASKS[shape](x), 0.3, x, None)
    expected = torch.where(keep, x if factor is None else x * factor, 0.0)
    for way in (by_bits, by_where):
        y = way(select, x, keep, factor)
        assert y.equal(expected)
        assert y.dtype == dtype
        assert y.stride() == torch.empty_like(x).stride()


def check_a_dropped_value_is_zero(select: Select, value: float) -> None:
    """Whatever it was, and its gradient too."""
    for way in (by_bits, by_where):
        x = torch.full((2,), value, requires_grad=True)
        y = way(select, x, torch.tensor([True, False]), 2.0)
        y.backward(torch.full((2,), value))
        for result in (y, x.grad):
            expected = torch.tensor([value, 0.0])
            torch.testing.assert_close(result, expected, rtol=0, atol=0, equal_nan=True)


def check_derivatives(select: Select, shape: str, factor: float | None) -> None:
    x = torch.randn(2, 3, 2, 2, dtype=torch.float64, requires_grad=True)
    keep = draw_keep(MASKS[shape](x), 0.3, x, None)
    (gradient,) = torch.autograd.grad(by_bits(select, x, keep, factor).sum(), x)
    assert gradient.equal(keep.expand_as(x).double() * (factor or 1.0))
    assert gradcheck(lambda x: by_bits(select, x, keep, factor), x, check_forward_ad=True)
    assert gradgradcheck(lambda x: by_bits(select, x, keep, factor), x)


def check_pieces(select: Select, size: int) -> None:
    x = torch.randn(size)
    keep = torch.rand(size) >= 0.3
    assert select(x, keep, 2.0).equal(torch.where(keep, 2 * x, 0.0))


def check_eight_bits(select: Select, size: int, dtype: torch.dtype) -> None:
    x = torch.randn(size).to(dtype)
    keep = draw_keep(x.shape, 0.3, x, None)
    y = select(x, keep, 1.5)
    assert y.dtype == dtype
    assert y.float().equal(torch.where(keep, 1.5 * x.float(), 0.0).to(dtype).float())


def check_the_negative_bit(select: Select, size: int) -> None:
    """Of a view whose sign is not in memory."""
    x = torch.complex(torch.randn(size), torch.randn(size)).resolve_conj().conj().imag
    assert x.is_neg()
    keep = torch.rand(size) >= 0.3
    assert select(x, keep, 2.0).equal(torch.where(keep, 2 * x, 0.0))


@every_dtype
@every_layout
@every_mask
@every_factor
def test_both_ways_agree(dtype, layout, shape, factor):
    check_both_ways_agree(select, dtype, layout, shape, factor)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_dropped_value_is_zero(value):
    check_a_dropped_value_is_zero(select, value)


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")  # PyTorch's own forward mode
@every_mask
@every_factor
def test_derivatives(shape, factor):
    check_derivatives(select, shape, factor)


@pytest.mark.parametrize("size", [CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 3])
def test_pieces(size):
    check_pieces(select, size)


@every_size
@pytest.mark.parametrize("dtype", FLOAT8, ids=str)
def test_eight_bits(size, dtype):
    check_eight_bits(select, size, dtype)


@every_size
def test_the_negative_bit(size):
    check_the_negative_bit(select, size)


@pytest.mark.parametrize("way", ["where", "bits"])
def test_each_way_is_taken_where_it_should_be(way):
    x, quick_way = torch.randn(SMALL if way == "bits" else SMALL - 1), []
    with patch.object(SelectBits, "apply", lambda x, *_: quick_way.append(x)):
        select(x, x > 0)
        torch.func.vmap(lambda x: select(x, x > 0))(x.expand(2, -1))
        torch.compile(lambda x: select(x, x > 0), backend="eager")(x)
    assert len(quick_way) == (way == "bits")


def peak(call: Callable[[], object], file: Path) -> int:
    """The most bytes that a call holds at a time, beyond those that were held before."""
    with profile(profile_memory=True) as profiler:
        call()
    profiler.export_chrome_trace(str(file))
    trace = json.loads(file.read_text())["traceEvents"]
    events = [event["args"] for event in trace if event.get("name") == "[memory]"]
    before = events[0]["Total Allocated"] - events[0]["Bytes"]
    return max(event["Total Allocated"] for event in events) - before


def check_peak_memory(make: Callable[[float], nn.Module], file: Path) -> None:
    """A call holds its output, its mask, and at most 1 MiB more."""
    x = torch.ones(2**20)
    for p in (0.1, 0.5):
        dropout = make(p)
        dropout(x)  # what is made once
        held = peak(lambda layer=dropout: layer(x), file)
        allowed = x.nbytes + x.numel() + MIB
        assert held <= allowed, f"{held / MIB:.2f} MiB at p = {p}, allowed {allowed / MIB:.2f}"


def test_peak_memory(tmp_path):
    check_peak_memory(Dropout, tmp_path / "trace.json")


def test_the_check_rejects_one_product_for_all(tmp_path):
    rejects(check_peak_memory, Dropout, layer.OneProductOfAllBits, tmp_path / "trace.json")


MUTANTS = [
    (
        check_both_ways_agree,
        wrong.forgets_the_factor,
        torch.float32,
        "contiguous",
        "full",
        1 / 0.7,
    ),
    (
        check_both_ways_agree,
        wrong.returns_it_contiguous,
        torch.float32,
        "channels last",
        "full",
        None,
    ),
    (check_a_dropped_value_is_zero, wrong.multiplies, math.nan),
    (check_derivatives, wrong.detaches, "a channel", None),
    (check_pieces, wrong.stops_after_a_chunk, CHUNK + 1),
    (check_eight_bits, wrong.forgets_the_factor, 2 * SMALL, torch.float8_e5m2),
    (check_the_negative_bit, wrong.takes_memory_as_it_is, 2 * SMALL),
]


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda row: f"{row[0].__name__}-{row[1].__name__}")
def test_the_check_rejects(mutant):
    check, wrong_way, *arguments = mutant
    rejects(check, select, wrong_way, *arguments)


def test_every_check_has_a_mutant():
    tied = {check.__name__ for check, *_ in MUTANTS} | {"check_peak_memory"}
    assert not without_mutant(sys.modules[__name__], tied)
