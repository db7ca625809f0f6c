"""The one descent that every network of the studies takes, and what is read off on the way."""

import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR

from dropoutbook.lab.streams import stream
from studies.data import Labeled, Split

WARM_UP = 1 / 20  # of the steps
READINGS = (0.02, 0.04, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.55, 0.7, 0.85, 1.0)  # shares of the steps


def masks(seed: int) -> torch.Generator:
    """What dropout draws from under a seed."""
    return torch.Generator().manual_seed(int(stream(seed, "masks").integers(2**63)))


@torch.no_grad()
def initialize(net: nn.Module, seed: int) -> None:
    """Weights N(0, 2 / inputs) (He et al. 2015) from the seed's own stream, whatever the arm."""
    rng = stream(seed, "weights")
    for name, parameter in net.named_parameters():
        if parameter.ndim > 1:
            draws = rng.standard_normal(parameter.shape)
            parameter.copy_(torch.from_numpy(draws * (2 / parameter[0].numel()) ** 0.5))
        elif name.endswith("bias"):
            parameter.zero_()


def optimizer(
    net: nn.Module, steps: int, learning_rate: float, weight_decay: float
) -> tuple[AdamW, LambdaLR]:
    """AdamW, whose rate rises over the first steps, and falls linearly to zero."""
    adam = AdamW(net.parameters(), learning_rate, weight_decay=weight_decay, fused=True)
    warm_up = max(1, round(WARM_UP * steps))
    return adam, LambdaLR(adam, lambda step: min((step + 1) / warm_up, 1) * (1 - step / steps))


def reading_steps(steps: int) -> list[int]:
    """After which of the steps the networks are read, closer together at the start."""
    return sorted({max(1, round(share * steps)) for share in READINGS})


def classify(
    net: nn.Module,
    data: Split,
    *,
    seed: int,
    steps: int,
    batch: int,
    learning_rate: float,
    weight_decay: float = 0.0,
    after_step: Callable[[], Any] | None = None,
) -> dict[str, Any]:
    """Trains a classifier; its curves, in percent and nats, and the CPU seconds of the training.

    The training images are scored as the others are, without dropout, and at most 2000 of them.
    `after_step` is called after every step, as a `DropScheduler` asks for.
    """
    adam, rate = optimizer(net, steps, learning_rate, weight_decay)
    x, y = data.train
    shown = {"train": (x[:2000], y[:2000]), "choice": data.choice, "test": data.test}
    names = [f"{name}_{what}" for name in shown for what in ("error", "nll")]
    curves: dict[str, Any] = {"step": reading_steps(steps)} | {name: [] for name in names}
    rng, rows, seconds = stream(seed, "order"), torch.empty(0, dtype=torch.int64), 0.0
    for step in range(1, steps + 1):
        started = time.process_time()
        if len(rows) < batch:
            rows = torch.from_numpy(rng.permutation(len(x)))
        chosen, rows = rows[:batch], rows[batch:]
        loss = functional.cross_entropy(net.train()(x[chosen]), y[chosen])
        adam.zero_grad()
        loss.backward()
        adam.step()
        rate.step()
        if after_step:
            after_step()
        seconds += time.process_time() - started
        if step in curves["step"]:
            for name, labeled in shown.items():
                for what, value in scores(net, labeled).items():
                    curves[f"{name}_{what}"].append(value)
    return curves | {"seconds": seconds}


def scores(net: nn.Module, labeled: Labeled) -> dict[str, float]:
    """The error of a network in evaluation, in percent, and its mean negative log-likelihood."""
    return scores_of(logits(net.eval(), labeled[0]), labeled[1])


@torch.no_grad()
def logits(net: nn.Module, x: Tensor) -> Tensor:
    """What a network gives as it is, 1000 images at a time."""
    return torch.cat([net(part) for part in x.split(1000)])


def scores_of(predicted: Tensor, y: Tensor) -> dict[str, float]:
    """The same of logits, or of log probabilities."""
    error = 100 * (predicted.argmax(1) != y).double().mean()
    return {"error": error.item(), "nll": functional.cross_entropy(predicted, y).item()}
