"""What `MaxPoolDropout2d` alone promises: its law, its mean over all masks, its windows."""

import itertools
import math
import sys
from functools import partial
from unittest.mock import patch

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Generator
from torch.autograd.graph import saved_tensors_hooks
from torch.func import vmap
from torch.nn.functional import max_pool2d

from dropoutbook import MaxPoolDropout2d
from dropoutbook.layers import max_pool_dropout2d as module
from dropoutbook.layers.max_pool_dropout2d import max_pool_dropout2d
from tests.checks import assert_rate, assert_refused
from tests.layers import wrong_max_pool_dropout as wrong
from tests.layers.cases import every_dtype, every_p
from tests.layers.rows import ROWS, Row
from tests.layers.test_rules import ReplayedMask
from tests.mutants import rejects, without_mutant

WINDOWS = [  # every combination that may go wrong: overlap, gaps, padding, oblong
    {"kernel_size": 2},
    {"kernel_size": 2, "stride": 1},
    {"kernel_size": 2, "stride": 2, "padding": 1},
    {"kernel_size": 3, "stride": 1, "padding": 1},
    {"kernel_size": (1, 3), "stride": (2, 1)},
    {"kernel_size": (3, 2), "padding": (1, 0)},
]
every_window = pytest.mark.parametrize("window", WINDOWS, ids=str)
every_mode = pytest.mark.parametrize("training", [False, True])


def image(*shape: int) -> torch.Tensor:
    """Distinct entries of both signs, a majority of them negative."""
    return torch.randn(shape, generator=Generator().manual_seed(1), dtype=torch.float64) - 0.3


NEGATIVE = -image(1, 3, 3).abs()


def seeded(p=0.5, make=MaxPoolDropout2d, **window) -> MaxPoolDropout2d:
    window = window or {"kernel_size": 2}
    return make(**window, p=p, generator=Generator().manual_seed(0))


def over_all_masks(layer, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The output for each mask of the units of x, (masks, *), and the probability of each."""
    keep = torch.tensor(list(itertools.product([False, True], repeat=x.numel())))
    weight = torch.where(keep, keep.double() * (1 - layer.p), layer.p).prod(dim=1)

    def enumerate_masks(shape, p, like, generator):
        assert tuple(shape) == (len(keep), *x.shape)
        assert p == layer.p
        return keep.view(shape)

    with patch.object(sys.modules[type(layer).__module__], "draw_keep", enumerate_masks):
        return layer(x.expand(len(keep), *x.shape)), weight


def check_the_law_is_multinomial(make, p):
    """P(y = a_(i)) = k p**(n - i), P(y = 0) = p**n."""
    x = torch.tensor([[[2.0, 5.0, 1.0], [4.0, 3.0, 6.0]]], dtype=torch.float64)
    y, weight = over_all_masks(seeded(p, make, kernel_size=(2, 3)), x)
    for rank in range(1, 7):
        exact = (1 - p) * p ** (6 - rank)
        assert math.isclose(weight[y.flatten() == rank].sum(), exact, rel_tol=1e-12)
    assert math.isclose(weight[y.flatten() == 0].sum(), p**6, rel_tol=1e-12)


@every_p
def test_the_law_is_multinomial(p):
    check_the_law_is_multinomial(MaxPoolDropout2d, p)


def check_evaluation_is_the_mean_over_all_masks(make, p, window, x=None):
    x = image(1, 3, 3) if x is None else x
    layer = seeded(p, make, **window)
    y, weight = over_all_masks(layer, x)
    mean = torch.tensordot(weight, y, dims=1)
    torch.testing.assert_close(layer.eval()(x), mean, rtol=1e-12, atol=1e-14)


@every_p
@every_window
def test_evaluation_is_the_mean_over_all_masks(p, window):
    check_evaluation_is_the_mean_over_all_masks(MaxPoolDropout2d, p, window)
    check_evaluation_is_the_mean_over_all_masks(MaxPoolDropout2d, p, window, NEGATIVE)


@every_p
def test_evaluation_is_weighted_pooling_of_the_sorted_window(p):
    a = image(1, 2, 2).abs()
    terms = [(1 - p) * p**rank for rank in range(4)]
    exact = sum(w * v for w, v in zip(terms, a.flatten().sort(descending=True).values, strict=True))
    assert math.isclose(seeded(p).eval()(a).item(), exact.item(), rel_tol=1e-14)


@every_p
def test_layer_is_its_definition_on_the_same_masks(p):
    x, masks, draw = image(4, 3, 7, 6), [], module.draw_keep

    def record(*arguments):
        masks.append(draw(*arguments))
        return masks[-1]

    with patch.object(module, "draw_keep", record):
        y = seeded(p)(x)
    expected = max_pool_dropout2d(x.numpy(), p, ReplayedMask(masks[0]), 2)
    assert torch.equal(y, torch.from_numpy(expected))


def check_windows_that_overlap_see_one_mask(make):
    x = torch.zeros(512, 1, 3, 3)
    x[..., 1, 1] = 1  # in all four windows: it wins in each of them or in none
    y = seeded(0.5, make, kernel_size=2, stride=1)(x)
    assert torch.equal(y, y[..., :1, :1].expand_as(y))
    assert_rate(y[..., 0, 0] == 0, 0.5)


def test_windows_that_overlap_see_one_mask():
    check_windows_that_overlap_see_one_mask(MaxPoolDropout2d)


def test_vmap_evaluates_like_a_loop():
    layer, x = seeded(kernel_size=3, stride=2, padding=1).eval(), image(5, 2, 3, 6, 5)
    assert torch.equal(vmap(layer)(x), torch.stack([layer(example) for example in x]))


@every_mode
@every_window
def test_nothing_is_dropped_at_p_zero(training, window):
    x, layer = image(2, 3, 7, 6), MaxPoolDropout2d(**window, p=0).train(training)
    assert torch.equal(layer(x), torch.nn.MaxPool2d(**window)(x))


@every_mode
@pytest.mark.parametrize("value", [1.0, -1.0, math.nan, math.inf, -math.inf])
def test_everything_is_dropped_at_p_one(training, value):
    x = torch.full((2, 3, 4, 4), value, requires_grad=True)
    y = MaxPoolDropout2d(3, 1, 1, p=1).train(training)(x)
    (gradient,) = torch.autograd.grad(y.sum(), x)
    assert torch.equal(y, torch.zeros(2, 3, 4, 4))
    assert torch.equal(gradient, torch.zeros_like(x))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_dropped_nan_or_infinity_counts_as_zero(value):
    x = torch.full((512, 1, 1, 1), value, dtype=torch.float64)
    keep = seeded(kernel_size=1)(torch.ones_like(x)) == 1
    expected = x.where(keep, 0.0)
    torch.testing.assert_close(seeded(kernel_size=1)(x), expected, rtol=0, atol=0, equal_nan=True)


@every_p
def test_evaluation_of_infinities_is_their_arithmetic(p):
    layer = MaxPoolDropout2d(2, p=p).eval()
    for value, expected in ((math.inf, math.inf), (-math.inf, 0.5), (math.nan, math.nan)):
        x = torch.tensor([[[0.5, value], [0.5, 0.5]]], dtype=torch.float64)
        if math.isinf(value) and value < 0:
            expected = 0.5 * (1 - p**3)
        torch.testing.assert_close(layer(x).item(), expected, rtol=1e-12, atol=0, equal_nan=True)


@every_dtype
def test_the_mask_costs_one_byte_per_element(dtype):
    x = image(2, 3, 8, 8).to(dtype).requires_grad_()

    def saved(call) -> int:
        sizes = []
        with saved_tensors_hooks(lambda t: sizes.append(t.numel() * t.element_size()), id):
            call(x)
        return sum(sizes)

    # the pooling keeps its input and its winners, with dropout or without
    assert saved(MaxPoolDropout2d(2)) - saved(lambda x: max_pool2d(x, 2)) <= x.numel()


@every_mode
@every_dtype
def test_the_output_is_shaped_and_ordered_as_that_of_a_max_pooling(training, dtype):
    layer = seeded(kernel_size=3, stride=2, padding=1).train(training)
    for x in (image(2, 3, 7, 6), image(3, 7, 6), image(0, 3, 7, 6), image(2, 1, 1, 1)):
        expected = max_pool2d(x.to(dtype), 3, 2, 1)
        y = layer(x.to(dtype))
        assert (y.dtype, y.shape) == (expected.dtype, expected.shape)
    x = image(2, 3, 7, 6).to(dtype).contiguous(memory_format=torch.channels_last)
    assert layer(x).is_contiguous(memory_format=torch.channels_last)


def test_evaluation_takes_the_stride_of_each_axis():
    x = image(2, 7, 9)
    layer = MaxPoolDropout2d(2, stride=(2, 3), p=0.3).eval()
    each = [
        [MaxPoolDropout2d(2, p=0.3).eval()(x[:, r : r + 2, c : c + 2])[:, 0, 0] for c in (0, 3, 6)]
        for r in (0, 2, 4)
    ]
    expected = torch.stack([torch.stack(row, -1) for row in each], -2)
    torch.testing.assert_close(layer(x), expected, rtol=1e-15, atol=0)


bad_sizes = st.text() | st.floats() | st.booleans() | st.just((2, 2, 2)) | st.just([2, 2.0])


@given(st.sampled_from(["kernel_size", "stride", "padding"]), bad_sizes)
def test_a_size_of_another_kind_is_refused(name, value):
    call = partial(MaxPoolDropout2d, **({"kernel_size": 2} | {name: value}))
    assert_refused(call, TypeError, name, "integer")


@given(st.sampled_from(["kernel_size", "stride", "padding"]), st.integers(max_value=-1))
def test_a_size_out_of_range_is_refused(name, value):
    for size in (value, (1, value)):
        call = partial(MaxPoolDropout2d, **({"kernel_size": 2} | {name: size}))
        assert_refused(call, ValueError, name, ">=", repr(value))


@pytest.mark.parametrize(("kernel_size", "padding"), [(1, 1), (3, 2), ((4, 1), 1)])
def test_a_window_of_padding_alone_is_refused(kernel_size, padding):
    call = partial(MaxPoolDropout2d, kernel_size, padding=padding)
    assert_refused(call, ValueError, "padding", "half", repr(padding))


@pytest.mark.parametrize("shape", [(), (3,), (3, 2), (2, 1, 1, 1, 1)])
@every_mode
@pytest.mark.parametrize("p", [0.0, 0.5])
def test_an_input_of_another_rank_is_refused(shape, training, p):
    layer, x = MaxPoolDropout2d(2, p=p).train(training), torch.ones(shape)
    assert_refused(lambda: layer(x), ValueError, "input", "(N, C, H, W)", str(shape))


@pytest.mark.parametrize("shape", [(2, 3, 2, 5), (3, 5, 2), (1, 1, 0, 4)])
@every_mode
@pytest.mark.parametrize("p", [0.0, 0.5, 1.0])
def test_a_window_larger_than_the_padded_map_is_refused(shape, training, p):
    layer, x = MaxPoolDropout2d(5, 1, 1, p=p).train(training), torch.ones(shape)
    words = ("kernel_size", "at most", "got (5, 5)", str(shape), "padding=(1, 1)")
    assert_refused(lambda: layer(x), ValueError, *words)
    assert layer(torch.ones(2, 3, 3, 3)).shape == (2, 3, 1, 1)


def test_repr_says_everything():
    expected = "MaxPoolDropout2d(kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), p=0.5)"
    assert repr(MaxPoolDropout2d(3, 2, 1)) == expected


MUTANTS = [
    (check_the_law_is_multinomial, wrong.DropsAfterPooling, 0.1),
    (check_the_law_is_multinomial, wrong.RescalesInsideTheWindow, 0.1),
    (check_the_law_is_multinomial, wrong.KeepsWithProbabilityP, 0.1),
    (check_the_law_is_multinomial, wrong.AlwaysDropsHalf, 0.1),
    (check_windows_that_overlap_see_one_mask, wrong.DrawsForEachWindow),
    (check_evaluation_is_the_mean_over_all_masks, wrong.EvaluatesToTheMaximum, 0.1, WINDOWS[0]),
    (check_evaluation_is_the_mean_over_all_masks, wrong.WeightsInTheWrongOrder, 0.1, WINDOWS[0]),
    (check_evaluation_is_the_mean_over_all_masks, wrong.CountsPadding, 0.1, WINDOWS[2]),
    (
        check_evaluation_is_the_mean_over_all_masks,
        wrong.EvaluatesToTheScaledMaximum,
        0.1,
        WINDOWS[0],
    ),
    (
        check_evaluation_is_the_mean_over_all_masks,
        wrong.IgnoresNegativeWindows,
        0.1,
        WINDOWS[0],
        NEGATIVE,
    ),
]
IN_THE_SUITE = [
    ("mean", wrong.AlwaysDropsHalf),
    ("mean", wrong.EvaluatesToTheScaledMaximum),
    ("examples", wrong.OneMaskPerCall),
    ("calls", wrong.FrozenMask),
]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda row: f"{row[0].__name__}-{row[1].__name__}")
def test_the_check_rejects(mutant):
    check, wrong_layer, *arguments = mutant
    rejects(check, MaxPoolDropout2d, wrong_layer, *arguments)


def test_every_check_has_a_mutant():
    assert not without_mutant(sys.modules[__name__], (check.__name__ for check, *_ in MUTANTS))


@pytest.mark.parametrize(("name", "mutant"), IN_THE_SUITE)
def test_the_suite_rejects(name, mutant):
    row = ROWS["MaxPoolDropout2d"]
    make = lambda p, **options: mutant(2, p=p, **options)  # noqa: E731
    rejects(Row.check, row, row._replace(make=make), name)
