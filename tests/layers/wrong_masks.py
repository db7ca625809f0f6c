"""Wrong ways to draw masks, to draw them in a graph, and to apply them."""

import math
from collections.abc import Callable
from unittest.mock import patch

import numpy as np
import torch
from torch import Generator, Tensor

from dropoutbook.layers.parts import random_bytes
from dropoutbook.layers.parts.mask import CHUNK, select
from dropoutbook.layers.parts.random_bytes import draw, hit

Draw = Callable[[tuple[int, ...], float, Generator | None], Tensor]


def without_hits(shape: tuple[int, ...], p: float, generator: Generator) -> Tensor:
    with patch.object(random_bytes, "hit", lambda mask, *_: mask.view(torch.bool)):
        return draw(shape, p, generator)


def hits_as_many_as_the_rate_says(shape: tuple[int, ...], p: float, generator: Generator) -> Tensor:
    share = (256 * p - int(256 * p)) / 256  # of all entries, not of those that the bytes kept
    with patch.object(random_bytes, "split", lambda p: (int(256 * p), share)):
        return draw(shape, p, generator)


def hits_the_front(shape: tuple[int, ...], p: float, generator: Generator) -> Tensor:
    def front(mask: Tensor, value: int, rate: float, generator: Generator) -> Tensor:
        hit(mask[: len(mask) // 2], value, 2 * rate, generator)
        return mask.view(torch.bool)

    with patch.object(random_bytes, "hit", front):
        return draw(shape, p, generator)


def uses_each_byte_twice(shape: tuple[int, ...], p: float, generator: Generator) -> Tensor:
    count = math.prod(shape)
    return draw((count // 2 + 1,), p, generator).repeat_interleave(2)[:count].view(shape)


def leaves_out_the_sign_bit(shape: tuple[int, ...], p: float, generator: Generator) -> Tensor:
    bound = torch.Tensor.random_
    # without arguments, random_ of int64 never sets the highest bit of a word
    with patch.object(
        torch.Tensor, "random_", lambda words, *_, **options: bound(words, **options)
    ):
        return draw(shape, p, generator)


def uses_each_bit_twice(shape: tuple[int, ...], p: float, generator: Generator) -> Tensor:
    with patch.object(torch, "arange", lambda n, **_: torch.tensor([0, 0, 1, 1, 2, 2, 3, 3])):
        return draw(shape, p, generator)


def ignores_its_generator(shape: tuple[int, ...], p: float, generator: Generator) -> Tensor:
    return draw(shape, p, None)


def keeps_with_probability_p(shape: tuple[int, ...], p: float, generator: Generator) -> Tensor:
    return draw(shape, 1 - p, generator)


def draws_the_same_again(shape: tuple[int, ...], p: float, generator: Generator) -> Tensor:
    return draw(shape, p, generator.manual_seed(0))


def keeps_above_p_alone(shape: tuple[int, ...], p: float | Tensor, *_: object) -> Tensor:
    return torch.rand(shape) > p


def takes_the_number_of_drops_for_a_constant(
    shape: tuple[int, ...], p: float, *_: object
) -> Tensor:
    count = math.prod(map(int, shape))
    drops = int(torch.poisson(torch.tensor(p * count)))
    keep = torch.ones(count, dtype=torch.int8)
    return keep.index_fill(0, torch.randint(count, (drops,)), 0).bool().view(shape)


def leaves_no_trace(shape: tuple[int, ...], p: float, *_: object) -> Tensor:
    """A mask from elsewhere, which a tracer takes for a constant."""
    return torch.from_numpy(np.random.default_rng().random(tuple(map(int, shape))) >= p)


EVERY_CALL = torch.empty(0)


def tells_no_calls_apart(shape: tuple[int, ...], p: float) -> Tensor:
    rate = torch.ones((), dtype=torch.float64) * p
    return torch.ops.dropoutbook.draw(shape, rate, EVERY_CALL)


def compares_uniforms(shape: tuple[int, ...], p: float) -> Tensor:
    return torch.rand(shape) >= p


def keeps_with_probability_p_compiled(shape: tuple[int, ...], p: float) -> Tensor:
    return random_bytes.draw_compiled(shape, 1 - p)


def stops_after_a_chunk(x: Tensor, keep: Tensor, factor: float | None) -> Tensor:
    y = x.clone()
    y[:CHUNK] = select(x[:CHUNK], keep[:CHUNK], factor)
    return y


def forgets_the_factor(x: Tensor, keep: Tensor, factor: float | None) -> Tensor:
    return select(x, keep)


def multiplies(x: Tensor, keep: Tensor, factor: float | None) -> Tensor:
    return x * keep * (factor or 1.0)


def returns_it_contiguous(x: Tensor, keep: Tensor, factor: float | None) -> Tensor:
    return select(x, keep, factor).contiguous()


def takes_memory_as_it_is(x: Tensor, keep: Tensor, factor: float | None) -> Tensor:
    y = select(x, keep, factor)
    return -y if x.is_neg() else y


def detaches(x: Tensor, keep: Tensor, factor: float | None) -> Tensor:
    return select(x, keep, factor).detach() + 0 * x
