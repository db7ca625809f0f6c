"""Training S sequence readers at once, by vmap over the seeds: the recurrent layer is as it is."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap
from torch.nn import functional

from dropoutbook.lab.progress import progress
from dropoutbook.lab.sequences import CLASSES, SYMBOLS, temporal_order
from dropoutbook.lab.streams import stream

HIDDEN = 20

Task = Callable[[np.random.Generator, int], tuple[Tensor, Tensor]]
Weights = dict[str, Tensor]  # every weight of a reader, (seed, ...)


class SequenceReader(nn.Module):
    """A recurrent layer, and class scores from its last output.

    Args:
        recurrent: called as recurrent(input_size, hidden_size, dtype=...); makes the layer.

    Shape:
        x: (time, example, 6).  scores: (example, 4).
    """

    def __init__(self, recurrent: Callable[..., nn.Module]) -> None:
        super().__init__()
        self.layer = recurrent(SYMBOLS, HIDDEN, dtype=torch.float64)
        self.scores = nn.Linear(HIDDEN, CLASSES, dtype=torch.float64)

    def forward(self, x: Tensor) -> Tensor:
        return self.scores(self.layer(x)[0][-1])


def train_readers(
    recurrent: Callable[..., nn.Module],
    seeds: Sequence[int],
    *,
    task: Task = temporal_order,
    steps: int = 500,
    batch: int = 32,
    learning_rate: float = 1.5e-2,
    forget_bias: float = 3.0,
) -> Weights:
    """The weights of one reader a seed, trained with Adam on the cross-entropy.

    A seed fixes initial weights and sequences, new ones at every step, whatever the layer is.

    Args:
        recurrent: as for `SequenceReader`; its generator, if any, is the source of the masks.
        seeds: one reader for each.
        task: called as task(rng, examples); draws the sequences.
        steps: Adam steps; no early stopping.
        batch: sequences in a mini-batch.
        learning_rate: Adam's step size.
        forget_bias: of the forget gates at the start; sigmoid(3) = 0.95 remembers 20 steps.
    """
    reader = SequenceReader(recurrent).train()
    weights = _initial(reader, seeds, forget_bias)
    optimizer = torch.optim.Adam(weights.values(), lr=learning_rate)
    streams = [stream(seed, "order") for seed in seeds]

    def loss(weights: Weights, x: Tensor, y: Tensor) -> Tensor:
        return functional.cross_entropy(functional_call(reader, weights, x), y)

    for _ in progress(range(steps), "step"):
        losses = vmap(loss, randomness="different")(weights, *_draw(task, streams, batch))
        optimizer.zero_grad()
        losses.sum().backward()  # the seeds share no weight, so each gets its own gradient
        optimizer.step()
    return {name: weight.detach() for name, weight in weights.items()}


def accuracy(
    recurrent: Callable[..., nn.Module],
    weights: Weights,
    seeds: Sequence[int],
    *,
    task: Task = temporal_order,
    examples: int = 1000,
) -> np.ndarray:
    """Right answers of each reader on new sequences, in percent, (seed,); in evaluation mode.

    Args:
        recurrent: makes the layer; it need not be the one in training.
        weights, seeds, task: as in training.
        examples: test sequences for each seed.
    """
    reader = SequenceReader(recurrent).eval()
    x, y = _draw(task, [stream(seed, "test") for seed in seeds], examples)
    with torch.no_grad():
        scores = vmap(lambda weights, x: functional_call(reader, weights, x))(weights, x)
    return 100 * (scores.argmax(-1) == y).double().mean(-1).numpy()


def _draw(task: Task, streams: list[np.random.Generator], examples: int) -> tuple[Tensor, Tensor]:
    x, y = zip(*(task(rng, examples) for rng in streams), strict=True)
    return torch.stack(x), torch.stack(y)


def _initial(reader: SequenceReader, seeds: Sequence[int], forget_bias: float) -> Weights:
    """torch.nn.LSTM's uniform weights, drawn from each seed's own stream."""
    streams, bound = [stream(seed, "weights") for seed in seeds], HIDDEN**-0.5
    weights = {
        name: torch.from_numpy(np.stack([rng.uniform(-bound, bound, w.shape) for rng in streams]))
        for name, w in reader.named_parameters()
    }
    weights["layer.bias_ih_l0"][:, HIDDEN : 2 * HIDDEN] = forget_bias
    weights["layer.bias_hh_l0"][:, HIDDEN : 2 * HIDDEN] = 0
    return {name: weight.requires_grad_() for name, weight in weights.items()}
