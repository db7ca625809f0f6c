"""The server sends files as a host does, and says what it does not have."""

import gzip
import urllib.error
import urllib.request

import pytest
from server import served


def test_text_is_sent_compressed(tmp_path):
    (tmp_path / "a.html").write_text("<p>text</p>" * 100)
    with served(tmp_path) as root, urllib.request.urlopen(f"{root}/a.html?v=1") as answer:
        body = answer.read()
    assert gzip.decompress(body) == (tmp_path / "a.html").read_bytes()
    assert len(body) < 100


def test_what_is_not_there_is_not_found(tmp_path):
    with served(tmp_path) as root, pytest.raises(urllib.error.HTTPError, match="404") as answer:
        urllib.request.urlopen(f"{root}/gone.html")
    answer.value.close()
