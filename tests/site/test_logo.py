"""The logo that is kept is the one that the code draws; the card shows the same network."""

import numpy as np
import pytest
from bookpages.logo import NETWORK, STATIC, connections, drawings
from bookpages.social_card import SIZE, draw
from matplotlib.image import imread


@pytest.mark.parametrize("name", drawings())
def test_the_file_is_what_the_code_draws(name):
    assert (STATIC / name).read_text("utf8") == drawings()[name], (
        "draw it again: .venv/bin/python site/bookpages/logo.py"
    )


def test_no_line_ends_at_a_dropped_unit():
    dropped = {(x, y) for layer in NETWORK for x, y, kept in layer if not kept}
    ends = {end for x, y, u, v in connections(NETWORK) for end in ((x, y), (u, v))}
    assert dropped
    assert not dropped & ends
    assert len(ends) + len(dropped) == sum(map(len, NETWORK))


def test_the_card_has_its_size_and_shows_something(tmp_path):
    draw(tmp_path / "card.png", "A Title")
    image = imread(tmp_path / "card.png")
    assert image.shape[1::-1] == SIZE
    for half in np.split(image[..., :3], 2, axis=1):
        assert (half < 0.5).any(axis=2).sum() > 5000
