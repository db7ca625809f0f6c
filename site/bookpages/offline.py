"""The build fails if a page, style sheet or image would ask another host for anything.

Plain hyperlinks are fine: nothing is asked for before the reader follows them.
"""

import re
from pathlib import Path

from bs4 import BeautifulSoup
from sphinx.application import Sphinx
from sphinx.util import logging

log = logging.getLogger(__name__)

ELSEWHERE = re.compile(r"\s*(?:https?:)?//", re.IGNORECASE)
CSS_LOAD = re.compile(r"(?:url\(|@import)\s*[\"']?((?:https?:)?//[^\"')\s;]+)", re.IGNORECASE)
SVG_LOAD = re.compile(r"(?:href|src)\s*=\s*[\"']((?:https?:)?//[^\"']+)", re.IGNORECASE)
SCRIPT_LOAD = re.compile(
    r"(?:fetch|import|importScripts|\.open)\s*\([^)]{0,20}?[\"'`]((?:https?:)?//[^\"'`]+)"
    r"|\b(?:from|import)\s*[\"']((?:https?:)?//[^\"']+)"
    r"|\.(?:src|href)\s*=\s*[\"'`]((?:https?:)?//[^\"'`]+)"
)
# Links that a browser follows on its own. `canonical` and the like are only read.
LOADED_LINKS = {"stylesheet", "icon", "preload", "prefetch", "modulepreload", "manifest"}
LOADED_LINKS |= {"preconnect", "dns-prefetch", "apple-touch-icon"}


def page_loads(html: str) -> list[str]:
    """Addresses on other hosts that a browser asks for when it opens the page."""
    soup = BeautifulSoup(html, "html.parser")
    found = []
    for tag in soup.find_all(True):
        if tag.name == "link":
            if LOADED_LINKS & set(tag.get("rel", [])):
                found.append(tag.get("href", ""))
        else:
            found += [tag[name] for name in ("src", "data", "poster") if tag.get(name)]
            found += [part.strip() for part in tag.get("srcset", "").split(",")]
        if tag.name in {"image", "use"}:
            found.append(tag.get("href", tag.get("xlink:href", "")))
        found += CSS_LOAD.findall(tag.get("style", ""))
    for tag in soup.find_all("style"):
        found += CSS_LOAD.findall(tag.string or "")
    for tag in soup.find_all("script"):
        found += script_loads(tag.string or "")
    return [address for address in found if ELSEWHERE.match(address)]


def image_loads(svg: str) -> list[str]:
    """Addresses on other hosts that an SVG image asks for."""
    return CSS_LOAD.findall(svg) + SVG_LOAD.findall(svg)


def script_loads(script: str) -> list[str]:
    """Addresses on other hosts that a script names in a call or assignment that loads."""
    return ["".join(groups) for groups in SCRIPT_LOAD.findall(script)]


def file_loads(path: Path) -> list[str]:
    """The same for a file of the built book."""
    return LOADS[path.suffix](path.read_text(encoding="utf8", errors="replace"))


LOADS = {".html": page_loads, ".svg": image_loads, ".css": CSS_LOAD.findall, ".js": script_loads}


def report(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    out = Path(app.outdir)
    for path in sorted(out.rglob("*")):
        if path.suffix in LOADS:
            for address in file_loads(path):
                log.warning("%s loads %s", path.relative_to(out), address)
    if app._warncount and app.warningiserror:  # Sphinx has counted before this event
        app.statuscode = 1


def setup(app: Sphinx) -> None:
    app.connect("build-finished", report, priority=900)
