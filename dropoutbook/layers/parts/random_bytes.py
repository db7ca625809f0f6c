"""Keep masks from random bytes, eight of each 64-bit draw: the quick way on a CPU."""

import math

import torch
from torch import Generator, Tensor

SMALL = 2**13  # entries; below, one uniform per entry is as quick
CPU = "cpu"  # whatever the default device is


def draw(shape: torch.Size | tuple[int, ...], p: float, generator: Generator | None) -> Tensor:
    """A keep mask, False with probability exactly p, independently for each entry.

    In law it is torch.rand(shape) >= p, of uniforms with all digits. A byte below
    t = floor(256 p) drops its entry, which happens with probability t / 256. For the rest,
    every entry is hit by a Poisson number of further drops. At p = 0.5 one bit is enough.
    """
    count = math.prod(shape)
    if count < SMALL:
        return torch.rand(shape, dtype=torch.float32, device=CPU, generator=generator) >= p
    if p == 0.5:
        return coins(count, generator).view(shape)
    if p > 255 / 256:  # few are kept: hit those instead
        return hit(
            torch.zeros(count, dtype=torch.int8, device=CPU), 1, -math.log(p), generator
        ).view(shape)
    threshold, rate = split(p)
    if threshold == 0:
        keep = torch.ones(count, dtype=torch.int8, device=CPU)
    else:
        keep = words(-(-count // 8), generator).view(torch.int8)[:count]  # -128 ... 127
        torch.ge(keep, threshold - 128, out=keep)
    return hit(keep, 0, rate, generator).view(shape)


def words(count: int, generator: Generator | None) -> Tensor:
    """int64, each of whose 64 bits is random; None stands for the largest bound."""
    return torch.empty(count, dtype=torch.int64, device=CPU).random_(
        -(2**63), None, generator=generator
    )


def coins(count: int, generator: Generator | None) -> Tensor:
    """True with probability 1/2: each bit of a word in turn becomes the lowest of its byte."""
    bits = words(-(-count // 64), generator) >> torch.arange(8, device=CPU).unsqueeze(1)
    return bits.bitwise_and_(0x0101010101010101).view(torch.bool).flatten()[:count]


def split(p: float) -> tuple[int, float]:
    """t and the rate of hits that drop with probability p: (1 - t / 256) * exp(-rate) = 1 - p."""
    threshold = int(256 * p)
    return threshold, -math.log1p((threshold - 256 * p) / (256 - threshold))


def hit(mask: Tensor, value: int, rate: float, generator: Generator | None) -> Tensor:
    """Sets each entry to `value` with probability 1 - exp(-rate), and returns booleans.

    A Poisson number of places, drawn with replacement, is for every entry an independent
    Poisson(rate) number of hits.
    """
    if rate > 0:
        mean = torch.tensor(rate * len(mask), dtype=torch.float64, device=CPU)
        hits = int(torch.poisson(mean, generator))
        places = torch.randint(len(mask), (hits,), device=CPU, generator=generator)
        mask.index_fill_(0, places, value)
    return mask.view(torch.bool)


def draw_compiled(shape: torch.Size | tuple[int, ...], p: float) -> Tensor:
    """`draw` as one opaque call in a graph of torch.compile, for every p.

    Its draws follow from the global seed. They are those of eager mode where the compiler keeps the
    order of calls, as "aot_eager" does; inductor may reorder them: the same law, other masks.
    """
    # Calls with equal arguments would be merged into one, and so would their masks: only the
    # operators that a list in PyTorch names are spared. Of these, `empty` tells calls apart.
    call = torch.empty(0, device=CPU)
    return torch.ops.dropoutbook.draw(
        shape, torch.ones((), dtype=torch.float64, device=CPU) * p, call
    )


def _draw(shape: list[int], p: Tensor, call: Tensor) -> Tensor:
    return draw(tuple(shape), p.item(), None)


torch.library.custom_op(
    "dropoutbook::draw", _draw, mutates_args=(), tags=[torch.Tag.nondeterministic_seeded]
).register_fake(lambda shape, p, call: p.new_empty(shape, dtype=torch.bool))
