"""What class probabilities are worth: scores, one temperature, and which images they doubt."""

import time
from collections.abc import Callable, Iterator

import numpy as np
import torch
from scipy.optimize import minimize_scalar
from sklearn.metrics import brier_score_loss, roc_auc_score
from torch import Tensor
from torch.nn import functional
from torch.special import entr

from studies.choice import Row
from studies.data import CLASSES, Labeled
from studies.descent import scores_of

BINS = 15

Shown = dict[str, tuple[Tensor, Tensor | None]]  # images and their classes; strangers have none
Predictor = Callable[[Tensor], tuple[Tensor, Tensor | None]]  # probabilities, mutual information


def judge(predict: Predictor, choice: Labeled, shown: Shown) -> Iterator[Row]:
    """What a predictor is worth on each set of images, and how it tells them from the first."""
    t, known = temperature(predict(choice[0])[0], choice[1]), dict[str, Tensor]()
    for name, (x, y) in shown.items():
        started = time.process_time()
        mean, information = predict(x)
        row: Row = {"images": name, "seconds": time.process_time() - started, "temperature": t}
        softer = scaled(mean, t)
        doubts = {"entropy": entr(mean).sum(1), "scaled entropy": entr(softer).sum(1)}
        if information is not None:
            doubts["mutual information"] = information
        if known:
            row["auc_test"] = {each: auc(known[each], doubt) for each, doubt in doubts.items()}
        known = known or doubts
        if y is not None:
            row |= {"as it is": scores(mean, y), "scaled": scores(softer, y)}
            hit = mean.argmax(1) == y
            row["auc_errors"] = {
                each: auc(doubt[hit], doubt[~hit]) for each, doubt in doubts.items()
            }
        yield row


def temperature(mean: Tensor, y: Tensor) -> float:
    """T with the best likelihood of `scaled(mean, T)`, between 1/20 and 20."""

    def nll(log_t: float) -> float:
        return functional.cross_entropy(mean.log() / np.exp(log_t), y).item()

    return float(np.exp(minimize_scalar(nll, bounds=(-np.log(20), np.log(20))).x))


def scaled(mean: Tensor, t: float) -> Tensor:
    return (mean.log() / t).softmax(1)


def scores(mean: Tensor, y: Tensor) -> dict[str, float]:
    confidence, predicted = mean.max(1)
    gap = calibration_error(confidence.numpy(), (predicted == y).numpy())
    brier = brier_score_loss(y.numpy(), mean.numpy(), labels=range(CLASSES), scale_by_half=False)
    return scores_of(mean.log(), y) | {"ece": 100 * gap, "brier": float(brier)}


def calibration_error(confidence: np.ndarray, hit: np.ndarray) -> float:
    """Of the bins: the distances of mean confidence and accuracy, by their numbers of images."""
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return float(np.abs(np.bincount(place, hit - confidence)).sum() / len(hit))


def auc(low: Tensor, high: Tensor) -> float | None:
    """The chance that one of `high` is above one of `low`; None without one of each."""
    if not len(low) or not len(high):
        return None
    strange = np.repeat([0, 1], [len(low), len(high)])
    return float(roc_auc_score(strange, torch.cat([low, high]).numpy()))
