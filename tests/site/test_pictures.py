"""A picture's tag says how large it is."""

import numpy as np
from bookpages.pictures import sized
from matplotlib.image import imsave


def test_a_picture_says_its_size(tmp_path):
    imsave(tmp_path / "a.png", np.zeros((300, 640)))
    tag = 'alt="Dots." src="../_images/a.png"/>'
    assert sized(f"<p><img {tag}", tmp_path) == f'<p><img width="640" height="300" {tag}'


def test_other_images_stay(tmp_path):
    page = '<img src="../_static/logo.svg" alt=""/>'
    assert sized(page, tmp_path) == page
