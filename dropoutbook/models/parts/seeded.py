"""All randomness of a network from one generator, for a while."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Generator, nn


@contextmanager
def seeded(model: nn.Module, generator: Generator | None) -> Iterator[None]:
    """Inside, all randomness of `model` follows from `generator`; outside, nothing has changed."""
    if generator is None:
        yield
        return
    owners: list[Any] = [
        module
        for module in model.modules()
        if isinstance(getattr(module, "generator", None), Generator)
    ]
    own = [module.generator for module in owners]
    seed = torch.randint(2**62, (), generator=generator, device=generator.device).item()
    with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
        torch.manual_seed(seed)
        try:
            for module in owners:
                module.generator = None
            yield
        finally:
            for module, kept in zip(owners, own, strict=True):
                module.generator = kept
