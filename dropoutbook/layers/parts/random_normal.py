"""Standard normal numbers from random bytes: the same on every CPU, and quick."""

import math

import torch
from torch import Generator, Tensor

from dropoutbook.layers.parts.random_bytes import CPU, words

CELLS = 2**16  # of equal probability under the normal law; one is picked by two bytes
CHUNK = 2**15  # numbers made at a time; what they are made of stays in the cache
SMALL = 2**11  # numbers; below, float64 draws are as quick


def cell_means() -> Tensor:
    """The mean of the normal law in each cell, over its standard deviation: CELLS float32."""
    edges = torch.special.ndtri(torch.arange(CELLS + 1, dtype=torch.float64, device=CPU) / CELLS)
    density = (-(edges**2) / 2).exp() / math.sqrt(2 * math.pi)
    means = CELLS * (density[:-1] - density[1:])
    return (means / means.square().mean().sqrt()).float()


HALVES = cell_means() / math.sqrt(2)


def draw(shape: torch.Size | tuple[int, ...], generator: Generator | None) -> Tensor:
    """Independent standard normal numbers, float32, on the CPU.

    Each is (a + b) / sqrt(2), where a and b are the means of two random cells. Mean and variance
    are exact to float32, the distribution function is within 1e-5 of the normal one, and none lies
    beyond 6.3. Nothing is done but to pick and to add, so every CPU draws the same bits; of
    PyTorch's float32 draws the last ones differ. Its float64 draws, rounded, are the same too, but
    slow when many.
    """
    count = math.prod(shape)
    if count < SMALL:
        z = torch.randn(shape, dtype=torch.float64, device=CPU, generator=generator)
        return z.float()
    z = torch.empty(count, dtype=torch.float32, device=CPU)
    for part in z.split(CHUNK):
        bits = words(-(-len(part) // 2), generator).view(torch.int16)
        cells = bits.to(torch.int32).add_(CELLS // 2)
        torch.index_select(HALVES, 0, cells[: len(part)], out=part)
        part += torch.index_select(HALVES, 0, cells[-len(part) :])
    return z.view(shape)


def draw_compiled(shape: torch.Size | tuple[int, ...]) -> Tensor:
    """`draw` as one opaque call in a graph of torch.compile; see `random_bytes.draw_compiled`."""
    return torch.ops.dropoutbook.draw_normal(shape, torch.empty(0, device=CPU))


def _draw(shape: list[int], call: Tensor) -> Tensor:
    return draw(tuple(shape), None)


torch.library.custom_op(
    "dropoutbook::draw_normal", _draw, mutates_args=(), tags=[torch.Tag.nondeterministic_seeded]
).register_fake(lambda shape, call: call.new_empty(shape, dtype=torch.float32))
