"""MC classification: averaged probabilities, and the doubt that the masks disagree on."""

from functools import partial
from numbers import Integral
from typing import NamedTuple

import numpy as np
import torch
from torch import Generator, Tensor, nn

from dropoutbook.models.mc_predict import draw_samples


def uncertainty(probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The definition, for probabilities > 0 of shape (sample, ..., class), in nats.

    Predictive entropy, expected entropy, and their difference, the mutual information.
    """
    mean = probabilities.mean(0)
    predictive = -(mean * np.log(mean)).sum(-1)
    expected = -(probabilities * np.log(probabilities)).sum(-1).mean(0)
    return predictive, expected, predictive - expected


class MCClassification(NamedTuple):
    """What `mc_classify` returns: the fields of `MCPrediction`, of probabilities, and entropies.

    Shape:
        mean, variance: over samples, of the class probabilities; as the logits.
        samples: probabilities of each sample, (S, ...), summing to 1 along the class axis.
        predictive_entropy, expected_entropy, mutual_information: in nats, without that axis.
    """

    mean: Tensor
    variance: Tensor
    samples: Tensor
    predictive_entropy: Tensor
    expected_entropy: Tensor
    mutual_information: Tensor


def mc_classify(
    model: nn.Module,
    input: Tensor,
    samples: int = 100,
    *,
    dim: int = -1,
    chunk: int | None = None,
    generator: Generator | None = None,
) -> MCClassification:
    """Class probabilities averaged over masks, and how much of the doubt the masks disagree on.

        predictive = H[1/S sum_s p_s],  expected = 1/S sum_s H[p_s],  mutual = predictive - expected

    with p_s = softmax(logits of sample s): it is the probabilities that are averaged. The mutual
    information between class and mask (BALD) is at least 0 and at most the predictive entropy.

    Args:
        model: A module that maps `input` to logits, not to probabilities.
        dim: The class axis of the logits of one sample, an integer; -1 is the last, 1 that of
            images (N, C, H, W).
        input, samples, chunk, generator: As in `mc_predict`, whose errors are also these.

    Cost:
        That of `mc_predict`; meanwhile logits, probabilities and entropy terms of all samples
        stand in memory.

    Returns:
        `MCClassification`, in float32 or wider.

    Raises:
        TypeError: if `dim` is not an integer.
        ValueError: if `dim` is no axis of the logits; the first sample shows it, or the first
            chunk, and no other is drawn.
    """
    if isinstance(dim, bool) or not isinstance(dim, Integral):
        raise TypeError(f"dim must be an integer, got {dim!r}")
    logits = draw_samples(model, input, samples, chunk, generator, partial(_check_axis, dim))
    axis = dim if dim < 0 else dim + 1  # samples come first
    wide = torch.promote_types(logits.dtype, torch.float32)
    p = torch.softmax(logits, axis, dtype=wide)
    mean = p.mean(0)
    predictive = torch.special.entr(mean).sum(dim)
    expected = torch.special.entr(p).sum(axis).mean(0)
    mutual = (predictive - expected).clamp(min=0)  # rounding may fall below
    return MCClassification(mean, p.var(0), p, predictive, expected, mutual)


def _check_axis(dim: int, logits: Tensor) -> None:
    """Raises unless `dim` is an axis of the logits of one sample."""
    axes = logits.ndim
    if not -axes <= dim < axes:
        shape = tuple(logits.shape)
        raise ValueError(
            f"dim must be in [{-axes}, {axes - 1}], an axis of the logits {shape}, got {dim!r}"
        )
