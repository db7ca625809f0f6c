"""The built book in a browser, from its folder and from a server."""

from pathlib import Path

import pytest
from chromium import NoBrowser, chromium
from server import served


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
def root():
    """The folder of the repository."""
    return Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def book(root):
    """The folder of the built book."""
    folder = root / "_build" / "html"
    assert (folder / "index.html").exists(), f"no book in {folder}: run `make book`"
    return folder


@pytest.fixture(scope="session")
def server(book):
    """The address of the book on a server."""
    with served(book) as address:
        yield address
