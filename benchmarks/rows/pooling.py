"""Max-pooling dropout, in training and in evaluation."""

from collections.abc import Callable, Iterator
from functools import partial

import torch
from torch import Tensor
from torch.nn.functional import dropout, max_pool2d

from benchmarks.contestants import Layer, forward
from benchmarks.laws import fresh, shaped
from benchmarks.row import OURS, Contestant, Goal, Row
from dropoutbook import MaxPoolDropout2d

SHAPE, KERNEL, P = (32, 64, 28, 28), 2, 0.5
POOLED = (32, 64, 14, 14)


def largest_kept(layer: Layer) -> str:
    """Of windows 1, 2, 3, 4 the i-th smallest wins with probability (1 - p) p**(4 - i)."""
    values = torch.arange(1.0, 5.0).view(2, 2).repeat(14, 14).expand(SHAPE)
    first, second = layer(values), layer(values)
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
    values = torch.arange(1.0, 5.0).view(2, 2).repeat(14, 14).expand(SHAPE)
    mean = sum(i * (1 - P) * P ** (4 - i) for i in range(1, 5))
    found = layer(values)
    right = torch.allclose(found, torch.full(POOLED, mean), rtol=1e-5)
    return shaped(found, POOLED) or ("" if right else f"{found.flatten()[0]:.4g}, not {mean:.4g}")


def contestant(layer: Layer, x: Tensor, law: Callable[[Layer], str], another: str) -> Contestant:
    return forward(layer, x, lambda: law(layer), another_law=another)


def rows() -> Iterator[Row]:
    x = torch.randn(SHAPE)
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
            name: partial(contestant, layer, x, law, another)
            for name, (layer, another) in layers.items()
        }
        work = f"MaxPoolDropout2d, 32 × 64 × 28 × 28, kernel 2, p = {P}, {mode}"
        yield Row(f"pooling {mode}", "pooling", work, makers, goals)
