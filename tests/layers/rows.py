"""The layers, one row each: how one is made, an example, and what it claims of itself."""

import shutil
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor, nn

from dropoutbook import (
    DropBlock,
    DropConnect,
    Dropout,
    GaussianDropout,
    MaxPoolDropout2d,
    RecurrentDropoutLSTM,
    RNNDropLSTM,
    SpatialDropout,
    Standout,
    VariationalLSTM,
    WeightDrop,
)
from dropoutbook.testing import check_dropout

BACKENDS = ("aot_eager", *(["inductor"] if shutil.which("g++") or shutil.which("clang++") else []))


def example(*shape: int) -> Tensor:
    """Distinct entries, none 0, of both signs."""
    x = torch.randn(shape, generator=Generator().manual_seed(1))
    return x.sign() + x


class Row(NamedTuple):
    """The arguments of `check_dropout`."""

    make: Any
    example: Tensor
    claims: dict[str, Any]

    def check(self, name: str, device: str = "cpu") -> None:
        """The layer has the property, or does not promise it."""
        example, claims = self.example.to(device), {"backends": BACKENDS} | self.claims
        report = check_dropout(self.make, example, **claims, only=[name])
        assert report, report


def lstm(kind: type, **options: Any) -> Row:
    """Two directions; more layers, and other compilers, are tested with what is LSTMs' own."""

    def make(p: float, **more: Any):
        rates = dict.fromkeys(names, p)
        return kind(3, 5, batch_first=True, bidirectional=True, **rates, **options, **more)

    names = ("p_input", "p_hidden") if kind is VariationalLSTM else ("p",)
    claims = {"evaluation": "other", "drops": False, "independent": False, "rates": names}
    claims["backends"] = ("aot_eager",)  # others take a minute
    return Row(make, example(16, 2, 3), claims)


ONE_MASK_A_CALL = {
    "evaluation": "mean",
    "drops": False,
    "independent": False,
    "shared": (0,),
    "without": ("autocast", "bad_input"),  # those of the module
}
# before 2.13 torch.compile makes a graph for each power of a rate
POWER = () if torch.__version__ >= (2, 13) else ("compiles_for_every_rate",)
MAPS = example(4, 3, 2, 2)
ROWS = {
    "Dropout": Row(Dropout, MAPS, {}),
    "Dropout(rescale='test')": Row(partial(Dropout, rescale="test"), MAPS, {"evaluation": "mean"}),
    "SpatialDropout": Row(SpatialDropout, MAPS, {"shared": (2, 3)}),
    "GaussianDropout": Row(GaussianDropout, MAPS, {"drops": False, "without": POWER}),
    "DropBlock(block_size=1)": Row(partial(DropBlock, block_size=1), MAPS, {"without": POWER}),
    "DropBlock": Row(
        partial(DropBlock, block_size=3),
        example(4, 3, 5, 4),
        {"independent": False, "without": POWER},
    ),
    "DropBlock(shared=True)": Row(
        partial(DropBlock, block_size=2, shared=True),
        example(4, 3, 5, 4),
        {"independent": False, "shared": (1,), "without": POWER},
    ),
    # rates and means are those of its paper, and its factor is counted over the whole call
    "DropBlock(marginal='paper')": Row(
        partial(DropBlock, block_size=2, marginal="paper"),
        example(4, 3, 5, 4),
        {"independent": False, "drops": False, "without": ("mean", "examples", *POWER)},
    ),
    "DropBlock(marginal='paper', shared=True)": Row(
        partial(DropBlock, block_size=2, marginal="paper", shared=True),
        example(4, 3, 5, 4),
        {
            "independent": False,
            "drops": False,
            "shared": (1,),
            "without": ("mean", "examples", *POWER),
        },
    ),
    "MaxPoolDropout2d": Row(
        lambda p, **options: MaxPoolDropout2d(2, p=p, **options),
        example(4, 3, 4, 4).abs(),
        {"evaluation": "mean", "drops": False},
    ),
    # windows that overlap and reach into the padding
    "MaxPoolDropout2d(3, 2, 1)": Row(
        lambda p, **options: MaxPoolDropout2d(3, 2, 1, p=p, **options),
        example(4, 3, 5, 4).abs(),
        {"evaluation": "mean", "drops": False, "independent": False, "backends": ("aot_eager",)},
    ),
    "DropConnect": Row(
        lambda p, **options: DropConnect(5, 4, p=p, **options),
        example(4, 5),
        {"evaluation": "other", "drops": False, "independent": False},
    ),
    "DropConnect(activation='identity')": Row(
        lambda p, **options: DropConnect(5, 4, p=p, activation="identity", **options),
        example(4, 5),
        {"evaluation": "mean", "drops": False, "independent": False},
    ),
    "Standout": Row(
        lambda p, **options: Standout(5, 4, activation="sigmoid", **options),
        example(4, 5),
        {"evaluation": "mean", "drops": False, "rates": (), "without": ("autocast",)},
    ),
    "WeightDrop": Row(
        lambda p, **options: WeightDrop(nn.Linear(5, 4), ["weight", "bias"], p, **options),
        example(4, 5),
        ONE_MASK_A_CALL,
    ),
    "WeightDrop of a large weight": Row(
        lambda p, **options: WeightDrop(nn.Linear(2**7, 2**7), "weight", p, **options),
        example(2, 2**7),
        ONE_MASK_A_CALL | {"backends": ("aot_eager",)},
    ),
    "RNNDropLSTM": lstm(RNNDropLSTM),
    "RecurrentDropoutLSTM": lstm(RecurrentDropoutLSTM),
    "RecurrentDropoutLSTM(per_step=True)": lstm(RecurrentDropoutLSTM, per_step=True),
    "VariationalLSTM": lstm(VariationalLSTM),
    "VariationalLSTM(tied=False)": lstm(VariationalLSTM, tied=False),
}
