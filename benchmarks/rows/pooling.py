"""Max-pooling dropout, in training and in evaluation."""

from collections.abc import Callable, Iterator
from functools import partial

import torch
from torch import Tensor
from torch.nn.functional import dropout, max_pool2d

from benchmarks.contestants import Layer, forward
from benchmarks.laws import fresh, shaped
from benchmarks.row import AT_WORST, OURS, Contestant, Goal, Row
from dropoutbook import MaxPoolDropout2d

SHAPE, KERNEL, P = (32, 64, 28, 28), 2, 0.5
POOLED = (32, 64, 14, 14)
VALUES = torch.arange(1.0, 5.0).view(2, 2).repeat(14, 14).expand(SHAPE)  # 1, 2, 3, 4 per window


def largest_kept(layer: Layer) -> str:
    """Of windows 1, 2, 3, 4 the i-th smallest wins with probability (1 - p) p**(4 - i)."""
    first, second = layer(VALUES), layer(VALUES)
    problem = shaped(first, POOLED) or fresh(first, second)
    if problem:
        return problem
    for i in range(1, 5):
        probability = (1 - P) * P ** (4 - i)
        found = (first == i).double().mean().item()
        error = (probability * (1 - probability) / first.numel()) ** 0.5
        if abs(found - probability) > 5 * error:
            return f"unit {i} of 4 wins in {found:.1%}, asked {probability:.1%}"
    return ""


def expected(layer: Layer) -> str:
    """The exact mean of the law above, for the same windows."""
    mean = sum(i * (1 - P) * P ** (4 - i) for i in range(1, 5))
    found = layer(VALUES)
    right = torch.allclose(found, torch.full(POOLED, mean), rtol=1e-5)
    return shaped(found, POOLED) or ("" if right else f"{found.flatten()[0]:.4g}, not {mean:.4g}")


def contestant(layer: Layer, law: Callable[[Layer], str], another: str) -> Contestant:
    return forward(layer, torch.randn(SHAPE), lambda: law(layer), another_law=another)


def sorted_mean(x: Tensor, kernel: int) -> Tensor:
    """The mean in evaluation by sorting window after window."""
    windows = x.unfold(-2, kernel, kernel).unfold(-2, kernel, kernel).flatten(-2)
    values = windows.sort(-1).values
    units = values.shape[-1]
    shares = (1 - P) * P ** torch.arange(units - 1, -1, -1.0)
    none_dropped = (1 - P) ** units * values[..., -1].clamp(max=0)
    return none_dropped + values.clamp(min=0) @ shares


def evaluated(name: str, shape: tuple[int, ...], kernel: int) -> Contestant:
    layer, x = MaxPoolDropout2d(kernel, p=P).eval(), torch.randn(shape)

    def deviation() -> str:
        right = torch.allclose(layer(x), sorted_mean(x, kernel), rtol=1e-4, atol=1e-5)
        return "" if right else "another mean than that of sorted windows"

    call = partial(layer, x) if name == OURS else partial(sorted_mean, x, kernel)
    return Contestant(call, deviation)


def weak(shape: tuple[int, ...], kernel: int, why: str) -> Row:
    size = " × ".join(map(str, shape))
    return Row(
        name=f"pooling {size} {kernel}",
        family="pooling",
        work=f"MaxPoolDropout2d, {size}, kernel {kernel}, p = {P}, evaluation",
        contestants={
            name: partial(evaluated, name, shape, kernel) for name in (OURS, "sorted windows")
        },
        goals=[Goal(OURS, "sorted windows", AT_WORST)],
        weak=why,
    )


def rows() -> Iterator[Row]:
    scaled = "drops and scales: kept units count 1 / (1 - p) times"
    training = {
        OURS: (MaxPoolDropout2d(KERNEL, p=P), ""),
        "F.dropout, then max_pool2d": (lambda x: max_pool2d(dropout(x, P), KERNEL), scaled),
        "max_pool2d": (lambda x: max_pool2d(x, KERNEL), "drops nothing"),
    }
    evaluation = {
        OURS: (MaxPoolDropout2d(KERNEL, p=P).eval(), ""),
        "max_pool2d": (lambda x: max_pool2d(x, KERNEL), "the largest, not the mean"),
    }
    for mode, layers, law, goals in (
        ("training", training, largest_kept, [Goal(OURS, "F.dropout, then max_pool2d", 1 / 1.5)]),
        ("evaluation", evaluation, expected, []),
    ):
        makers = {
            name: partial(contestant, layer, law, another)
            for name, (layer, another) in layers.items()
        }
        work = f"MaxPoolDropout2d, 32 × 64 × 28 × 28, kernel 2, p = {P}, {mode}"
        yield Row(f"pooling {mode}", "pooling", work, makers, goals)
    yield weak(SHAPE, 4, "a window of 16 is the largest that a network sorts")
    yield weak((4, 8, 4, 4), 2, "a small map costs calls, a few for each exchange")
