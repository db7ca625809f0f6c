"""What every built page must be. A check returns what is wrong; an empty list is a pass."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, NavigableString

RAW_TEX = re.compile(r"\$\$|\$\S[^$]*\$|\\[A-Za-z]|\\[(\[]")
RAW_MARKUP = re.compile(r"\{[a-z:-]+\}(?:`|\s*$)|^\s*:::")
WARNING = re.compile(r"\w*Warning: ")
NOT_PROSE = ["script", "style", "code", "pre", "template"]


@cache
def soup_of(page: Path) -> BeautifulSoup:
    return BeautifulSoup(page.read_text(encoding="utf8"), "html.parser")


@cache
def _anchors(page: Path) -> set[str]:
    return {tag["id"] for tag in soup_of(page).find_all(id=True)}


def has_one_heading(page: Path) -> list[str]:
    count = len(soup_of(page).find_all("h1"))
    return [] if count == 1 else [f"{count} h1 instead of one"]


def has_title_and_description(page: Path) -> list[str]:
    soup = soup_of(page)
    description = soup.find("meta", attrs={"name": "description"}) or {}
    found = {"title": soup.title and soup.title.text, "description": description.get("content")}
    return [f"no {name}" for name, text in found.items() if not (text or "").strip()]


def has_unique_ids(page: Path) -> list[str]:
    ids = Counter(tag["id"] for tag in soup_of(page).find_all(id=True))
    return [f"id {name} is used {count} times" for name, count in ids.items() if count > 1]


def describes_its_images(page: Path) -> list[str]:
    images = soup_of(page).select(".bd-article img, body > img, article img")
    return [f"no alt text: {i.get('src', '')[:60]}" for i in images if not i.get("alt", "").strip()]


def shows_no_warning(page: Path) -> list[str]:
    outputs = soup_of(page).select(".cell_output")
    warned = [o for o in outputs if o.select(".stderr") or WARNING.search(o.get_text())]
    return [output.get_text().strip()[:200] for output in warned]


def typesets_its_formulas(page: Path) -> list[str]:
    formulas = soup_of(page).select(".math")
    return [f.get_text()[:80] for f in formulas if len(f.select(".katex")) != 1]


def shows_no_raw_tex(page: Path) -> list[str]:
    return [text.strip()[:80] for text in _prose(soup_of(page)) if RAW_TEX.search(text)]


def shows_no_raw_markup(page: Path) -> list[str]:
    """A role or directive that MyST did not recognize is shown as the author typed it."""
    return [text.strip()[-80:] for text in _prose(soup_of(page)) if RAW_MARKUP.search(text)]


def _prose(soup: BeautifulSoup) -> Iterator[NavigableString]:
    for text in (soup.body or soup).find_all(string=True):
        if not text.find_parents(NOT_PROSE) and not text.find_parents(class_="math"):
            yield text


def has_working_links(page: Path) -> list[str]:
    tags = soup_of(page).find_all(lambda tag: tag.get("href") or tag.get("src"))
    targets = {tag.get("href") or tag.get("src") for tag in tags}
    return [f"dead link: {target}" for target in sorted(targets) if not _works(page, target)]


def _works(page: Path, target: str) -> bool:
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return True
    file = page.parent / unquote(parts.path) if parts.path else page
    if not parts.fragment or file.suffix != ".html":
        return file.is_file()
    return file.is_file() and unquote(parts.fragment) in _anchors(file.resolve())


def equation_numbers(page: Path) -> list[str]:
    """The numbers that the page gives to equations, in the order of the page."""
    numbers = soup_of(page).select("div.math > .eqno")
    return [re.match(r"\((.+?)\)", number.get_text())[1] for number in numbers]


EVERY_PAGE = [
    has_one_heading,
    has_title_and_description,
    has_unique_ids,
    has_working_links,
    describes_its_images,
    shows_no_warning,
    typesets_its_formulas,
    shows_no_raw_tex,
    shows_no_raw_markup,
]
