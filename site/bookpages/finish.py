"""The last step of a build: each page is read once, mended, checked, and written once."""

from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging

from bookpages.offline import LOADS, loads
from bookpages.pictures import sized
from bookpages.policy import with_policy
from bookpages.style_sheet import with_one_sheet
from bookpages.theme import UNUSED, repaired, unneeded

log = logging.getLogger(__name__)


def read(out: Path) -> dict[str, str]:
    """The text of each file that a browser could load something for, by its path in `out`."""
    paths = sorted(path for path in out.rglob("*") if path.suffix in LOADS)
    return {path.relative_to(out).as_posix(): path.read_text("utf8") for path in paths}


def is_page(name: str) -> bool:
    return name.endswith(".html") and not name.startswith("_static/")


def finish(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    out = Path(app.outdir)
    for pattern in UNUSED:
        for file in (out / "_static").rglob(pattern):
            file.unlink()
    texts = read(out)
    pages = {name: text for name, text in texts.items() if is_page(name)}
    for why in unneeded(pages.values()):
        log.warning("no page needs this repair any more: %s", why)
    pages = {name: sized(repaired(text), out / "_images") for name, text in pages.items()}
    pages = with_one_sheet(pages, texts)  # which is one of them now
    pages |= {name: with_policy(text) for name, text in pages.items() if is_page(name)}
    for name, text in pages.items():
        (out / name).write_text(text, encoding="utf8")
    for name, text in (texts | pages).items():
        for address in loads(name, text):
            log.warning("%s loads %s", name, address)


def setup(app: Sphinx) -> None:
    app.connect("build-finished", finish, priority=900)  # after others have copied their files
