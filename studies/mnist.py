"""Handwritten digits and a fully connected network: does dropout help, beside its rivals?

Data. MNIST. For each seed some of the 60 000 training images, drawn anew, are trained on: 1000,
5000 or 55 000; 5000 others choose the settings; all numbers that are reported are of the 10 000
test images, which choose nothing.

Network. 784-512-512-10, ReLU, He's start, float32. A seed fixes the images, the start, the order of
the batches and the masks; the first three are the same for all arms.

Training. AdamW, batches of 100; its rate rises over a twentieth of the steps and falls linearly to
zero. Two lengths, the longer four times the shorter: 120, 48 and 40 epochs of 1000, 5000 and 55 000
images.

Arms. No dropout; weight decay (AdamW's, decoupled); dropout of pixels and hidden units, as
Srivastava and others (2014); both; Gaussian dropout at the same places; DropConnect on the second
layer, a mask an example; standout in both hidden layers. Early stopping is no training of its own:
"none" is read at its end, where its error and where its likelihood was best on the choosing images.

Tuning. For each size and arm, the long length, one seed that is not reported; each setting at two
rates of learning. The setting with the least error on the choosing images goes on; "none" goes on
at both rates. DropConnect, which takes over ten times as long, is tried with 5000 images alone, its
two rates over the short length, at the rate of learning that dropout chose. For 55 000 images
nothing is tuned: they take what 5000 chose.

Reported. Five seeds, three for DropConnect and for 55 000 images; error and negative log-likelihood
on twelve steps of every training. DropConnect's test rules: matched moments, mean weights, and the
average over ten masks.

Tried before, on seed 0: 512 units and 20 epochs of 60 000 images, where dropout lost in error.
"""

from typing import Any

import torch
from torch import Tensor, nn

from dropoutbook import DropConnect, Dropout, GaussianDropout, Standout
from studies.choice import Row, best, cases
from studies.data import split
from studies.descent import classify, initialize, logits, masks, scores_of

DATA = ("mnist",)
FULL = {
    "data": "mnist",
    "sizes": {1000: (300, 1200), 5000: (600, 2400)},  # images: steps
    "drop_connect": 5000,
    "largest": {55_000: (5500, 22_000)},
    "choice": 5000,
    "width": 512,
    "seeds": 5,
    "few": 3,
    "batch": 100,
}
TOY = FULL | {
    "data": "made",
    "sizes": {50: (20, 40)},
    "drop_connect": 50,
    "largest": {100: (20, 40)},
    "choice": 50,
    "width": 8,
    "seeds": 2,
    "few": 1,
    "batch": 10,
}

TUNING_SEED = 100
LEARNING_RATES = (5e-4, 2e-3)
PLACES = [{"p": 0.5, "p_input": 0.2}, {"p": 0.25, "p_input": 0.1}, {"p": 0.5, "p_input": 0.0}]
SETTINGS: dict[str, list[dict[str, float]]] = {
    "none": [{}],
    "weight decay": [{"weight_decay": decay} for decay in (0.1, 0.3, 1.0, 3.0, 10.0)],
    "dropout": PLACES,
    "dropout and weight decay": [PLACES[0] | {"weight_decay": decay} for decay in (0.1, 0.3, 1.0)],
    "Gaussian dropout": PLACES,
    "standout": [
        {"alpha": 1.0, "beta": 0.0, "p_input": 0.0},
        {"alpha": 1.0, "beta": 0.0, "p_input": 0.2},
        {"alpha": 1.0, "beta": 1.0, "p_input": 0.2},
        {"alpha": 0.5, "beta": 0.0, "p_input": 0.2},
    ],
}
DROP_CONNECT = [{"p": 0.5}, {"p": 0.25}]
LARGEST = ("none", "weight decay", "dropout")


def study(run: Any, plan: dict[str, Any]) -> list[Row]:
    rows: list[Row] = []
    base = {"data": plan["data"], "choice": plan["choice"], "width": plan["width"]}
    base |= {"batch": plan["batch"]}

    def do(stage: str, arms: dict[str, list[Row]], **axes: Any) -> list[Row]:
        points = [
            base | {"arm": arm} | given | point
            for arm, settings in arms.items()
            for given in settings
            for point in cases(**axes)
        ]
        rows.extend(new := run(train, points, stage=stage))
        return new

    def tuned(found: list[Row], arm: str) -> list[Row]:
        of_arm = [row for row in found if row["arm"] == arm]
        return [best(of_arm, "setting", "learning_rate", by="choice_error")]

    seeds, few = range(plan["seeds"]), range(plan["few"])
    for size, lengths in plan["sizes"].items():
        every = {
            arm: cases(setting=settings, learning_rate=LEARNING_RATES)
            for arm, settings in SETTINGS.items()
        }
        found = do("tuning", every, size=[size], steps=lengths[-1:], seed=[TUNING_SEED])
        chosen = {arm: tuned(found, arm) for arm in SETTINGS} | {"none": every["none"]}
        if size == plan["drop_connect"]:
            rate = chosen["dropout"][0]["learning_rate"]
            slow = {"DropConnect": cases(setting=DROP_CONNECT, learning_rate=[rate])}
            found = do("tuning", slow, size=[size], steps=lengths[:1], seed=[TUNING_SEED])
            slow = {"DropConnect": tuned(found, "DropConnect")}
            do("final", slow, size=[size], steps=lengths[::-1], seed=few)
        do("final", chosen, size=[size], steps=lengths[::-1], seed=seeds)
    for size, lengths in plan["largest"].items():
        arms = {arm: chosen[arm] for arm in LARGEST}
        do("final", arms, size=[size], steps=lengths[::-1], seed=few)
    return rows


def train(
    *,
    data: str,
    choice: int,
    width: int,
    batch: int,
    arm: str,
    setting: dict[str, float],
    learning_rate: float,
    size: int,
    steps: int,
    seed: int,
) -> Row:
    generator, images = masks(seed), split(data, size, choice, seed)
    inner = {name: value for name, value in setting.items() if name != "weight_decay"}
    net = network(arm, width, generator, **inner)
    initialize(net, seed)
    curves = classify(
        net,
        images,
        seed=seed,
        steps=steps,
        batch=batch,
        learning_rate=learning_rate,
        weight_decay=setting.get("weight_decay", 0.0),
    )
    return curves | (
        {"rules": drop_connect_rules(net, *images.test)} if arm == "DropConnect" else {}
    )


def network(
    arm: str,
    width: int,
    generator: torch.Generator,
    *,
    p: float = 0.0,
    p_input: float = 0.0,
    alpha: float = 1.0,
    beta: float = 0.0,
) -> nn.Sequential:
    noise = GaussianDropout if arm == "Gaussian dropout" else Dropout
    pixels = [nn.Flatten(), noise(p_input, generator=generator)]
    first, second, last = nn.Linear(784, width), nn.Linear(width, width), nn.Linear(width, 10)
    if arm == "DropConnect":
        middle = DropConnect(width, width, p=p, generator=generator)
        return nn.Sequential(*pixels, first, nn.ReLU(), middle, last)
    if arm == "standout":
        gates = {"alpha": alpha, "beta": beta, "generator": generator}
        hidden = [Standout(784, width, **gates), Standout(width, width, **gates)]
        return nn.Sequential(*pixels, *hidden, last)
    hidden = [(each, nn.ReLU(), noise(p, generator=generator)) for each in (first, second)]
    return nn.Sequential(*pixels, *hidden[0], *hidden[1], last)


def drop_connect_rules(net: nn.Sequential, x: Tensor, y: Tensor, passes: int = 10) -> Row:
    """DropConnect's scores with mean weights in place of matched moments, and over masks."""
    (place,) = (index for index, layer in enumerate(net) if isinstance(layer, DropConnect))
    sampled = net[place]
    mean = nn.Sequential(nn.Linear(sampled.in_features, sampled.out_features), nn.ReLU())
    with torch.no_grad():
        mean[0].weight.copy_((1 - sampled.p) * sampled.weight)
        mean[0].bias.copy_((1 - sampled.p) * sampled.bias)
    by_mean = logits(nn.Sequential(*net[:place], mean, *net[place + 1 :]).eval(), x)
    net.eval()
    sampled.train()
    over_masks = sum(logits(net, x).softmax(1) for _ in range(passes)) / passes
    return {
        "matched moments": scores_of(logits(net.eval(), x), y),
        "mean weights": scores_of(by_mean, y),
        "masks": scores_of(over_masks.log(), y),
    }
