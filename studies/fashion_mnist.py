"""Pictures of clothes and a small convolutional network: which dropout helps in feature maps?

Data. Fashion-MNIST. For each seed 3000 of the 60 000 training images, drawn anew, are trained on;
5000 others choose the settings; all numbers that are reported are of the 10 000 test images, which
choose nothing: the trainings that settings are chosen from are not scored on them.

Network. Three 3 by 3 convolutions with 16, 32 and 64 channels, each with a ReLU and then a 2 by 2
max pooling; 128 dense units with a ReLU; ten logits. He's start, float32. A seed fixes the images,
the start, the order of the batches and the masks; the first three are the same for all arms.

Training. AdamW, batches of 50; its rate rises over a twentieth of the steps and falls linearly to
zero. No augmentation. Two lengths, 20 epochs and 5; with batch norm the longer alone.

Arms. No dropout; weight decay (AdamW's, decoupled, of all parameters); dropout of the inputs of
both dense layers ("dense dropout"); and five that act behind the ReLU of the second and the third
convolution, on maps of 14 by 14 and 7 by 7 units: spatial dropout; DropBlock, with blocks of 5 and
3 units, at the exact rate ("uniform") and at that of its paper, both fixed, and at the exact rate
growing linearly from 0 over the whole training; max-pooling dropout, which takes the place of these
two poolings. No arm combines two. Early stopping is no training of its own: "none" is read at its
end, and where its error and where its likelihood was best on the choosing images.

Batch norm. All arms without it; "none", weight decay, dense dropout, spatial dropout and DropBlock
at the fixed exact rate also with it, between each convolution and its ReLU. What is dropped in the
maps stands behind one norm, and its noise reaches the variance that the next one measures; dense
dropout stands behind all norms.

Tuning. One seed that is not reported, the long length; what has the least error on the choosing
images at the end is chosen. Each setting of an arm is tried without batch norm at the rate of
learning 0.002, and the one that is chosen at 0.0005, too; with batch norm it is tried at both
rates. "none" goes on at both. Max-pooling dropout is chosen under weighted pooling.

Reported. Five seeds, 1 to 5; error and negative log-likelihood on twelve steps of a training. The
networks with max-pooling dropout are scored under four test rules: weighted pooling, their own;
plain max pooling; max pooling times 1 - p; and the mean of the probabilities under twenty masks.

Tried before, on seed 0, at the rate 0.002 and without batch norm: one setting or two of most arms
on 5000 images for 30 epochs, where the last error of "none" was within 0.6 points of that of
every dropout, and its likelihood far worse; and "none" on 3000 images for 24 epochs, with 16
channels in the first convolution, and with 8, which hardly overfitted.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from dropoutbook import (
    DropBlock,
    Dropout,
    DropScheduler,
    MaxPoolDropout2d,
    SpatialDropout,
    mc_classify,
)
from studies.choice import Row, best, cases
from studies.data import split
from studies.descent import classify, initialize, logits, masks, scores_of

DATA = ("fashion-mnist",)
FULL = {
    "data": "fashion-mnist",
    "size": 3000,
    "choice": 5000,
    "steps": (300, 1200),
    "width": 16,  # channels of the first convolution
    "batch": 50,
    "seeds": 5,
}
TOY = FULL | {
    "data": "made",
    "size": 50,
    "choice": 50,
    "steps": (2, 4),
    "width": 2,
    "batch": 10,
    "seeds": 2,
}

TUNING_SEED = 100
LEARNING_RATES = [2e-3, 5e-4]  # settings are tried at the first
MAP_RATES = [{"p": p} for p in (0.1, 0.2, 0.3)]
SETTINGS: dict[str, list[dict[str, float]]] = {
    "none": [{}],
    "weight decay": [{"weight_decay": decay} for decay in (0.1, 0.3, 1.0, 3.0)],
    "dense dropout": [{"p": p} for p in (0.3, 0.5, 0.7)],
    "spatial dropout": MAP_RATES,
    "DropBlock": MAP_RATES,
    "DropBlock, paper's rate": MAP_RATES,
    "DropBlock, ramped": [{"p": p} for p in (0.2, 0.3, 0.4)],
    "max-pooling dropout": [{"p": p} for p in (0.1, 0.3, 0.5)],
}
NORMED = ("none", "weight decay", "dense dropout", "spatial dropout", "DropBlock")
BLOCKS = (0, 5, 3)  # side of a block behind each convolution; 0: nothing is dropped there


def study(run: Any, plan: dict[str, Any]) -> list[Row]:
    rows: list[Row] = []
    base = {name: plan[name] for name in ("data", "size", "choice", "width", "batch")}

    def do(stage: str, arms: dict[str, list[Row]], **axes: Any) -> list[Row]:
        points = [
            base | {"arm": arm} | given | point
            for arm, settings in arms.items()
            for given in settings
            for point in cases(**axes, tested=[stage == "final"])
        ]
        rows.extend(new := run(train, points, stage=stage))
        return new

    def tune(norm: bool, settings: dict[str, list[Row]], rates: list[float]) -> list[Row]:
        every = {
            arm: cases(norm=[norm], setting=given, learning_rate=rates)
            for arm, given in settings.items()
        }
        return do("tuning", every, steps=[long], seed=[TUNING_SEED])

    short, long = plan["steps"]
    found = tune(False, SETTINGS, LEARNING_RATES[:1])
    settings = {arm: [point["setting"]] for arm, point in choose(found).items()}
    plain = choose(found + tune(False, settings, LEARNING_RATES[1:]))
    normed = choose(tune(True, {arm: settings[arm] for arm in NORMED}, LEARNING_RATES))
    for chosen, lengths in ((plain, [long, short]), (normed, [long])):
        final = {arm: [point] for arm, point in chosen.items()}
        final["none"] = [chosen["none"] | {"learning_rate": rate} for rate in LEARNING_RATES]
        do("final", final, steps=lengths, seed=range(1, 1 + plan["seeds"]))
    return rows


def choose(found: list[Row]) -> dict[str, Row]:
    """What goes on of each arm."""
    arms: dict[str, list[Row]] = {}
    for row in found:
        arms.setdefault(row["arm"], []).append(row)
    names = ("norm", "setting", "learning_rate")
    return {arm: best(rows, *names, by="choice_error") for arm, rows in arms.items()}


def train(
    *,
    data: str,
    size: int,
    choice: int,
    width: int,
    batch: int,
    arm: str,
    norm: bool,
    setting: dict[str, float],
    learning_rate: float,
    steps: int,
    seed: int,
    tested: bool,
) -> Row:
    images, p = split(data, size, choice, seed), setting.get("p", 0.0)
    if not tested:  # one image in place of the test images; what it scores is left out
        x, y = images.choice
        images = images._replace(test=(x[:1], y[:1]))
    net = network(arm, norm, width, p, masks(seed))
    initialize(net, seed)
    ramped = arm == "DropBlock, ramped"
    curves = classify(
        InParts(net),
        images,
        seed=seed,
        steps=steps,
        batch=batch,
        learning_rate=learning_rate,
        weight_decay=setting.get("weight_decay", 0.0),
        after_step=DropScheduler(net, 0.0, p, steps).step if ramped else None,
    )
    if not tested:
        return {name: values for name, values in curves.items() if not name.startswith("test")}
    return curves | ({"rules": rules(net, *images.test)} if arm == "max-pooling dropout" else {})


class InParts(nn.Module):
    """A network that sees few images at a time: the maps of a thousand do not fit into a cache."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.net(part) for part in x.split(100)])


def network(
    arm: str, norm: bool, width: int, p: float, generator: torch.Generator
) -> nn.Sequential:
    layers: list[nn.Module] = []
    inputs = 1
    for outputs, block in zip((width, 2 * width, 4 * width), BLOCKS, strict=True):
        layers += [nn.Conv2d(inputs, outputs, 3, padding=1)]
        layers += [nn.BatchNorm2d(outputs)] if norm else []
        layers += [nn.ReLU(), *pooling(arm if block else "none", block, p, generator)]
        inputs = outputs
    layers += [nn.Flatten()]
    for linear in (nn.Linear(9 * inputs, 8 * width), nn.Linear(8 * width, 10)):
        layers += [Dropout(p, generator=generator)] if arm == "dense dropout" else []
        layers += [linear, nn.ReLU()]
    # channels last are faster on a CPU; the stubs of PyTorch do not know the keyword
    return nn.Sequential(*layers[:-1]).to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def pooling(arm: str, block: int, p: float, generator: torch.Generator) -> list[nn.Module]:
    """What stands behind a ReLU: dropout of the map, and a pooling of its 2 by 2 windows."""
    if arm == "max-pooling dropout":
        return [MaxPoolDropout2d(2, p=p, generator=generator)]
    if arm == "spatial dropout":
        return [SpatialDropout(p, generator=generator), nn.MaxPool2d(2)]
    if arm.startswith("DropBlock"):
        marginal = "paper" if arm == "DropBlock, paper's rate" else "uniform"
        drop = DropBlock(p, block, marginal=marginal, generator=generator)
        return [drop, nn.MaxPool2d(2)]
    return [nn.MaxPool2d(2)]


def rules(net: nn.Sequential, x: Tensor, y: Tensor, samples: int = 20) -> Row:
    """The scores of a network with max-pooling dropout under each of its test rules."""

    def scored(pool: Callable[[MaxPoolDropout2d], nn.Module]) -> dict[str, float]:
        layers = (pool(each) if isinstance(each, MaxPoolDropout2d) else each for each in net)
        return scores_of(logits(InParts(nn.Sequential(*layers)).eval(), x), y)

    def scaled(layer: MaxPoolDropout2d) -> nn.Module:
        return nn.Sequential(nn.MaxPool2d(2), Dropout(layer.p, rescale="test"))

    over_masks = [mc_classify(net, part, samples).mean for part in x.split(100)]
    return {
        "weighted pooling": scored(lambda layer: layer),
        "max pooling": scored(lambda layer: nn.MaxPool2d(2)),
        "scaled max pooling": scored(scaled),
        "masks": scores_of(torch.cat(over_masks).log(), y),
    }
