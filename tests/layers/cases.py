"""The layers of activations, with what `check_dropout` does not ask: exact laws, definitions."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest
import torch
from torch import Generator, Tensor, nn

from dropoutbook import DropBlock, Dropout, GaussianDropout, SpatialDropout
from dropoutbook.layers.drop_block import drop_block
from dropoutbook.layers.dropout import dropout
from dropoutbook.layers.gaussian_dropout import gaussian_dropout
from dropoutbook.layers.spatial_dropout import spatial_dropout

BATCH = 8192


@dataclass(frozen=True)
class Law:
    """Exact moments of the noise, that is of the training output for an input of ones."""

    mean: float
    variance: float
    fourth: float  # E[(noise - mean)**4]


def kept_as(value: float, p: float) -> Law:
    """The law of `value` with probability k = 1 - p, and of 0 otherwise."""
    pk = p * (1 - p)
    return Law((1 - p) * value, value**2 * pk, value**4 * pk * (1 - 3 * pk))


@dataclass(frozen=True)
class Case:
    """What a layer claims beyond a row of the suite.

    Args:
        make: Builds the layer: `make(p, generator=...)`.
        definition: The NumPy definition of the training rule: `definition(x, p, rng)`.
        example: Shape of one example, without the batch.
        draws: Shape of the independent draws of one example; broadcasts against `example`.
            None for a layer in DEPENDENT.
        law: Exact moments of the noise as a function of p; None likewise.
        evaluation: The evaluation rule, `evaluation(x, p)`; None: the input itself.
        selects: Whether a dropped NaN or infinity is 0; else the noise is a factor.
        shapes: Whole input shapes that must also work: odd, tiny, empty.
    """

    make: Callable[..., nn.Module]
    definition: Callable[[np.ndarray, float, np.random.Generator], np.ndarray]
    example: tuple[int, ...]
    draws: tuple[int, ...] | None = None
    law: Callable[[float], Law] | None = None
    evaluation: Callable[[Tensor, float], Tensor] | None = None
    selects: bool = True
    shapes: tuple[tuple[int, ...], ...] = ()

    def seeded(self, p: float, seed: int = 0) -> nn.Module:
        """The layer with a generator of its own."""
        return self.make(p, generator=Generator().manual_seed(seed))

    def input(self, batch: int = 3, dtype: torch.dtype = torch.float64) -> Tensor:
        """Distinct entries, none 0, of both signs."""
        x = torch.randn(batch, *self.example, generator=Generator().manual_seed(1))
        return (x.sign() + x).to(dtype)

    def noise(self, p: float, batch: int = BATCH, seed: int = 0) -> Tensor:
        """The training output for ones, one entry per draw: shape (batch, *draws)."""
        y = self.seeded(p, seed)(torch.ones(batch, *self.example, dtype=torch.float64))
        return self.one_entry_per_draw(y)

    def one_entry_per_draw(self, y: Tensor) -> Tensor:
        """The first of the entries that share a draw: shape (batch, *draws)."""
        return y[(slice(None), *(slice(size) for size in self.draws))]


ANY_RANK = (
    (),
    (0,),
    (1,),
    (3, 0, 2),
    (7,),
    (5, 3),
    (1, 1, 1),
    (2, 3, 0, 4),
    (2, 3, 5, 7),
    (2, 1, 3, 1, 2),
)
MAPS = tuple(shape for shape in ANY_RANK if len(shape) >= 3)

LAYERS = {
    "Dropout": Case(
        make=Dropout,
        definition=dropout,
        example=(3, 2, 2),
        draws=(3, 2, 2),
        law=lambda p: kept_as(1 / (1 - p), p),
        shapes=ANY_RANK,
    ),
    "Dropout(rescale='test')": Case(
        make=partial(Dropout, rescale="test"),
        definition=partial(dropout, rescale="test"),
        example=(3, 2, 2),
        draws=(3, 2, 2),
        law=lambda p: kept_as(1.0, p),
        evaluation=lambda x, p: (1 - p) * x,
        shapes=ANY_RANK,
    ),
    "SpatialDropout": Case(
        make=SpatialDropout,
        definition=spatial_dropout,
        example=(3, 2, 2),
        draws=(3, 1, 1),
        law=lambda p: kept_as(1 / (1 - p), p),
        selects=False,
        shapes=MAPS,
    ),
    "DropBlock(block_size=1)": Case(
        make=partial(DropBlock, block_size=1),
        definition=partial(drop_block, block_size=1),
        example=(3, 2, 2),
        draws=(3, 2, 2),
        law=lambda p: kept_as(1 / (1 - p), p),
        shapes=MAPS,
    ),
}

# Masks whose entries depend on each other: their law is tested in the layer's own file.
DEPENDENT = {
    "DropBlock": Case(
        make=partial(DropBlock, block_size=3),
        definition=partial(drop_block, block_size=3),
        example=(3, 5, 4),
        shapes=MAPS,
    ),
    "DropBlock(marginal='paper', shared=True)": Case(
        make=partial(DropBlock, block_size=2, marginal="paper", shared=True),
        definition=partial(drop_block, block_size=2),
        example=(3, 5, 4),
        shapes=MAPS,
    ),
}

# Noise that is never 0: it has no mask, and what is said of masks does not apply.
CONTINUOUS = {
    "GaussianDropout": Case(
        make=GaussianDropout,
        definition=gaussian_dropout,
        example=(3, 2, 2),
        draws=(3, 2, 2),
        law=lambda p: Law(1.0, p / (1 - p), 3 * (p / (1 - p)) ** 2),
        shapes=ANY_RANK,
    ),
}


def each_of(table: dict[str, Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", table.values(), ids=table.keys())


every_layer = each_of(LAYERS | DEPENDENT | CONTINUOUS)
every_mask = each_of(LAYERS | DEPENDENT)
every_independent_layer = each_of(LAYERS | CONTINUOUS)
every_independent_mask = each_of(LAYERS)
every_p = pytest.mark.parametrize("p", [0.1, 0.5, 0.9])  # 0.5 alone hides keep and drop exchanged
every_dtype = pytest.mark.parametrize(
    "dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64], ids=str
)


def reversed_strides(x: Tensor) -> Tensor:
    """The same entries with the first axis fastest in memory."""
    axes = tuple(reversed(range(x.ndim)))
    return x.permute(axes).contiguous().permute(axes)


def after_seed(function: Callable[..., Tensor], *arguments) -> Tensor:
    """What `function` returns with the global generator at seed 0."""
    torch.manual_seed(0)
    return function(*arguments)
