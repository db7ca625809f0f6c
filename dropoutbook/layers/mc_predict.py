"""MC prediction: mean and variance of the output over sampled masks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor, nn

from dropoutbook.layers.base import check_generator, check_integer
from dropoutbook.layers.mc_dropout import mc_dropout


class MCPrediction(NamedTuple):
    """What `mc_predict` returns: `mean` and `variance` (N, ...), `samples` (S, N, ...)."""

    mean: Tensor
    variance: Tensor
    samples: Tensor


def mc_predict(
    model: nn.Module,
    input: Tensor,
    samples: int = 100,
    *,
    chunk: int | None = None,
    generator: Generator | None = None,
) -> MCPrediction:
    """Mean and variance of the output over `samples` fresh draws of all masks.

        mean = 1/S sum_s y_s,    variance = 1/(S - 1) sum_s (y_s - mean)**2

    The variance is that of the output over masks, without bias; the paper divides by S and adds
    the noise of the targets, 1 / tau. Runs in `mc_dropout(model)` and under `no_grad`.

    Args:
        model: A module that maps `input` to one tensor.
        input: What the model takes, in any shape and order of axes.
        samples: S, at least 2; the error of the mean falls as 1 / sqrt(S).
        chunk: How many samples to draw at once, by `torch.vmap`; None: one forward after another,
            which works with every model (`nn.LSTM` cannot be vectorized).
        generator: Makes the result repeatable: it seeds the global generators (CPU and CUDA),
            which are put back afterwards, and meanwhile the model's layers draw from these
            instead of generators of their own. None means the generators the layers have.

    Returns:
        `MCPrediction`; mean and variance in float32 or wider, samples in the model's dtype.

    Raises:
        TypeError: if `model` is not a module, its output not a tensor, a count not an integer,
            or `generator` not a generator.
        ValueError: if a count is too small, or `model` holds no dropout with p > 0.

    Source:
        Gal and Ghahramani (2016), Dropout as a Bayesian approximation, ICML, Eqs. (6) and (7).
    """
    samples = check_integer("samples", samples, least=2)
    if chunk is not None:
        chunk = check_integer("chunk", chunk, least=1)
    with mc_dropout(model), torch.no_grad(), seeded(model, check_generator(generator)):
        draws = _draw(model, input, samples, chunk)
    wide = draws.to(torch.promote_types(draws.dtype, torch.float32))
    return MCPrediction(wide.mean(0), wide.var(0), draws)


def _draw(model: nn.Module, input: Tensor, samples: int, chunk: int | None) -> Tensor:
    def sample(_: Any = None) -> Tensor:
        output = model(input)
        if not isinstance(output, Tensor):
            raise TypeError(f"model must return a tensor, got a {type(output).__name__}")
        return output

    if chunk is None:
        return torch.stack([sample() for _ in range(samples)])
    numbers = torch.arange(samples)  # counts the samples; the masks are what differs
    return torch.vmap(sample, randomness="different", chunk_size=chunk)(numbers)


@contextmanager
def seeded(model: nn.Module, generator: Generator | None) -> Iterator[None]:
    """Inside, all randomness of `model` follows from `generator`; outside, nothing has changed."""
    if generator is None:
        yield
        return
    owners = [m for m in model.modules() if isinstance(getattr(m, "generator", None), Generator)]
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
