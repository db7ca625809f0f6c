"""A picture's tag says how large it is."""

from bookpages.pictures import sized


def png(width, height):
    """The first bytes of a PNG of this size."""
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big")


def test_a_picture_says_its_size(tmp_path):
    (tmp_path / "a.png").write_bytes(png(640, 300))
    tag = 'alt="Dots." src="../_images/a.png"/>'
    assert sized(f"<p><img {tag}", tmp_path) == f'<p><img width="640" height="300" {tag}'


def test_other_images_stay(tmp_path):
    page = '<img src="../_static/logo.svg" alt=""/>'
    assert sized(page, tmp_path) == page
