"""Prints the built book into one PDF, with an outline, page numbers and links inside the document.

python tools/pdf.py

All pages become one, which Chromium prints as it shows it: formulas, figures, folded solutions too.
The same book gives the same bytes, where the date is given by SOURCE_DATE_EPOCH.
"""

import logging
import os
import re
import sys
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from bs4 import BeautifulSoup, Tag
from chromium import NoBrowser, chromium
from playwright.sync_api import Browser
from pypdf import PdfReader, PdfWriter

logging.getLogger("pypdf").setLevel(logging.ERROR)  # it finds an object more than Chromium counts

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = ROOT / "_build" / "html" / "chapters"
TARGET = ROOT / "_build" / "dropout-book.pdf"
UNPRINTED = "script, template, .headerlink, .only-dark, .copybtn"
FOOT = """<div style="font: 8px sans-serif; width: 100%; text-align: center">
<span class="pageNumber"></span></div>"""
PAPER = {
    "format": "A4",
    "scale": 0.75,
    "margin": {"top": "18mm", "right": "16mm", "bottom": "18mm", "left": "16mm"},
    "display_header_footer": True,
    "header_template": "<span></span>",
    "footer_template": FOOT,
    "tagged": True,
    "print_background": True,
}
ELEMENT = re.compile(rb"\(node\d{8}\)")
FILL = """html => { document.querySelector('article.bd-article').innerHTML = html; }"""


def pages(first: Path) -> Iterator[tuple[str, BeautifulSoup]]:
    """The pages in the order of the book: each names the next."""
    path = first
    while path:
        soup = BeautifulSoup(path.read_text("utf8"), "html.parser")
        yield path.stem, soup
        following = soup.find("link", rel="next")
        path = path.parent / following["href"] if following else None


def chapter(name: str, soup: BeautifulSoup) -> Tag:
    """The text of a page; its ids, and links to any page of the book, carry the page's name.

    What a link to a file of the book says, or shows, stays without the link: it would lead to the
    folder where the PDF was made.
    """
    article = soup.select_one("article.bd-article")
    for tag in article.select(UNPRINTED):
        tag.decompose()
    for tag in article.find_all(id=True):
        if not tag.find_parent("svg"):
            tag["id"] = f"{name}--{tag['id']}"
    for link in article.find_all("a", href=True):
        link["href"] = inside(name, link["href"])
        if not link["href"].startswith("#") and ":" not in link["href"]:
            link.unwrap()
    for folded in article.find_all("details"):
        folded["open"] = ""
    article.name, article["id"], article["class"] = "div", name, "chapter"
    return article


def inside(name: str, address: str) -> str:
    """Where a link of a page leads in the one document; other addresses stay."""
    path, _, anchor = address.partition("#")
    if ":" in path or "/" in path or (path and not path.endswith(".html")):
        return address
    page = path.removesuffix(".html") or name
    return f"#{page}--{anchor}" if anchor else f"#{page}"


def whole(first: Path) -> str:
    """The whole book in one text, with the contents in front of its second chapter."""
    texts = [chapter(name, soup) for name, soup in pages(first)]
    lines = "".join(entry(text) for text in texts[1:])
    contents = f'<nav class="chapter" id="contents"><h1>Contents</h1><ul>{lines}</ul></nav>'
    return "".join(map(str, [texts[0], contents, *texts[1:]]))


def entry(text: Tag) -> str:
    """The line of a chapter in the contents, with those of its sections."""
    sections = [(heading.parent["id"], heading.decode_contents()) for heading in text.select("h2")]
    lines = "".join(f'<li><a href="#{anchor}">{title}</a></li>' for anchor, title in sections)
    return f'<li><a href="#{text["id"]}">{text.h1.decode_contents()}</a><ul>{lines}</ul></li>'


def give_outline(path: Path, contents: Tag) -> int:
    """Makes the contents the outline of the PDF, and dates it; returns the number of its pages.

    Chromium's own outline names a heading twice that moved to the next page.
    """
    found = PdfReader(path)
    found.trailer.pop("/ID", None)  # is random, and needed by none
    where = {
        name: found.get_destination_page_number(to) for name, to in found.named_destinations.items()
    }
    writer = PdfWriter(clone_from=found)
    above = None
    for link in contents.find_all("a"):
        to = where[f"/{link['href'][1:]}"]
        if link.find_parent("li").find_parent("li"):
            writer.add_outline_item(title=link.get_text(), page_number=to, parent=above)
        else:
            above = writer.add_outline_item(title=link.get_text(), page_number=to)
    writer.add_metadata(dict.fromkeys(("/CreationDate", "/ModDate"), date()))
    written = BytesIO()
    writer.write(written)
    path.write_bytes(renumbered(written.getvalue()))
    return len(writer.pages)


def renumbered(document: bytes) -> bytes:
    """The names of elements count these; Chromium's count all nodes that scripts ever made."""
    names = sorted(set(ELEMENT.findall(document)))
    new = {name: b"(node%08d)" % number for number, name in enumerate(names)}
    return ELEMENT.sub(lambda name: new[name[0]], document)


def date() -> str:
    """SOURCE_DATE_EPOCH, else now, as a PDF writes it."""
    seconds = float(os.environ.get("SOURCE_DATE_EPOCH") or time.time())
    return time.strftime("D:%Y%m%d%H%M%SZ", time.gmtime(seconds))


def print_book(browser: Browser, target: Path) -> int:
    """Writes the PDF; returns the number of its pages."""
    first = CHAPTERS / "index.html"
    text = whole(first)
    with browser.new_page(color_scheme="light") as page:
        page.goto(first.as_uri())
        page.evaluate(FILL, text)
        page.wait_for_function("() => document.fonts.ready.then(() => true)")
        page.pdf(path=target, **PAPER)
    return give_outline(target, BeautifulSoup(text, "html.parser").find(id="contents"))


def main() -> int:
    try:
        with chromium() as browser:
            count = print_book(browser, TARGET)
    except NoBrowser as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"The book on {count} pages: {TARGET}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
