"""A byte language model on a text that runs out: which dropout of an LSTM helps, beside its rivals?

Data. The sources of SymPy, each seed with its own order of files. Trained on: 20 pieces of 2550
bytes. The settings are chosen on 60 pieces of 500 bytes, and all numbers that are reported are of
60 others, which choose nothing. No file is in two of the three.

Network. Embedding 64, two LSTM layers of 96 units, a softmax over 256 bytes, float32. Weights start
at N(0, 2 / inputs), biases at 0, those of the forget gates at 1. A seed fixes the text, the start,
the offsets and the masks; the first three are the same for all arms.

Training. Truncated backpropagation: a step reads 50 bytes of each of the 20 pieces, with the state
of the step before carried on, and 50 steps are a pass over the text. The next pass begins with
state 0, at an offset of 0 to 49 bytes. AdamW, gradients clipped at norm 1; its rate rises over a
twentieth of the steps and falls linearly to zero. Two lengths: 325 and 1300 steps, or 26 passes.

Arms. No dropout; weight decay (AdamW's, decoupled, of all parameters); dropout, with new masks at
every byte, of what enters the first layer, the second and the softmax (Zaremba and others 2014).
Five that mask the recurrence, too: variational (Gal and Ghahramani 2016), whose masks on the three
places and on h are fixed; recurrent dropout (Semeniuta and others 2016), fixed or per step; RNNDrop
(Moon and others 2015); weight drop on W_hh (Merity and others 2018). Byte types are not dropped.
Early stopping is no training of its own: "none" is read at its end, where its error and where its
likelihood was best on the choosing pieces.

A sequence, for fixed masks and weight drop, is what one step reads, as in the language models of
Gal and of Merity: the state goes on under the next mask, and RNNDrop masks the cell once more at
every step. Or it is a piece, from state 0 on ("held"): the same masks in all 50 steps of a pass.
RNNDrop is tuned with both, and the two other fixed masks are tried held at their best setting.

Tuning. For each arm, the long length, one seed that is not reported; each setting of the first
three arms at two rates of learning. The other five start from the rates that dropout chose: its p
with several rates of the recurrent mask, and one such rate alone, with p = 0; then the best of
these at the other rate of learning. The setting with the least negative log-likelihood on the
choosing pieces goes on; "none" goes on at both rates of learning.

Reported. Five seeds; the error in percent of bytes and the negative log-likelihood in nats a byte
(over ln 2: bits a byte) on twelve steps of every training, of the first 500 bytes of the training
pieces, too. Pieces are read from state 0. Test rules, at the long length: evaluation without masks,
and probabilities averaged over 20 readings with the masks of training.

Tried before, with one layer of 256 units and p of input and output alone, on seed 0: 100 kB of text
and 16 passes, where dropout did nothing yet; 50 kB and 40 passes, where it helped, and rates of .1
to .5 on cell or update made it worse.
"""

from functools import cache, reduce
from math import log
from time import process_time
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from dropoutbook import (
    Dropout,
    RecurrentDropoutLSTM,
    RNNDropLSTM,
    SpatialDropout,
    VariationalLSTM,
    WeightDrop,
    mc_dropout,
)
from dropoutbook.lab.streams import stream
from dropoutbook.lab.text import sympy_sources
from studies.choice import Row, best, cases
from studies.descent import initialize, optimizer, reading_steps, scores_of

DATA = ("sympy",)
FULL = {
    "steps": (325, 1300),
    "seeds": 5,
    "masks": 20,
    "net": {"width": 96, "embedding": 64},
    "text": {"window": 50, "windows": 50, "length": 500, "train": 20, "choice": 60, "test": 60},
}
TOY = {
    "steps": (2, 4),
    "seeds": 2,
    "masks": 2,
    "net": {"width": 4, "embedding": 3},
    "text": {"window": 4, "windows": 2, "length": 8, "train": 2, "choice": 2, "test": 2},
}

BYTES = 256
SPACING = 100_000  # bytes from piece to piece
STARTS = {"train": 0, "choice": 2_500_000, "test": 9_000_000}  # gaps of more than the longest file

TUNING_SEED = 100
LEARNING_RATES = (2e-3, 6e-3)
SETTINGS: dict[str, list[Row]] = {
    "none": [{}],
    "weight decay": [{"weight_decay": decay} for decay in (0.3, 1.0, 3.0)],
    "dropout": [{"p": p} for p in (0.1, 0.25, 0.5)],
}
ON_TOP: dict[str, list[Row]] = {
    "variational": [{"p_recurrent": p} for p in (0.0, 0.05, 0.1, 0.25)],
    "recurrent dropout": [{"p_recurrent": p} for p in (0.05, 0.1, 0.25)],
    "recurrent dropout, per step": [{"p_recurrent": p} for p in (0.05, 0.1, 0.25)],
    "RNNDrop": [
        *({"p_recurrent": p} for p in (0.05, 0.1)),
        *({"p_recurrent": p, "held": True} for p in (0.05, 0.1, 0.25)),
    ],
    "weight drop": [{"p_recurrent": p} for p in (0.1, 0.25, 0.5)],
}
ALONE = {arm: settings[-1] for arm, settings in ON_TOP.items()}
HELD = ("variational", "recurrent dropout")


def study(run: Any, plan: Row) -> list[Row]:
    rows: list[Row] = []
    base = {"net": plan["net"], "text": plan["text"]}
    short, long = plan["steps"]

    def do(stage: str, arms: dict[str, list[Row]], **axes: Any) -> list[Row]:
        points = [
            base | {"arm": arm} | given | point
            for arm, settings in arms.items()
            for given in settings
            for point in cases(**axes)
        ]
        rows.extend(new := run(train, points, stage=stage))
        return new

    def tune(arms: dict[str, list[Row]]) -> dict[str, Row]:
        """The best of all that was tried of some arms, after these settings were."""
        do("tuning", arms, steps=[long], masks=[0], seed=[TUNING_SEED])
        tried = {arm: [row for row in rows if row["arm"] == arm] for arm in arms}
        names = ("setting", "learning_rate")
        return {arm: best(tried[arm], *names, by="choice_nll") for arm in arms}

    every = {arm: cases(setting=s, learning_rate=LEARNING_RATES) for arm, s in SETTINGS.items()}
    chosen = tune(every)
    places, rate = chosen["dropout"]["setting"], chosen["dropout"]["learning_rate"]
    settings = {
        arm: [*(places | each for each in ON_TOP[arm]), {"p": 0.0} | ALONE[arm]] for arm in ON_TOP
    }
    first = tune({arm: cases(setting=s, learning_rate=[rate]) for arm, s in settings.items()})
    (other,) = set(LEARNING_RATES) - {rate}
    more = {arm: [good | {"learning_rate": other}] for arm, good in first.items()}
    for arm in HELD:
        more[arm].append(first[arm] | {"setting": first[arm]["setting"] | {"held": True}})
    chosen |= tune(more)
    arms = {arm: [good] for arm, good in chosen.items()} | {"none": every["none"]}
    for steps, masks in ((long, plan["masks"]), (short, 0)):
        do("final", arms, steps=[steps], masks=[masks], seed=range(plan["seeds"]))
    return rows


def train(
    *,
    arm: str,
    setting: Row,
    learning_rate: float,
    steps: int,
    masks: int,
    seed: int,
    net: dict[str, int],
    text: dict[str, int],
) -> Row:
    """Trains a network; its curves, the CPU seconds of the training, and `masks` readings."""
    model, texts = start(arm, setting, seed, **net), pieces(seed, **text)
    adam, rate = optimizer(model, steps, learning_rate, setting.get("weight_decay", 0.0))
    window, shown = text["window"], texts | {"train": texts["train"][: text["length"] + 1]}
    names = [f"{name}_{what}" for name in shown for what in ("error", "nll")]
    curves: dict[str, Any] = {"step": reading_steps(steps)} | {name: [] for name in names}
    rng, seconds = stream(seed, "order"), 0.0
    for step in range(steps):
        started = process_time()
        if step % text["windows"] == 0:
            states, rest = None, texts["train"][rng.integers(window) :]
        x, y, rest = rest[:window], rest[1 : window + 1], rest[window:]
        logits, states = model.train()(x, states)
        adam.zero_grad()
        functional.cross_entropy(logits.flatten(0, 1), y.flatten()).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        rate.step()
        seconds += process_time() - started
        if step + 1 in curves["step"]:
            for name, part in shown.items():
                for what, value in scores(model, part, window).items():
                    curves[f"{name}_{what}"].append(value)
    draws = masks > 0 and arm not in ("none", "weight decay")
    more = {"rules": rules(model, texts["test"], window, masks)} if draws else {}
    return curves | {"seconds": seconds} | more


@cache
def sources(seed: int) -> Tensor:
    return torch.frombuffer(bytearray(sympy_sources(seed)), dtype=torch.uint8)


def pieces(
    seed: int, *, window: int, windows: int, length: int, **counts: int
) -> dict[str, Tensor]:
    """The texts, (time, piece): of the training ones a pass and the offset, of others one more."""
    whole, texts = sources(seed), {}
    for name, count in counts.items():
        long = (windows + 1) * window if name == "train" else length + 1
        firsts = range(STARTS[name], STARTS[name] + SPACING * count, SPACING)
        texts[name] = torch.stack([whole[first : first + long] for first in firsts], 1).long()
    return texts


class LanguageModel(nn.Module):
    """Bytes (time, batch), and states or None -> logits of the next bytes, and states to go on.

    `p` is the rate at the three places that do not recur, `p_recurrent` that of the recurrence.
    With `held` a sequence whose state is handed on keeps the masks of the recurrence.
    """

    def __init__(
        self,
        arm: str,
        generators: list[Generator],
        *,
        width: int,
        embedding: int,
        p: float = 0.0,
        p_recurrent: float = 0.0,
        held: bool = False,
    ) -> None:
        super().__init__()
        fixed, (plain, self.generator) = arm == "variational", generators
        rates = p, p_recurrent, self.generator
        self.embedding = nn.Embedding(BYTES, embedding)
        self.lstms = nn.ModuleList(lstm(arm, size, width, *rates) for size in (embedding, width))
        inputs = [Dropout(0.0 if fixed else p, generator=plain) for _ in self.lstms]
        self.inputs = nn.ModuleList(inputs)
        output = SpatialDropout if fixed else Dropout
        self.output = output(p, generator=self.generator if fixed else plain)
        self.logits, self.held = nn.Linear(width, BYTES), held

    def forward(self, x: Tensor, states: list[Any] | None = None) -> tuple[Tensor, list[Any]]:
        if self.held and self.lstms[0].training:
            if states is None:
                self.masks = self.generator.get_state()
            self.generator.set_state(self.masks)
        y, after = self.embedding(x), []
        for drop, layer, state in zip(self.inputs, self.lstms, states or [None, None], strict=True):
            y, (h, c) = layer(drop(y), state)
            after.append((h.detach(), c.detach()))
        y = self.output(y.movedim(0, -1)).movedim(-1, 0)  # the axis where SpatialDropout is fixed
        return self.logits(y), after


def lstm(
    arm: str, size: int, width: int, p: float, p_recurrent: float, generator: Generator
) -> nn.Module:
    rate: dict[str, Any] = {"p": p_recurrent, "generator": generator}
    if arm == "variational":
        return VariationalLSTM(size, width, p_input=p, p_hidden=p_recurrent, generator=generator)
    if arm.startswith("recurrent dropout"):
        return RecurrentDropoutLSTM(size, width, per_step=arm.endswith("per step"), **rate)
    if arm == "RNNDrop":
        return RNNDropLSTM(size, width, **rate)
    plain = nn.LSTM(size, width)
    return WeightDrop(plain, "weight_hh_l0", **rate) if arm == "weight drop" else plain


@torch.no_grad()
def start(arm: str, setting: Row, seed: int, **sizes: Any) -> LanguageModel:
    numbers = stream(seed, "masks").integers(2**63, size=2)
    rates = {name: value for name, value in setting.items() if name != "weight_decay"}
    generators = [Generator().manual_seed(int(number)) for number in numbers]
    model = LanguageModel(arm, generators, **sizes, **rates)
    initialize(model, seed)
    layer: Any
    for layer in model.lstms:
        layer.bias_ih_l0.zero_().chunk(4)[1].fill_(1.0)
        layer.bias_hh_l0.zero_()
    return model


@torch.no_grad()
def read(model: LanguageModel, text: Tensor, window: int) -> Tensor:
    """Logits of all bytes of pieces but the first, the state carried on from window to window."""
    states, found = None, []
    for x in text[:-1].split(window):
        logits, states = model(x, states)
        found.append(logits.flatten(0, 1))
    return torch.cat(found)


def scores(model: LanguageModel, text: Tensor, window: int) -> dict[str, float]:
    return scores_of(read(model.eval(), text, window), text[1:].flatten())


def rules(model: LanguageModel, text: Tensor, window: int, masks: int) -> Row:
    """Scores without masks, and of probabilities averaged over masks, which windows begin anew."""
    with mc_dropout(model):
        draws = (read(model, text, window).log_softmax(1) for _ in range(masks))
        over_masks = reduce(torch.logaddexp, draws) - log(masks)
    return {
        "evaluation": scores(model, text, window),
        "masks": scores_of(over_masks, text[1:].flatten()),
    }
