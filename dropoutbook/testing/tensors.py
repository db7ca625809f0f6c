"""The form of the output: dtype, shape, order of axes in memory, device."""

import torch
from torch import Tensor

from dropoutbook.testing.assertions import assert_close, assert_equal
from dropoutbook.testing.case import Case, after_seed, first

DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def dtypes(case: Case) -> None:
    """the output has the dtype of the input"""
    for dtype in DTYPES:
        for training in (True, False):
            y = after_seed(case.layer(0.1).to(dtype).train(training), case.example.to(dtype))
            assert y.dtype == dtype, f"{y.dtype} for {dtype}"
            assert y.isfinite().all(), f"not all is finite in {dtype}"


def memory_formats(case: Case) -> None:
    """masks do not depend on how the input lies in memory, and the output lies like it"""
    expected = after_seed(case.layer(), case.example)
    for x in in_other_orders(case.example):
        y = after_seed(case.layer(), x)
        assert_close(y, expected, f"strides {x.stride()}")
        if case.evaluation == "identity":
            assert y.stride() == torch.empty_like(x).stride(), f"strides {y.stride()}"


def in_other_orders(x: Tensor) -> list[Tensor]:
    """The same entries: first axis fastest, every other place of a larger tensor, negated twice."""
    axes = tuple(reversed(range(x.ndim)))
    spread = x.repeat_interleave(2, -1)[..., ::2]
    negative = torch.complex(torch.zeros_like(x), -x).conj().imag  # its sign is a bit of the view
    return [x.permute(axes).contiguous().permute(axes), spread, negative]


def empty(case: Case) -> None:
    """no examples make no examples"""
    expected = first(case.layer()(case.example)).shape
    for training in (True, False):
        y = first(case.layer().train(training)(case.example[:0]))
        assert y.shape == (0, *expected[1:]), f"shape {tuple(y.shape)}"


def default_device(case: Case) -> None:
    """masks lie where the input does, whatever PyTorch's default device is"""
    layer = case.layer()
    expected = after_seed(layer, case.example)
    with torch.device("meta"):
        assert_equal(after_seed(layer, case.example), expected, "the masks differ")


def autocast(case: Case) -> None:
    """autocast changes no dtype"""
    x = case.example.float()
    with torch.autocast(x.device.type, dtype=torch.bfloat16):
        y = first(case.layer().float()(x))
    assert y.dtype == torch.float32, f"{y.dtype} for {torch.float32}"
