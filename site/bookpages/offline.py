"""The build fails if a page, style sheet or image would ask another host for anything.

Plain hyperlinks are fine: nothing is asked for before the reader follows them.
"""

import re
from pathlib import PurePath

from bs4 import BeautifulSoup

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


LOADS = {".html": page_loads, ".svg": image_loads, ".css": CSS_LOAD.findall, ".js": script_loads}


def loads(name: str, text: str) -> list[str]:
    """The same for a file of whatever kind."""
    return LOADS[PurePath(name).suffix](text)
