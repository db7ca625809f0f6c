"""DropBlock on feature maps, with a mask for each channel."""

from collections.abc import Callable, Iterator
from functools import partial

import torch

from benchmarks import laws
from benchmarks.contestants import Layer, forward, forward_backward
from benchmarks.peers import load, load_file
from benchmarks.row import OURS, Contestant, Goal, Row
from dropoutbook import DropBlock

SHAPE, P, BLOCK = (32, 64, 28, 28), 0.1, 7
PAPER = "gamma of the paper, by which fewer than p are dropped"


def torchvision() -> Layer:
    drop_block2d = load_file("torchvision", "ops/drop_block.py").drop_block2d
    return partial(drop_block2d, p=P, block_size=BLOCK)


def timm() -> Layer:
    drop_block_2d = load_file("timm", "layers/drop.py").drop_block_2d
    return partial(drop_block_2d, drop_prob=P, block_size=BLOCK, couple_channels=False)


# name: how to make it, and the law that it is known to have instead of ours
PEERS: dict[str, tuple[Callable[[], Layer], str]] = {
    OURS: (lambda: DropBlock(P, BLOCK), ""),
    f"{OURS}, marginal='paper'": (lambda: DropBlock(P, BLOCK, marginal="paper"), PAPER),
    f"{OURS}, shared=True": (lambda: DropBlock(P, BLOCK, shared=True), "one mask an example"),
    "torchvision": (torchvision, PAPER),
    "timm": (timm, "seeds outside of the valid region too, at its rate"),
    "miguelvr/dropblock": (
        lambda: load("dropblock").DropBlock2D(P, BLOCK),
        "one mask an example, and gamma without regard to the border",
    ),
    "MONAI DropPath": (
        lambda: load("monai.networks.layers").DropPath(P),
        "drops whole examples: the nearest that MONAI has",
    ),
}


def contestant(run: Callable[..., Contestant], name: str, x: torch.Tensor) -> Contestant:
    make, another_law = PEERS[name]
    layer = make()
    return run(layer, x, lambda: laws.blocks(layer, SHAPE, P), another_law=another_law)


def rows() -> Iterator[Row]:
    x = torch.randn(SHAPE)
    for direction, run, least in (
        ("forward", forward, 10),
        ("forward + backward", forward_backward, 5),
    ):
        yield Row(
            name=f"drop_block {direction}",
            family="drop_block",
            work=f"DropBlock, 32 × 64 × 28 × 28, block 7, p = {P}, {direction}",
            contestants={name: partial(contestant, run, name, x) for name in PEERS},
            goals=[
                Goal(OURS, "torchvision", least),
                Goal(OURS, "timm", least),
                Goal(f"{OURS}, shared=True", "miguelvr/dropblock", 1),
            ],
        )
