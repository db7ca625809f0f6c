"""What `SpatialDropout` alone promises: its ranks, and to stand in for `torch.nn.Dropout2d`."""

import pytest
import torch
from torch import Generator, nn

from dropoutbook import Dropout, SpatialDropout
from tests.checks import assert_refused
from tests.layers import wrong_spatial_dropout as wrong
from tests.layers.rows import ROWS, Row
from tests.mutants import rejects


@pytest.mark.parametrize("shape", [(), (3,), (3, 2)])
@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("p", [0.0, 0.5])
def test_an_input_without_positions_is_refused(shape, training, p):
    layer, x = SpatialDropout(p).train(training), torch.ones(shape)
    assert_refused(lambda: layer(x), ValueError, "input", "(N, C, *)", str(shape))


def check_a_product_is_rounded_once(make, dtype):
    x = torch.rand(64, 8, 5, generator=Generator().manual_seed(0)).add(1).to(dtype)
    y, exact = make(0.1)(x).double(), x.double() / 0.9
    error = (y / exact - 1).abs()[y != 0]
    assert error.max() < 1.001 * torch.finfo(dtype).eps / 2


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_half_precision_product_is_rounded_once(dtype):
    check_a_product_is_rounded_once(SpatialDropout, dtype)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_the_check_rejects_a_product_that_is_rounded_twice(dtype):
    rejects(check_a_product_is_rounded_once, SpatialDropout, wrong.RoundsTheFactor, dtype)


def test_it_stands_in_for_torchs_layer():
    assert repr(SpatialDropout(0.2)) == repr(nn.Dropout2d(0.2)).replace(
        "Dropout2d", "SpatialDropout"
    )
    for theirs in (nn.Dropout1d(), nn.Dropout2d(), nn.Dropout3d()):
        assert theirs.load_state_dict(SpatialDropout().state_dict()) == ([], [])


@pytest.mark.parametrize(
    ("name", "mutant"),
    [
        ("shared_axes", Dropout),
        ("shared_axes", wrong.SharesTheDrawOfAPosition),
        ("examples", wrong.SharesTheDrawOfTheBatch),
        ("positions", wrong.SharesTheDrawOfTheChannels),
    ],
)
def test_the_suite_rejects(name, mutant):
    row = ROWS["SpatialDropout"]
    rejects(Row.check, row, row._replace(make=mutant), name)
