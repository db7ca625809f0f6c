"""DropBlock on feature maps, with a mask for each channel."""

from collections.abc import Callable, Iterator
from functools import partial

import torch
from torch import nn

from benchmarks import laws
from benchmarks.contestants import Layer, forward, forward_backward
from benchmarks.peers import load, load_file
from benchmarks.row import AT_WORST, OURS, Contestant, Goal, Row
from dropoutbook import DropBlock

SHAPE, P, BLOCK = (32, 64, 28, 28), 0.1, 7
PAPER = "gamma of the paper, by which fewer than p are dropped"


def torchvision(block: int) -> Layer:
    drop_block2d = load_file("torchvision", "ops/drop_block.py").drop_block2d
    return partial(drop_block2d, p=P, block_size=block)


def timm(block: int) -> Layer:
    drop_block_2d = load_file("timm", "layers/drop.py").drop_block_2d
    return partial(drop_block_2d, drop_prob=P, block_size=block, couple_channels=False)


# name: how to make it for a size of block, and the law that it is known to have instead of ours
PEERS: dict[str, tuple[Callable[[int], Layer], str]] = {
    OURS: (lambda block: DropBlock(P, block), ""),
    f"{OURS}, marginal='paper'": (lambda block: DropBlock(P, block, marginal="paper"), PAPER),
    f"{OURS}, shared=True": (
        lambda block: DropBlock(P, block, shared=True),
        "one mask per example",
    ),
    "torchvision": (torchvision, PAPER),
    "timm": (timm, "seeds outside of the valid region too, at its rate"),
    "miguelvr/dropblock": (
        lambda block: load("dropblock").DropBlock2D(P, block),
        "one mask per example, and gamma without regard to the border",
    ),
    "MONAI DropPath": (
        lambda block: load("monai.networks.layers").DropPath(P),
        "drops whole examples: the nearest that MONAI has",
    ),
    "nn.Dropout": (lambda block: nn.Dropout(P), "the same for blocks of one unit, and no other"),
}


def contestant(
    run: Callable[..., Contestant], name: str, shape: tuple[int, ...] = SHAPE, block: int = BLOCK
) -> Contestant:
    make, another_law = PEERS[name]
    layer, x = make(block), torch.randn(shape)
    return run(layer, x, lambda: laws.blocks(layer, shape, P), another_law=another_law)


def weak(shape: tuple[int, ...], block: int, against: str, why: str) -> Row:
    size = " × ".join(map(str, shape))
    return Row(
        name=f"drop_block {size} {block}",
        family="drop_block",
        work=f"DropBlock, {size}, block {block}, p = {P}, forward",
        contestants={
            name: partial(contestant, forward, name, shape, block) for name in (OURS, against)
        },
        goals=[Goal(OURS, against, AT_WORST)],
        weak=why,
    )


def rows() -> Iterator[Row]:
    others = [name for name in PEERS if name != "nn.Dropout"]
    for direction, run, least in (
        ("forward", forward, 10),
        ("forward + backward", forward_backward, 5),
    ):
        yield Row(
            name=f"drop_block {direction}",
            family="drop_block",
            work=f"DropBlock, 32 × 64 × 28 × 28, block 7, p = {P}, {direction}",
            contestants={name: partial(contestant, run, name) for name in others},
            goals=[
                Goal(OURS, "torchvision", least),
                Goal(OURS, "timm", least),
                Goal(f"{OURS}, shared=True", "miguelvr/dropblock", 1),
            ],
        )
    yield weak((4, 8, 6, 6), 3, "torchvision", "small maps cost calls, and windows are small")
    yield weak(SHAPE, 27, "torchvision", "seeds for a block as large as the map fill four maps")
    yield weak(SHAPE, 1, "nn.Dropout", "blocks of one unit need no windows")
