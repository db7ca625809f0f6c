"""The built book in a browser: Debian's Chromium where there is one, Playwright's own elsewhere."""

from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    own = {"executable_path": CHROMIUM} if CHROMIUM.exists() else {}
    with sync_api.sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(args=FLAGS, **own)
        except sync_api.Error as error:
            pytest.skip(f"no browser to test with: {error.message.splitlines()[0]}")
        yield browser
        browser.close()


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
