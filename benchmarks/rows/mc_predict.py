"""MC dropout: a hundred predictions of one network."""

from collections.abc import Callable, Iterator
from functools import partial

import torch
from torch import Tensor, nn

from benchmarks import laws
from benchmarks.measure import peak_bytes
from benchmarks.peers import load_file
from benchmarks.row import AT_WORST, OURS, Bound, Contestant, Goal, Row
from dropoutbook import mc_dropout, mc_predict

SAMPLES, CHUNK, BATCH, HIDDEN, P = 100, 10, 16, 512, 0.5
LOOP, REPEATED, VMAP = "loop of forward passes", "torch-uncertainty", "vmap over all samples"
CHUNKED = f"{OURS}, chunk={CHUNK}"

Predict = Callable[[nn.Module, Tensor], Tensor]


def late() -> tuple[nn.Module, Tensor]:
    """Convolutions, then one dropout before the last layer."""
    features = nn.Sequential(
        nn.Conv2d(3, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
    )  # fmt: skip
    head = (nn.Linear(4096, 128), nn.ReLU(), nn.Dropout(P), nn.Linear(128, 10))
    return nn.Sequential(*features, *head).eval(), torch.randn(BATCH, 3, 32, 32)


class Own(nn.Module):
    """A network as most are written: a class of one's own."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        return self.network(x)


def wrapped() -> tuple[nn.Module, Tensor]:
    network, x = late()
    return Own(network).eval(), x


def early() -> tuple[nn.Module, Tensor]:
    """Dropout in front of every layer, so that nothing can be shared between samples."""
    widths, layers = (784, HIDDEN, HIDDEN), []
    for wide, wider in zip(widths[:-1], widths[1:], strict=True):
        layers += [nn.Dropout(P), nn.Linear(wide, wider), nn.ReLU()]
    layers += [nn.Dropout(P), nn.Linear(HIDDEN, 10)]
    return nn.Sequential(*layers).eval(), torch.randn(BATCH, 784)


def loop(model: nn.Module, x: Tensor) -> Tensor:
    with mc_dropout(model), torch.no_grad():
        return torch.stack([model(x) for _ in range(SAMPLES)])


def repeated(model: nn.Module, x: Tensor) -> Tensor:
    """torch-uncertainty's way: one batch that holds each example S times."""
    wrapper = load_file("torch_uncertainty", "methods/mc_dropout.py").mc_dropout(model, SAMPLES)
    with torch.no_grad():
        return wrapper.eval()(x).unflatten(0, (SAMPLES, -1))


def vmapped(model: nn.Module, x: Tensor) -> Tensor:
    with mc_dropout(model), torch.no_grad():
        draw = torch.vmap(lambda _: model(x), randomness="different")
        return draw(torch.arange(SAMPLES))


WAYS: dict[str, Predict] = {
    OURS: lambda model, x: mc_predict(model, x, SAMPLES).samples,
    CHUNKED: lambda model, x: mc_predict(model, x, SAMPLES, chunk=CHUNK).samples,
    LOOP: loop,
    REPEATED: repeated,
    VMAP: vmapped,
}


def contestant(way: Predict, build: Callable[[], tuple[nn.Module, Tensor]]) -> Contestant:
    model, x = build()
    call = partial(way, model, x)
    call()  # an absent peer is found out before the clock starts
    law = partial(laws.samples, call, loop(model, x))
    return Contestant(call, law, peak=partial(peak_bytes, call))


def rows() -> Iterator[Row]:
    yield Row(
        name="mc_predict late",
        family="mc_predict",
        work=f"mc_predict, S = {SAMPLES}, convolutions, dropout before the last layer",
        contestants={name: partial(contestant, way, late) for name, way in WAYS.items()},
        goals=[Goal(OURS, LOOP, 10), Goal(OURS, REPEATED, 2), Goal(OURS, VMAP, 1)],
    )
    chunk = 4 * 4 * CHUNK * BATCH * 784  # four arrays as large as the widest of one chunk
    yield Row(
        name="mc_predict early",
        family="mc_predict",
        work=f"mc_predict, S = {SAMPLES}, dropout before every layer",
        contestants={name: partial(contestant, way, early) for name, way in WAYS.items()},
        goals=[Goal(OURS, LOOP, 1), Goal(OURS, REPEATED, 1), Goal(OURS, VMAP, 1)],
        bounds=[Bound(CHUNKED, "peak memory", "bytes", chunk, lambda record: record["peak"])],
    )
    yield Row(
        name="mc_predict wrapped",
        family="mc_predict",
        work=f"mc_predict, S = {SAMPLES}, the same convolutions in a module of one's own",
        contestants={name: partial(contestant, way, wrapped) for name, way in WAYS.items()},
        goals=[Goal(OURS, LOOP, AT_WORST), Goal(OURS, VMAP, AT_WORST)],
        weak="of a module that is not PyTorch's own nothing is known, so nothing is shared",
    )
