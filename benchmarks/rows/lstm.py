"""The three LSTMs, forward and backward through time."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import torch
from torch import Tensor, nn

from benchmarks import laws
from benchmarks.contestants import forward_backward
from benchmarks.peers import load
from benchmarks.record import geometric_mean, ratio_in, settled
from benchmarks.row import AT_WORST, Contestant, Goal, Row
from dropoutbook import RecurrentDropoutLSTM, RNNDropLSTM, VariationalLSTM

SHAPES = [(100, 32, 128, 256), (35, 20, 200, 200), (50, 64, 64, 512)]  # T, B, D, H
WEAK = {
    (20, 1024, 128, 128): "what grows with the square of a large batch shows",
    (1, 1, 16, 16): "a single step of one example leaves nothing to take out of the loop",
}
P = 0.3
OURS = {
    "VariationalLSTM": partial(VariationalLSTM, p_input=P, p_hidden=P),
    "RNNDropLSTM": partial(RNNDropLSTM, p=P),
    "RecurrentDropoutLSTM": partial(RecurrentDropoutLSTM, p=P),
}
PLAIN, CELLS, KERAS = "nn.LSTM, no dropout", "nn.LSTMCell loop", "Keras recurrent_dropout"


class CellLoop(nn.Module):
    """Gal's dropout as one writes it by hand: masks for a whole sequence, a cell at each step."""

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(inputs, hidden)

    def forward(self, x: Tensor) -> Tensor:
        batch, hidden = x.shape[1], self.cell.hidden_size
        mask_x = nn.functional.dropout(x.new_ones(batch, x.shape[2]), P)
        mask_h = nn.functional.dropout(x.new_ones(batch, hidden), P)
        h = c = x.new_zeros(batch, hidden)
        outputs = []
        for step in (x * mask_x).unbind():
            h, c = self.cell(step, (h * mask_h, c))
            outputs.append(h)
        return torch.stack(outputs)


def recurrent(make: Callable[[int, int], nn.Module], shape: tuple[int, ...], **more) -> Contestant:
    """A layer that returns the outputs of all steps, or these and a state."""
    steps, batch, inputs, hidden = shape
    layer, x = make(inputs, hidden), torch.randn(steps, batch, inputs)

    def outputs(x: Tensor) -> Tensor:
        found = layer(x)
        return found[0] if isinstance(found, tuple) else found

    law = partial(laws.outputs, partial(outputs, x), (steps, batch, hidden))
    return forward_backward(outputs, x, law, list(layer.parameters()), memory=True, **more)


def keras(shape: tuple[int, ...]) -> Contestant:
    steps, batch, inputs, hidden = shape
    options = {"dropout": P, "recurrent_dropout": P, "return_sequences": True}
    layer, x = load("keras").layers.LSTM(hidden, **options), torch.randn(batch, steps, inputs)
    call = partial(layer, training=True)
    law = partial(laws.outputs, partial(call, x), (batch, steps, hidden))  # builds the weights
    call(x)
    return forward_backward(call, x, law, [weight.value for weight in layer.trainable_weights])


def makers(shape: tuple[int, ...]) -> Mapping[str, Callable[[], Contestant]]:
    return {
        **{name: partial(recurrent, make, shape) for name, make in OURS.items()},
        PLAIN: partial(recurrent, nn.LSTM, shape, another_law="no dropout"),
        CELLS: partial(recurrent, CellLoop, shape),
        KERAS: partial(keras, shape),
    }


def rows() -> Iterator[Row]:
    for shape in SHAPES:
        yield Row(
            name=f"lstm {shape}",
            family="lstm",
            work=f"LSTMs, (T, B, D, H) = {shape}, forward + backward",
            contestants=makers(shape),
            goals=[
                Goal(name, against, least)
                for name in OURS
                for against, least in ((CELLS, 1), (KERAS, 5))
            ],
        )
    for shape, why in WEAK.items():
        yield Row(
            name=f"lstm {shape}",
            family="lstm",
            work=f"LSTMs, (T, B, D, H) = {shape}, forward + backward",
            contestants={name: makers(shape)[name] for name in (*OURS, PLAIN, CELLS)},
            goals=[Goal(name, against, AT_WORST) for name in OURS for against in (PLAIN, CELLS)],
            weak=why,
        )


def summary(records: list[dict]) -> dict:
    """The geometric means over the usual shapes of how fast the LSTMs are beside PyTorch's own."""
    groups = {name: [name] for name in OURS} | {"all three": [*OURS]}
    usual = [record for record in records if not record["weak"]]
    means = {
        group: [ratio_in(record, name, PLAIN) for record in usual for name in names]
        for group, names in groups.items()
    }
    return {
        "name": "lstm mean",
        "family": "lstm",
        "work": "LSTMs, geometric mean over the shapes, forward + backward",
        "size": None,
        "contestants": {},
        "goals": [
            settled(Goal(group, PLAIN, 1 / 1.1), geometric_mean(ratios))
            for group, ratios in means.items()
        ],
        "bounds": [],
    }
