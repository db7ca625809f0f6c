"""MC prediction: mean and variance of the output over sampled masks."""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from dropoutbook.layers.parts.arguments import check_generator, check_integer
from dropoutbook.models.mc_dropout import mc_dropout
from dropoutbook.models.parts.prefix import split
from dropoutbook.models.parts.seeded import seeded


def forward_samples(model: nn.Module, input: Tensor, samples: int) -> Tensor:
    """The definition, in `mc_dropout`: one forward pass per sample; shape (S, N, ...)."""
    return torch.stack([model(input.clone()) for _ in range(samples)])


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

    Cost:
        Layers of `torch.nn` before the first dropout run once, not S times, where the model is an
        `nn.Sequential`, nested or not, without forward hooks on the way. The rest costs S forward
        passes one after another, or S / chunk that are `chunk` times as wide. A model with a
        forward of its own runs whole each time; what it draws from NumPy is drawn once a chunk.
        Small layers are faster in large chunks, which save calls; large ones in small chunks or
        none, which stay in the cache. Attention in chunks goes without fused kernels.
        Memory: the samples, and the activations of one pass or one chunk.

    Returns:
        `MCPrediction`; mean and variance in float32 or wider, samples in the model's dtype.

    Raises:
        TypeError: if `model` is not a module, its output or the `input` of a chunk not a tensor,
            a count not an integer, or `generator` not a generator.
        ValueError: if a count is too small, `model` holds no dropout with p > 0, or its output
            changes its shape from sample to sample.

    Source:
        Gal and Ghahramani (2016), Dropout as a Bayesian approximation, ICML, Eqs. (6) and (7).
    """
    draws = draw_samples(model, input, samples, chunk, generator)
    wide = draws.to(torch.promote_types(draws.dtype, torch.float32))
    return MCPrediction(wide.mean(0), wide.var(0), draws)


def draw_samples(
    model: nn.Module,
    input: Tensor,
    samples: int,
    chunk: int | None,
    generator: Generator | None,
    check: Callable[[Tensor], None] = lambda output: None,
) -> Tensor:
    """The samples of `mc_predict`, whose arguments and errors these are.

    `check` sees the output of each sample, the first one's before there is a second, and may raise.
    """
    samples = check_integer("samples", samples, least=2)
    if chunk is not None:
        chunk = check_integer("chunk", chunk, least=1)
    with mc_dropout(model), torch.no_grad(), seeded(model, check_generator(generator)):
        return _draw(model, input, samples, chunk, check)


def _draw(
    model: nn.Module,
    input: Tensor,
    samples: int,
    chunk: int | None,
    check: Callable[[Tensor], None],
) -> Tensor:
    """`forward_samples`, with the deterministic prefix of the model computed once."""
    features, rest = split(model, _copy(input))

    def sample(features: Any) -> Tensor:
        output = _copy(features)
        for module in rest:
            output = module(output)
        if not isinstance(output, Tensor):
            raise TypeError(f"model must return a tensor, got a {type(output).__name__}")
        check(output)
        return output

    if chunk is None:
        first = sample(features)
        draws = first.new_empty((samples, *first.shape))  # outputs may be views of what is large
        draws[0] = first
        for slot in draws[1:]:
            output = sample(features)
            if output.shape != slot.shape:
                shapes = f"{tuple(slot.shape)} and {tuple(output.shape)}"
                raise ValueError(f"model must return the same shape each time, got {shapes}")
            slot.copy_(output)
        return draws
    if not isinstance(features, Tensor):
        raise TypeError(f"input must be a tensor with a chunk, got a {type(features).__name__}")
    # Attention may draw one mask for a chunk of equal queries, keys and values: so each sample gets
    # an input of its own, and the fused kernels, which do so silently, are off.
    copies = features.expand(samples, *features.shape)
    with sdpa_kernel(SDPBackend.MATH):
        return torch.vmap(sample, randomness="different", chunk_size=chunk)(copies)


def _copy(input: Any) -> Any:
    """A tensor that in-place layers may overwrite."""
    return input.clone() if isinstance(input, Tensor) else input
