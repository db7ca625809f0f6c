"""The contrast that other tests measure is that of the standard."""

import pytest

from tests.contrast import contrast


def test_the_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21, rel=1e-6)
    assert contrast("#777777", "white") == pytest.approx(4.478, abs=1e-3)  # just too little
    assert contrast("#d9822b", "#ffffff") < 3  # the orange of the logo would not do


def test_every_way_to_write_a_color_is_the_same_color():
    for color in ("rgb(217, 130, 43)", "rgba(217, 130, 43, 1)"):
        assert contrast(color, "rgb(255, 255, 255)") == contrast("#d9822b", "white")
