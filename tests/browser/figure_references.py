"""What the interactive figures have to show, without the expressions that they are made from.

The numbers come from the layers, from going through all masks, and from SciPy. A number that was
sampled comes with the distance that it may be off by, five standard errors.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from figures.drop_connect import WEIGHTS
from scipy import stats
from scipy.optimize import minimize_scalar
from torch import nn

from dropoutbook import (
    DropBlock,
    DropConnect,
    Dropout,
    GaussianDropout,
    RNNDropLSTM,
    Standout,
    mc_predict,
)
from dropoutbook.derive import enumerate_expectation
from dropoutbook.lab.lstm_memory import impulse_response


@dataclass
class Reference:
    """Of one figure.

    Attributes:
        settings: others than those that it starts with.
        sentence: the numbers in its sentence, in their order, for any settings.
        curves: for each panel, the function that a series shows; a pair for a band.
    """

    settings: dict[str, float]
    sentence: Callable[..., list]
    curves: Callable[..., list[dict]]


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(17)


# ---- regularization: one input of 1, target 1


def mean_loss(weight, p):
    """The mean of the loss over the two masks, for any weights."""
    weight = np.asarray(weight, dtype=float)
    return enumerate_expectation(
        lambda masks: (1 - np.multiply.outer(masks[:, 0], weight)) ** 2 / 2, [1 - p]
    )


def penalty(weight, p):
    return mean_loss(weight, p) - (1 - (1 - p) * weight) ** 2 / 2


@np.vectorize
def raw_penalty(p):
    return penalty(1.0, p)


@np.vectorize
def effective_penalty(p):
    return penalty(1 / (1 - p), p) if p < 1 else np.inf


def regularization_sentence(p):
    best = minimize_scalar(lambda weight: mean_loss(weight, p), bracket=(0, 2)).x
    return [p, 1, raw_penalty(p), effective_penalty(p), best, (1 - p) * best]


def regularization_curves(p):
    losses = {1: lambda w: mean_loss(w, p), 2: lambda w: mean_loss(w / (1 - p), p)}
    return [{1: raw_penalty, 2: effective_penalty}, losses]


# ---- convolution: a map of 14 by 14


@cache
def kept_share(p, block, marginal, draws=10_000):
    """The share of masks that keep each unit, with its reach, and the same for the whole map."""
    layer = DropBlock(p, int(block), marginal=marginal, generator=generator())
    keep = (layer(torch.ones(draws, 1, 14, 14)) != 0).double()[:, 0]
    whole = keep.mean((1, 2)).numpy()
    share = keep.mean(0).numpy()
    reach = 5 * np.sqrt(np.maximum(share * (1 - share), 1 / draws) / draws)
    return share, reach, (whole.mean(), 5 * stats.sem(whole))


def convolution_sentence(p, b):
    share, reach, mean = kept_share(p, b, "paper")
    corner, middle = ((share[i, i], reach[i, i]) for i in (0, 7))
    return [corner, middle, mean, 1 - p]


# ---- recurrence: the cell itself without a mask, all masks of up to 13 steps with them


def remembered(f, lag, p, steps):
    """The mean weight over all masks; `steps` turns masks and the number of steps into weights."""
    gates, weigh = steps(lag + 1)
    return f**lag * enumerate_expectation(weigh, [1 - p] * gates)


def memories(p, f, lag):
    fixed = remembered(f, lag, p, lambda n: (1, lambda m: m[:, 0] ** n))
    fresh = remembered(f, lag, p, lambda n: (n, lambda m: m.prod(1)))
    divided = remembered(f, lag, p, lambda n: (1, lambda m: (m[:, 0] / (1 - p)) ** n))
    return [plain_memory(f)[lag], fixed, fresh, divided]


@cache
def plain_memory(f):
    return impulse_response(RNNDropLSTM(1, 1, p=0.5).double().eval(), f, cells=1)[:, 0]


def recurrence_sentence(p, f, j):
    """The sentence has two digits of each weight."""
    weights = memories(p, f, int(j))
    return [j, *((weight, 0.5 * 10 ** (np.floor(np.log10(weight)) - 1)) for weight in weights)]


def recurrence_curves(p, f, j):
    table = {lag: memories(p, f, lag) for lag in range(13)}

    def curve(series):
        near = np.vectorize(lambda x: table.get(round(x), [np.nan] * 4)[series - 1])
        return lambda x: np.where(np.abs(x - np.round(x)) < 0.01, near(x), np.nan)

    return [{series: curve(series) for series in (1, 2, 3, 4)}]


# ---- gaussian_dropout


def gaussian_sentence(p, draws=200_000):
    deviation = enumerate_expectation(lambda m: (m[:, 0] / (1 - p) - 1) ** 2, [1 - p]) ** 0.5
    negative = (GaussianDropout(p, generator=generator())(torch.ones(draws)) < 0).double()
    flips = (negative.mean().item(), 5 * negative.std().item() / draws**0.5)
    doubled = Dropout(p, generator=generator())(torch.ones(100)).max().item()
    return [1, deviation, 0, p, doubled, flips]


def gaussian_curves(p):
    return [{}, {1: stats.norm(1, (p / (1 - p)) ** 0.5).pdf}]


# ---- drop_connect


def neuron(p, n):
    layer = DropConnect(int(n), 1, bias=False, p=p).double().eval()
    layer.load_state_dict({"weight": torch.tensor([WEIGHTS[: int(n)]], dtype=torch.float64)})
    return layer, torch.ones(int(n), dtype=torch.float64)


def drop_connect_sentence(p, n):
    layer, inputs = neuron(p, n)
    weights = layer.weight.detach().numpy()[0]
    exact = enumerate_expectation(lambda m: np.maximum(m @ weights, 0), [1 - p] * int(n))
    return [exact, layer(inputs).item(), max(0, (1 - p) * weights.sum())]


def drop_connect_curves(p, n):
    layer, inputs = neuron(p, n)
    mean, variance = (m.item() for m in layer.moments(inputs, layer.weight, None))
    return [{2: stats.norm(mean, variance**0.5).pdf}]


def drop_connect_density(p, n, edges):
    """The density of the pre-activation between the edges, over all masks."""
    weights = np.array(WEIGHTS[: int(n)])
    inside = enumerate_expectation(
        lambda m: np.digitize(m @ weights + 1e-9, edges)[:, None] == np.arange(1, len(edges)),
        [1 - p] * int(n),
    )
    return inside / np.diff(edges)


# ---- standout


def keep(alpha, beta, z):
    layer = Standout(1, 1, alpha=alpha, beta=beta)
    return 1 - layer.drop_probability(torch.as_tensor(z, dtype=torch.float64)).numpy()


def standout_sentence(alpha, beta):
    level = keep(0.0, beta, 0.0)
    return [1, keep(alpha, beta, 1.0), -1, keep(alpha, beta, -1.0), level, 1 - level]


def standout_curves(alpha, beta):
    return [{1: lambda z: keep(alpha, beta, z), 2: lambda z: keep(0.0, beta, z)}]


# ---- mc_dropout: weights 1, -2, 1/2 on the inputs 1, x, x**2


def moments(p, x):
    """Mean and standard deviation of the output over the eight masks, for any x."""
    x = np.asarray(x, dtype=float)
    terms = np.stack([np.ones_like(x), -2 * x, x**2 / 2])
    outputs = lambda m: np.tensordot(m / (1 - p), terms, 1)  # noqa: E731
    mean = enumerate_expectation(outputs, [1 - p] * 3)
    return mean, enumerate_expectation(lambda m: (outputs(m) - mean) ** 2, [1 - p] * 3) ** 0.5


def mc_dropout_sentence(p, S, copies=4000):
    model = nn.Sequential(Dropout(p), nn.Linear(3, 1, bias=False)).double().eval()
    weights = torch.tensor([[1, -2, 0.5]], dtype=torch.float64)
    model.load_state_dict({"1.weight": weights})
    inputs = torch.tensor([1.0, 2, 4], dtype=torch.float64).expand(copies, 3)
    means = mc_predict(model, inputs, int(max(S, 2)), generator=generator()).mean.flatten()
    error = means.std().item()
    return [
        2,
        model(inputs[0]).item(),
        moments(p, 2.0)[1],
        S,
        (error, 5 * error / (2 * copies) ** 0.5),
    ]


def mc_dropout_curves(p, S):
    def edge(side, samples):
        return lambda x: moments(p, x)[0] + 2 * side * moments(p, x)[1] / samples**0.5

    bands = {1: (edge(-1, 1), edge(1, 1)), 2: (edge(-1, S), edge(1, S))}
    return [{**bands, 3: lambda x: moments(p, x)[0]}]


REFERENCES = {
    "regularization": Reference({"p": 0.7}, regularization_sentence, regularization_curves),
    "convolution": Reference({"p": 0.35, "b": 4}, convolution_sentence, lambda p, b: []),
    "recurrence": Reference({"p": 0.4, "f": 0.9, "j": 9}, recurrence_sentence, recurrence_curves),
    "gaussian_dropout": Reference({"p": 0.3}, gaussian_sentence, gaussian_curves),
    "drop_connect": Reference({"p": 0.35, "n": 9}, drop_connect_sentence, drop_connect_curves),
    "standout": Reference({"alpha": 2.5, "beta": -1.25}, standout_sentence, standout_curves),
    "mc_dropout": Reference({"p": 0.45, "S": 25}, mc_dropout_sentence, mc_dropout_curves),
}
