"""Training S seeds at once, in pairs that differ in dropout alone."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from dropoutbook import Dropout
from dropoutbook.lab.data import CLASSES, Digits
from dropoutbook.lab.progress import progress
from dropoutbook.lab.stacked_mlp import StackedMLP
from dropoutbook.lab.streams import stream

Net = TypeVar("Net", bound=nn.Module)


def cross_entropy(net: Callable[[Tensor], Tensor], x: Tensor, y: Tensor) -> Tensor:
    """The mean over the examples of a seed, added up over the seeds.

    They share no weight, so the sum gives each its own gradient.

    Args:
        net: maps `x` to logits (seed, example, class).
        x, y: of the examples, (seed, example, ...) and (seed, example).
    """
    logits = net(x).flatten(0, 1)
    return functional.cross_entropy(logits, y.flatten(), reduction="sum") / y.shape[1]


def train(
    data: Digits,
    rates: float | Sequence[float] = 0.0,
    *,
    input_rate: float = 0.0,
    hidden: Sequence[int] = (128, 128),
    steps: int = 500,
    batch: int = 50,
    learning_rate: float = 3e-3,
    weight_decay: float = 0.0,
    dropout: Callable[..., nn.Module] = Dropout,
    generator: torch.Generator | None = None,
    objective: Callable[[StackedMLP, Tensor, Tensor], Tensor] = cross_entropy,
    watch: Callable[[int, StackedMLP], None] | None = None,
) -> StackedMLP:
    """Trains one network a seed with AdamW on the cross-entropy; returned in evaluation mode.

    A seed fixes split, initial weights and mini-batches whatever the rates are, so two calls on
    the same `data` differ in dropout alone and can be compared in pairs.

    Args:
        data: one split a seed.
        rates: drop probability of the hidden layers, one for all or one for each.
        input_rate: drop probability of the pixels.
        hidden: units in each hidden layer.
        steps: steps of AdamW; no early stopping.
        batch: examples in a mini-batch, at most the training examples of a seed.
        learning_rate: AdamW's step size.
        weight_decay: AdamW's, which shrinks every weight by learning_rate * weight_decay a step.
        dropout: makes the dropout layers, called as dropout(p, generator=generator).
        generator: source of the dropout masks; None means PyTorch's global one.
        objective: what is minimized, called as objective(net, x, y) on a mini-batch of each seed
            and added up over the seeds.
        watch: called as watch(step, net) after each step, counted from 1, with the network in
            evaluation mode.

    Raises:
        ValueError: if the rates do not fit `hidden`, or `batch` the training set.
    """
    rates = [rates] * len(hidden) if isinstance(rates, int | float) else list(rates)
    widths = [data.x_train.shape[-1], *hidden, CLASSES]
    net = StackedMLP(widths, [input_rate, *rates], data.seeds, dropout=dropout, generator=generator)
    return fit(
        net,
        data,
        steps=steps,
        batch=batch,
        learning_rate=learning_rate,
        weight_decay=weight_decay,
        objective=objective,
        watch=watch,
    )


def fit(
    net: Net,
    data: Digits,
    *,
    steps: int,
    batch: int,
    learning_rate: float = 3e-3,
    weight_decay: float = 0.0,
    objective: Callable[[Net, Tensor, Tensor], Tensor] = cross_entropy,
    watch: Callable[[int, Net], None] | None = None,
) -> Net:
    """AdamW on the cross-entropy of a stacked network, one for each seed; returns it in evaluation.

    Args:
        net: maps pixels (seed, example, 64) to logits (seed, example, class).
        data, steps, batch, learning_rate, weight_decay, objective, watch: as in `train`.

    Raises:
        ValueError: if `batch` does not fit the training set.
    """
    optimizer = torch.optim.AdamW(
        net.parameters(), lr=learning_rate, weight_decay=weight_decay, fused=True
    )
    order = minibatches(data, steps, batch)
    every = torch.arange(len(data.seeds))[:, None]
    for step, rows in enumerate(progress(order, "step"), 1):
        optimizer.zero_grad()
        objective(net, data.x_train[every, rows], data.y_train[every, rows]).backward()
        optimizer.step()
        if watch:
            watch(step, net.eval())
            net.train()
    return net.eval()


def minibatches(data: Digits, steps: int, batch: int) -> Tensor:
    """Rows of each mini-batch, (step, seed, batch): epochs shuffled by each seed's own stream.

    Raises:
        ValueError: if `batch` is not in [1, training examples of a seed], or `steps` below 1.
    """
    examples = data.y_train.shape[1]
    if not 1 <= batch <= examples:
        raise ValueError(f"batch must be in [1, {examples}], got {batch!r}")
    if not steps >= 1:
        raise ValueError(f"steps must be at least 1, got {steps!r}")
    return torch.from_numpy(
        np.stack([_epochs(seed, examples, steps, batch) for seed in data.seeds], axis=1)
    )


def _epochs(seed: int, examples: int, steps: int, batch: int) -> np.ndarray:
    rng = stream(seed, "order")
    epochs = -(-steps * batch // examples)
    rows = np.concatenate([rng.permutation(examples) for _ in range(epochs)])
    return rows[: steps * batch].reshape(steps, batch)
