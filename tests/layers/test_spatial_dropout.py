"""What `SpatialDropout` alone promises: its ranks, and to stand in for `torch.nn.Dropout2d`."""

import pytest
import torch
from torch import Generator, nn

from dropoutbook import Dropout, SpatialDropout
from dropoutbook.layers.parts.mask import draw_keep
from tests.checks import assert_refused
from tests.layers.cases import LAYERS, every_p
from tests.layers.rows import ROWS, Row
from tests.mutants import rejects

CASE = LAYERS["SpatialDropout"]


@pytest.mark.parametrize("shape", [(), (3,), (3, 2)])
@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("p", [0.0, 0.5])
def test_an_input_without_positions_is_refused(shape, training, p):
    layer, x = SpatialDropout(p).train(training), torch.ones(shape)
    assert_refused(lambda: layer(x), ValueError, "input", "(N, C, *)", str(shape))


@every_p
def test_inplace_writes_the_same_output_over_the_input(p):
    layer, inplace = (
        SpatialDropout(p, inplace, generator=Generator().manual_seed(0))
        for inplace in (False, True)
    )
    x = CASE.input(64)
    expected, y = layer(x.clone()), inplace(x)
    assert y is x
    assert torch.equal(y, expected)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_half_precision_product_is_rounded_once(dtype):
    x = torch.rand(64, 8, 5, generator=Generator().manual_seed(0)).add(1).to(dtype)
    y, exact = SpatialDropout(0.1)(x).double(), x.double() / 0.9
    error = (y / exact - 1).abs()[y != 0]
    assert error.max() < 1.001 * torch.finfo(dtype).eps / 2


def test_it_stands_in_for_torchs_layer():
    assert repr(SpatialDropout(0.2)) == repr(nn.Dropout2d(0.2)).replace(
        "Dropout2d", "SpatialDropout"
    )
    for theirs in (nn.Dropout1d(), nn.Dropout2d(), nn.Dropout3d()):
        assert theirs.load_state_dict(SpatialDropout().state_dict()) == ([], [])


class SharesTheDrawOfAPosition(SpatialDropout):
    def drop(self, x):
        keep = draw_keep((len(x), 1, *x.shape[2:]), self.p, x, self.generator)
        return x * keep / (1 - self.p)


class SharesTheDrawOfTheBatch(SpatialDropout):
    def drop(self, x):
        keep = draw_keep((1, x.shape[1], 1, 1), self.p, x, self.generator)
        return x * keep / (1 - self.p)


class SharesTheDrawOfTheChannels(SpatialDropout):
    def drop(self, x):
        keep = draw_keep((len(x), 1, 1, 1), self.p, x, self.generator)
        return x * keep / (1 - self.p)


@pytest.mark.parametrize(
    ("name", "mutant"),
    [
        ("shared_axes", Dropout),
        ("shared_axes", SharesTheDrawOfAPosition),
        ("examples", SharesTheDrawOfTheBatch),
        ("positions", SharesTheDrawOfTheChannels),
    ],
)
def test_the_suite_rejects_another_way_of_sharing(name, mutant):
    row = ROWS["SpatialDropout"]
    rejects(Row.check, row, row._replace(make=mutant), name)
