"""Wrong ways to classify: averages and entropies of the wrong things, and what they replay."""

import torch
from torch import nn

from dropoutbook import mc_classify, mc_predict


class Replay(nn.Module):
    """A classifier that returns given logits, one sample after another."""

    def __init__(self, logits: torch.Tensor):
        super().__init__()
        self.logits, self.turn, self.dropout = logits, -1, nn.Dropout(0.5)

    def forward(self, x):
        self.turn = (self.turn + 1) % len(self.logits)
        return self.logits[self.turn]


def averages_logits(*args, **options):
    result = mc_classify(*args, **options)
    return result._replace(mean=result.samples.log().mean(0).softmax(-1))


def swaps_entropies(*args, **options):
    result = mc_classify(*args, **options)
    return result._replace(
        predictive_entropy=result.expected_entropy, expected_entropy=result.predictive_entropy
    )


def takes_logits_for_probabilities(model, x, samples):
    values = mc_predict(model, x, samples).samples
    result = mc_classify(Replay(values), x, samples)
    return result._replace(mean=values.mean(0))


def multiplies_by_the_logarithm(*args, **options):
    result = mc_classify(*args, **options)
    p = result.samples
    return result._replace(expected_entropy=-(p * p.log()).sum(-1).mean(0))


def does_not_clamp(*args, **options):
    result = mc_classify(*args, **options)
    return result._replace(mutual_information=result.predictive_entropy - result.expected_entropy)
