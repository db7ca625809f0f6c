"""Chromium for what opens the built book: the system's, else the one that Playwright installed."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = ["--disable-gpu", "--disable-quic"]  # Playwright adds those that keep it off the network
ADVICE = "no Chromium: install your system's, or type .venv/bin/playwright install chromium"


class NoBrowser(RuntimeError):
    """There is no Chromium on this machine."""


def executable(playwright: Playwright) -> str:
    """The path of the browser; raises `NoBrowser` if there is none."""
    own = playwright.chromium.executable_path
    found = next(filter(None, map(shutil.which, NAMES)), own if Path(own).exists() else None)
    if found is None:
        raise NoBrowser(ADVICE)
    return found


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running browser, closed at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(playwright), args=FLAGS)
        yield browser
        browser.close()
