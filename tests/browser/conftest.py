"""The built book in a browser."""

from pathlib import Path

import pytest
from chromium import NoBrowser, chromium


@pytest.fixture(scope="session")
def browser():
    try:
        with chromium() as browser:
            yield browser
    except NoBrowser as error:
        pytest.skip(str(error))


@pytest.fixture
def page(browser):
    with browser.new_page() as page:
        yield page


@pytest.fixture(scope="session")
def book():
    """The folder of the built book."""
    folder = Path(__file__).resolve().parents[2] / "_build" / "html"
    assert (folder / "index.html").exists(), f"no book in {folder}: run `make book`"
    return folder
