"""What a training shows on its way: readings of every seed at chosen numbers of steps."""

from collections.abc import Collection
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from dropoutbook.lab.data import Digits
from dropoutbook.lab.stacked_mlp import StackedMLP, percent_wrong
from dropoutbook.lab.train import train


class Labeled(NamedTuple):
    """Pixels (seed, example, 64) with their labels (seed, example)."""

    x: Tensor
    y: Tensor


class LearningCurve(NamedTuple):
    """Readings of S networks in evaluation mode, each (stage, seed), after `steps`, (stage,).

    net: the networks after the last step.
    error: wrong predictions on the test set, percent.
    nll: mean negative log-likelihood of the test labels, nats.
    memorized: share of the wrong training labels that are predicted, percent; NaN without any.
    learned: the same share of the right training labels.
    validation_error, validation_nll: `error` and `nll` on the validation set.
    """

    net: StackedMLP
    steps: list[int]
    error: Tensor
    nll: Tensor
    memorized: Tensor
    learned: Tensor
    validation_error: Tensor
    validation_nll: Tensor

    def at(self, steps: int, reading: str) -> Tensor:
        """One reading after so many steps, (seed,)."""
        return getattr(self, reading)[self.steps.index(steps)]

    def best(self, reading: str, by: str = "error") -> Tensor:
        """One reading of each seed, (seed,), at the stage that its validation set would choose.

        Args:
            reading: the name of a reading.
            by: "error" or "nll", what is lowest on the validation set at that stage.
        """
        stage = getattr(self, f"validation_{by}").argmin(0, keepdim=True)
        return getattr(self, reading).gather(0, stage)[0]


def hold_out(data: Digits, size: int) -> tuple[Digits, Labeled]:
    """Takes the last `size` training images of each seed as a validation set.

    Its labels are those given for training, the wrong ones included.

    Raises:
        ValueError: if `size` leaves no image on one of the sides.
    """
    examples = data.y_train.shape[1]
    if size not in range(1, examples):
        raise ValueError(f"size must be an integer in [1, {examples - 1}], got {size!r}")
    kept = slice(examples - size)
    parts = {name: getattr(data, name)[:, kept] for name in ("x_train", "y_train", "wrong")}
    held = Labeled(data.x_train[:, kept.stop :], data.y_train[:, kept.stop :])
    return data._replace(**parts), held


def learning_curve(
    data: Digits, rates: Any, validation: Labeled, at: Collection[int], **settings: Any
) -> LearningCurve:
    """Trains as `train` does, and reads the networks on the way.

    Args:
        data, rates: as in `dropoutbook.lab.train.train`.
        validation: what `best` chooses by; see `hold_out`.
        at: the numbers of steps after which to read; the largest is the length of the training.
        settings: others of `train`.
    """
    rows: list[list[Tensor]] = []

    def watch(step: int, net: StackedMLP) -> None:
        if step in at:
            rows.append(_readings(net, data, validation))

    net = train(data, rates, steps=max(at), watch=watch, **settings)
    readings = (torch.stack(column) for column in zip(*rows, strict=True))
    return LearningCurve(net, sorted(at), *readings)


def _readings(net: StackedMLP, data: Digits, validation: Labeled) -> list[Tensor]:
    with torch.no_grad():
        hit = net(data.x_train).argmax(-1) == data.y_train
        test, held = (_scores(net, *part) for part in ((data.x_test, data.y_test), validation))
    shares = [
        100 * (hit & some).sum(1).double() / some.sum(1) for some in (data.wrong, ~data.wrong)
    ]
    return [*test, *shares, *held]


def _scores(net: StackedMLP, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    logits = net(x)
    nll = functional.cross_entropy(logits.transpose(1, 2), y, reduction="none")
    return percent_wrong(logits.argmax(-1), y), nll.mean(1)
