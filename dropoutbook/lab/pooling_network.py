"""Small convolutional networks on the digits, many in one: every seed is a group of channels."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from dropoutbook.lab.data import CLASSES
from dropoutbook.lab.streams import stream

SIDE = 8  # of an image, in pixels


class StackedPoolingNetwork(nn.Module):
    """S independent networks with two convolutions, each followed by the same pooling.

        h_1 = pool(relu(conv_1 x)),    h_2 = pool(relu(conv_2 h_1)),    logits = W h_2 + b

    The pooling halves each side, comes behind a ReLU, and can be exchanged after training: it
    holds no weights. Weights start as N(0, 2 / inputs), drawn from each seed's own stream.

    Args:
        seeds: one network for each.
        pool: module that pools 2 x 2 windows.
        channels: of the two convolutions.

    Shape:
        x: (seed, example, 64), float64; logits: (seed, example, class).
    """

    def __init__(
        self, seeds: Sequence[int], pool: nn.Module, channels: tuple[int, int] = (8, 16)
    ) -> None:
        super().__init__()
        self.seeds, self.pool, (first, second) = len(seeds), pool, channels
        streams = [stream(seed, "weights") for seed in seeds]
        outputs = second * (SIDE // 4) ** 2
        self.filters = nn.ParameterList(
            _he(streams, fan_out, fan_in, 3, 3).flatten(0, 1)
            for fan_in, fan_out in ((1, first), (first, second))
        )
        self.offsets = nn.ParameterList(
            torch.zeros(self.seeds * fan_out, dtype=torch.float64) for fan_out in channels
        )
        self.readout = nn.Parameter(_he(streams, CLASSES, outputs).mT.contiguous())
        self.bias = nn.Parameter(torch.zeros(self.seeds, 1, CLASSES, dtype=torch.float64))

    def forward(self, x: Tensor) -> Tensor:
        h = x.unflatten(-1, (SIDE, SIDE)).transpose(0, 1)  # (example, seed, height, width)
        for weight, offset in zip(self.filters, self.offsets, strict=True):
            h = functional.conv2d(h, weight, offset, padding=1, groups=self.seeds)
            h = self.pool(h.relu())
        h = h.unflatten(1, (self.seeds, -1)).flatten(2).transpose(0, 1)
        return torch.baddbmm(self.bias, h, self.readout)


def _he(streams: Sequence[np.random.Generator], *shape: int) -> Tensor:
    """He's normal weights, one draw a seed: (seed, *shape), outputs first."""
    draws = np.stack([rng.standard_normal(shape) for rng in streams])
    return torch.from_numpy(draws * (2 / np.prod(shape[1:])) ** 0.5)
