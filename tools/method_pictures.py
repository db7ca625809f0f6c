"""The small pictures of the methods on the first page, each from draws of its layer."""

from collections.abc import Iterator

import torch
from svg_marks import BLUE, ORANGE, SIZE, dot, entries, feature_map, line, network
from torch import Generator, nn

import dropoutbook as book


def dropout(generator: Generator) -> Iterator[str]:
    layer = book.Dropout(0.5, rescale="test", generator=generator)
    return network([torch.ones(3), layer(torch.ones(4)), layer(torch.ones(4)), torch.ones(2)])


def spatial_dropout(generator: Generator) -> Iterator[str]:
    channels = book.SpatialDropout(0.5, generator=generator)(torch.ones(1, 4, 5, 5))[0]
    for channel, corner in zip(channels, [(4, 4), (51, 4), (4, 51), (51, 51)], strict=True):
        yield from feature_map(channel, corner, 8.4)


def drop_block(generator: Generator) -> Iterator[str]:
    layer = book.DropBlock(0.3, block_size=3, generator=generator)
    return feature_map(layer(torch.ones(1, 1, 11, 11))[0, 0], (4, 4), 8)


def max_pool_dropout2d(generator: Generator) -> Iterator[str]:
    values = torch.rand(1, 4, 4, generator=generator) + 0.2
    kept = book.MaxPoolDropout2d(1, generator=generator)(values)  # windows of a single unit
    winners = nn.functional.max_pool2d(kept, 2)[0]
    for (row, column), value in entries(values[0]):
        left = kept[0, row, column].item()
        color = ORANGE if left == winners[row // 2, column // 2] else BLUE
        yield dot((15 + 22 * column, 15 + 22 * row), left > 0, 2.5 + 6 * value, color)
    yield line([(48, 3), (48, 93)])
    yield line([(3, 48), (93, 48)])


def rnn_drop_lstm(generator: Generator) -> Iterator[str]:
    for y, kept in _units(4, generator):
        yield from [line([(6, y), (90, y)])] if kept else []
        yield from (dot((x, y), kept) for x in (16, 37, 58, 79))


def recurrent_dropout_lstm(generator: Generator) -> Iterator[str]:
    for y, kept in _units(4, generator):
        yield line([(6, y), (90, y)])
        for x in (22, 42, 62, 82):
            yield from [line([(x - 9, y + 11), (x, y)], ORANGE, 2.5)] if kept else []
            yield dot((x, y), radius=5)


def variational_lstm(generator: Generator) -> Iterator[str]:
    hidden, inputs = _units(3, generator), _units(2, generator)
    for gates in (24, 55, 86):
        for y, kept in hidden:
            yield from [line([(gates - 15, y), (gates, y)])] if kept else []
            yield dot((gates - 15, y), kept, 4.5)
        for x, (_, kept) in zip((gates - 6, gates + 5), inputs, strict=True):
            yield from [line([(x, 86), (gates, 68)])] if kept else []
            yield dot((x, 86), kept, 4.5)
        yield line([(gates, 4), (gates, 70)], ORANGE, 6)


def gaussian_dropout(generator: Generator) -> Iterator[str]:
    noise = book.GaussianDropout(0.5, generator=generator)(torch.ones(5, 5))
    for (row, column), value in entries(noise):
        color = BLUE if value > 0 else ORANGE
        yield dot((12 + 18 * column, 12 + 18 * row), radius=5.5 * abs(value) ** 0.5, color=color)


def drop_connect(generator: Generator) -> Iterator[str]:
    layer = book.DropConnect(4, 4, bias=False, generator=generator)
    nn.init.ones_(layer.weight)
    return network([torch.ones(4)] * 2, connected=layer(torch.eye(4)))


def standout(generator: Generator) -> Iterator[str]:
    layer = book.Standout(1, 1, bias=False, activation="sigmoid", generator=generator)
    nn.init.ones_(layer.weight)
    z = torch.linspace(-4, 4, 41)
    keep_probability = torch.sigmoid(z).tolist()
    curve = [(48 + 10 * x, 84 - 72 * q) for x, q in zip(z.tolist(), keep_probability, strict=True)]
    yield line(curve, ORANGE, 2.5)
    for (x, _), kept in list(zip(curve, layer(z[:, None]) > 0, strict=True))[::5]:
        yield dot((x, 12 if kept else 84), bool(kept), 4.5)


def mc_dropout(generator: Generator) -> Iterator[str]:
    model = nn.Sequential(book.Dropout(0.5, generator=generator), nn.AvgPool1d(30))
    inputs = torch.linspace(0.5, 3.5, 8)[:, None].expand(-1, 30)
    guess = book.mc_predict(model, inputs, samples=10)
    across = [10 + 11 * place for place in range(len(inputs))]
    for (place, _), value in entries(guess.samples[:, :, 0].T):
        yield dot((across[place], 92 - 18 * value), radius=1.9)
    means = guess.mean[:, 0].tolist()
    yield line([(x, 92 - 18 * y) for x, y in zip(across, means, strict=True)], ORANGE, 2.5)


def _units(count: int, generator: Generator) -> list[tuple[float, bool]]:
    """Where each unit stands, and the draw that all of its steps share."""
    keep = book.Dropout(0.5, generator=generator)(torch.ones(count)) > 0
    return [(17 + 20 * unit, kept) for unit, kept in enumerate(keep.tolist())]


DRAWN = {  # the seed of a draw in which something is kept and something dropped
    dropout: 1, spatial_dropout: 1, drop_block: 1, max_pool_dropout2d: 5, rnn_drop_lstm: 1,
    recurrent_dropout_lstm: 1, variational_lstm: 2, gaussian_dropout: 6, drop_connect: 6,
    standout: 6, mc_dropout: 1,
}  # fmt: skip


def pictures() -> Iterator[tuple[str, str]]:
    """The name and the SVG of each picture, the same at every run."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}">'
    for draw, seed in DRAWN.items():
        with torch.no_grad():
            marks = list(draw(Generator().manual_seed(seed)))
        yield draw.__name__, "\n".join([head, *marks, "</svg>", ""])
