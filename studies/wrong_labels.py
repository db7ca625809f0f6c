"""Digits with wrong labels, and with true ones: does dropout stop memorizing, and does it help?

Data. Scikit-learn's digits, 8 by 8 pixels; no download. Each seed draws its own 1000 training
images; 40 % or none of their labels are replaced by a wrong one, uniform over the nine others. The
other 797 images test, with true labels.

Network. 64-128-128-10, ReLU, He's start, float64. A seed fixes split, wrong labels, start and order
of the batches; each seed has masks of its own.

Training. AdamW with step size 0.003 on batches of 50, 4000 steps, that is 200 epochs; twelve
readings on the way, so that each arm can be read at equal lengths (500, 1500 and 4000 steps) and at
its own.

Arms. No dropout; weight decay (AdamW's, decoupled); dropout of the hidden layers at five rates;
both, or with true labels also dropout of the pixels. Early stopping is no training of its own:
"none", read where its choosing error is least.

Tuning. Five seeds that are not reported, trained on the first 800 of their 1000 images, choose by
the error on the last 200, whose labels are as wrong. What is chosen is the setting of each arm at
each length, and the setting and the length together ("its own length").

Reported. Ten seeds, trained on all 1000 images, with every setting, chosen or not. For each seed
the test error, the negative log-likelihood of the test labels, and the share of the wrong training
labels that a network gives.

Tried before, on other seeds and without tuning: 500 steps, where dropout memorized 4 % of the wrong
labels, and up to 4000 steps, where it memorized two thirds.
"""

import time
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from dropoutbook.lab.data import Digits, noisy_digits
from dropoutbook.lab.train import train
from studies.choice import Row

DATA = ()
FULL = {
    "step": (25, 50, 100, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 4000),
    "reported": range(10),
    "tuning": range(100, 105),
    "hidden": (128, 128),
}
TOY = {"step": (2, 10), "reported": range(2), "tuning": range(100, 101), "hidden": (8, 8)}

RATES = (0.1, 0.3, 0.5, 0.7, 0.8)
DECAYS = (0.3, 1.0, 2.0, 4.0)
NONE: list[Row] = [{"arm": "none"}]
DECAY: list[Row] = [{"arm": "weight decay", "weight_decay": decay} for decay in DECAYS]
DROPOUT: list[Row] = [{"arm": "dropout", "p": p} for p in RATES]
BOTH: list[Row] = [
    {"arm": "dropout and weight decay", "p": p, "weight_decay": decay}
    for p in (0.3, 0.5)
    for decay in (0.3, 1.0)
]
PIXELS: list[Row] = [
    {"arm": "dropout of pixels and hidden units", "p": p, "p_input": p_input}
    for p, p_input in ((0.5, 0.2), (0.3, 0.1), (0.1, 0.1))
]
ARMS = {0.4: NONE + DECAY + DROPOUT + BOTH, 0.0: NONE + DECAY[:2] + DROPOUT[:3] + PIXELS}
TRAINED = 800  # of the 1000 images, in tuning; the others choose
SCORES = ("test_error", "test_nll", "choice_error", "memorized")


def study(run: Any, plan: dict[str, Any]) -> list[Row]:
    shape = {"hidden": plan["hidden"], "step": plan["step"]}
    points = [shape | {"label_noise": noise} | arm for noise, arms in ARMS.items() for arm in arms]
    rows = []
    for stage in ("tuning", "reported"):
        seeds = tuple(plan[stage])
        cases = [point | {"seeds": seeds, "choose": stage == "tuning"} for point in points]
        rows += [row for together in run(curves, cases, stage=stage) for row in apart(together)]
    return rows


def apart(row: Row) -> list[Row]:
    """One row for each seed of networks that were trained in one tensor."""
    lists, seeds = [name for name in row if name in SCORES], row["seeds"]
    common = {name: value for name, value in row.items() if name not in ("seeds", *lists)}
    common["seconds"] = row["seconds"] / len(seeds)
    return [
        common | {"seed": seed} | {name: row[name][place] for name in lists}
        for place, seed in enumerate(seeds)
    ]


def curves(
    *,
    seeds: tuple[int, ...],
    label_noise: float,
    choose: bool,
    arm: str,
    hidden: tuple[int, ...],
    step: tuple[int, ...],
    p: float = 0.0,
    p_input: float = 0.0,
    weight_decay: float = 0.0,
) -> Row:
    """A list for each seed and score, with the value at each reading."""
    data, found, started = noisy_digits(seeds, label_noise=label_noise), [], time.process_time()
    trained = first(data, TRAINED) if choose else data
    held = (data.x_train[:, TRAINED:], data.y_train[:, TRAINED:])

    def read(now: int, net: nn.Module) -> None:
        if now in step:
            scores = {"test_error": net.error(data.x_test, data.y_test)}
            scores["test_nll"] = likelihood(net, data.x_test, data.y_test)
            scores |= {"choice_error": net.error(*held)} if choose else {}
            found.append(scores | ({"memorized": memorized(net, trained)} if label_noise else {}))

    generator = torch.Generator().manual_seed(sum(seeds))
    train(
        trained,
        p,
        input_rate=p_input,
        hidden=hidden,
        steps=max(step),
        weight_decay=weight_decay,
        generator=generator,
        watch=read,
    )
    by_seed = {name: torch.stack([one[name] for one in found], 1).tolist() for name in found[0]}
    return by_seed | {"seconds": time.process_time() - started}


def first(data: Digits, rows: int) -> Digits:
    """The same, trained on its first rows alone."""
    parts = {name: getattr(data, name)[:, :rows] for name in ("x_train", "y_train", "wrong")}
    return data._replace(**parts)


@torch.no_grad()
def likelihood(net: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    """The mean negative log-likelihood of the classes for each seed, in nats."""
    return functional.cross_entropy(net(x).mT, y, reduction="none").mean(1)


def memorized(net: nn.Module, data: Digits) -> Tensor:
    """Of the wrong training labels, the share in percent that each network gives."""
    hits = (net.predict(data.x_train) == data.y_train) & data.wrong
    return 100 * hits.sum(1) / data.wrong.sum(1)
