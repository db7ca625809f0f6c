"""Every layer keeps every property of the suite that it promises."""

import pytest

from dropoutbook.testing import PROPERTIES
from tests.checks import DEVICES
from tests.layers.rows import ROWS, Row


@pytest.mark.parametrize("name", PROPERTIES)
@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
@pytest.mark.parametrize("device", DEVICES)
def test_layer(device: str, row: Row, name: str):
    row.check(name, device)
