"""The doubt of a classifier: is MC dropout worth its passes, beside its rivals?

Data. MNIST. For each repetition 10 000 of the 60 000 training images, drawn anew, are trained on,
and 2500 others choose the settings and fit the temperatures. Read are the 10 000 test images; every
third of them rotated by 30, 60 and 90 degrees (about the center, bilinear, zero outside); and, as
strangers, every third test image of Fashion-MNIST. They choose nothing.

Network. 784-512-512-10, ReLU, dropout at p behind both hidden layers, p = 0, 0.1 and 0.5, He's
start, float32. The seed of a repetition fixes the images of all its networks. Member m of an
ensemble has a start, an order of the batches and masks from a seed of its own, the same for all p.

Training. AdamW, batches of 100; its rate rises over a twentieth of the steps and falls linearly to
zero. Two lengths, 10 and 20 epochs. On the way a network is read on every fifth test image.

Predictors. "one pass" without masks; "stopped", one pass of the same network as it was when its
likelihood on the choosing images was best, of twelve readings; "MC", 30 passes with masks;
"ensemble", one pass of each of five networks, without dropout, and at the p that tuning
preferred. MC and ensembles average probabilities. The first member of an ensemble is the network
of the other predictors; no network serves two repetitions. Each predictor is read as it is, and
scaled: softmax(ln(mean probabilities) / T), T with the best likelihood on the choosing images.

Tuning. Two rates of learning for each p, the long length, one seed that is not reported. The one
with the best last likelihood on the choosing images goes on; without dropout both do, the other
as a single network. Likelihood, not error: probabilities are what is read.

Reported. Five repetitions. Error and expected calibration error (confidence in 15 equal bins) in
percent, negative log-likelihood in nats, Brier score (summed over classes), where classes are true.
Areas under the ROC curve: "auc_test" tells each set from the test images, "auc_errors" the
predictor's wrong from its right predictions in the same set; the same doubt on both sides, entropy
or, over masks or members, mutual information. Double precision from the logits on, in which no
probability is rounded to zero.

Tried before, on one seed of other streams: 15 epochs, where all errors were equal within 0.1
points, dropout told Fashion-MNIST better in one pass, 30 passes added 0.01 to the area, mutual
information nothing, and one temperature was better than MC on test images.
"""

from collections.abc import Sequence
from functools import partial
from itertools import count
from typing import Any

import numpy as np
import torch
from scipy.ndimage import rotate
from torch import Tensor, nn
from torch.special import entr

from dropoutbook import Dropout, mc_classify
from studies.choice import Row, best, cases
from studies.data import CLASSES, Split, images, split
from studies.descent import classify, initialize, logits, masks, reading_steps
from studies.doubt import Predictor, Shown, judge

DATA = ("mnist", "fashion-mnist")
FULL = {
    "data": "mnist",
    "stranger": "fashion-mnist",
    "size": 10_000,
    "choice": 2500,
    "lengths": (1000, 2000),
    "width": 512,
    "batch": 100,
    "samples": 30,
    "members": 5,
    "seeds": 5,
}
TOY = FULL | {
    "data": "made",
    "stranger": "made",
    "size": 100,
    "choice": 100,
    "lengths": (20, 40),
    "width": 16,
    "batch": 10,
    "samples": 5,
    "members": 2,
    "seeds": 2,
}

TUNING_SEED = 100
LEARNING_RATES = (5e-4, 2e-3)
RATES = (0.0, 0.1, 0.5)
ANGLES = (30, 60, 90)
NEXT_MEMBER = 1000  # from a seed to that of the next member


def study(run: Any, plan: dict[str, Any]) -> list[Row]:
    base = {name: plan[name] for name in ("data", "size", "choice", "width", "batch")}
    lengths, of_sets = plan["lengths"], {name: plan[name] for name in ("stranger", "samples")}
    tried = cases(p=RATES, learning_rate=LEARNING_RATES, steps=lengths[-1:], seed=[TUNING_SEED])
    rows: list[Row] = run(train, [base | each for each in tried], stage="tuning")

    def tuned(*among: float) -> Row:
        found = [row for row in rows if row["p"] in among]
        return best(found, "p", "learning_rate", by="choice_nll")

    chosen, ensembles = [tuned(p) for p in RATES], (0.0, tuned(*RATES[1:])["p"])
    arms = [arm | {"members": plan["members"] if arm["p"] in ensembles else 1} for arm in chosen]
    arms += [
        {"p": 0.0, "learning_rate": rate, "members": 1}
        for rate in LEARNING_RATES
        if rate != chosen[0]["learning_rate"]
    ]
    points = cases(steps=lengths[::-1], seed=range(plan["seeds"]))
    points = [base | of_sets | arm | point for arm in arms for point in points]
    for result in run(read, points, stage="final"):
        networks, readings = result.pop("networks"), result.pop("readings")
        rows += [result | {"stage": "network"} | curves for curves in networks]
        rows += [result | reading for reading in readings]
    return rows


def train(*, data: str, size: int, choice: int, seed: int, **settings: Any) -> Row:
    return trained(split(data, size, choice, seed), seed=seed, **settings)[-1]


def read(
    *,
    data: str,
    stranger: str,
    size: int,
    choice: int,
    samples: int,
    members: int,
    seed: int,
    **settings: Any,
) -> Row:
    parts = split(data, size, choice, seed)
    seeds = [seed + member * NEXT_MEMBER for member in range(members)]
    nets, stopped, networks = zip(
        *(trained(parts, seed=each, **settings) for each in seeds), strict=True
    )
    predictors: dict[str, Predictor] = {
        "one pass": partial(passes, nets[:1]),
        "stopped": partial(passes, stopped[:1]),
    }
    if settings["p"]:
        predictors["MC"] = partial(monte_carlo, nets[0], samples)
    if members > 1:
        predictors["ensemble"] = partial(passes, nets)
    shown = {"test": parts.test} | shifted(data, stranger)
    return {
        "networks": [
            {"network_seed": each, **curves} for each, curves in zip(seeds, networks, strict=True)
        ],
        "readings": [
            {"predictor": name, **reading}
            for name, predict in predictors.items()
            for reading in judge(predict, parts.choice, shown)
        ],
    }


def trained(
    parts: Split, *, p: float, width: int, batch: int, learning_rate: float, steps: int, seed: int
) -> tuple[nn.Module, nn.Module, Row]:
    """A network at its end, as it was when its likelihood was best, and its curves."""
    net, stopped = network(p, width, masks(seed)), network(p, width, masks(seed))
    initialize(net, seed)
    read_at, states, steps_done = reading_steps(steps), [], count(1)

    def keep() -> None:
        if next(steps_done) in read_at:
            states.append({name: value.clone() for name, value in net.state_dict().items()})

    x, y = parts.test
    parts = parts._replace(test=(x[::5], y[::5]))
    curves = classify(
        net,
        parts,
        seed=seed,
        steps=steps,
        batch=batch,
        learning_rate=learning_rate,
        after_step=keep,
    )
    stopped.load_state_dict(states[int(np.argmin(curves["choice_nll"]))])
    return net, stopped, curves


def network(p: float, width: int, generator: torch.Generator) -> nn.Sequential:
    def hidden(inputs: int) -> list[nn.Module]:
        return [nn.Linear(inputs, width), nn.ReLU(), Dropout(p, generator=generator)]

    return nn.Sequential(nn.Flatten(), *hidden(784), *hidden(width), nn.Linear(width, CLASSES))


def shifted(data: str, stranger: str) -> Shown:
    """Every third test image, rotated; and strangers, which have no true class."""
    x, y = (part[::3] for part in images(data)[2:])
    sets: Shown = {}
    for angle in ANGLES:
        turned = rotate(x.numpy(), angle, axes=(-2, -1), reshape=False, order=1)
        sets[f"rotated {angle}"] = torch.from_numpy(turned), y
    return sets | {"stranger": (images(stranger).x_test[::3], None)}


class Double(nn.Module):
    """The same in double precision."""

    def forward(self, x: Tensor) -> Tensor:
        return x.double()


def monte_carlo(net: nn.Module, samples: int, x: Tensor) -> tuple[Tensor, Tensor]:
    found = mc_classify(nn.Sequential(net, Double()), x, samples)
    return found.mean, found.mutual_information


def passes(nets: Sequence[nn.Module], x: Tensor) -> tuple[Tensor, Tensor | None]:
    every = torch.stack([logits(net.eval(), x).double().softmax(1) for net in nets])
    mean = every.mean(0)
    return mean, entr(mean).sum(1) - entr(every).sum(2).mean(0) if len(nets) > 1 else None
