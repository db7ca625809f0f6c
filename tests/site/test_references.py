"""The bibliography agrees with itself: with its keys, its kinds, and what links and DOIs say."""

import re
import unicodedata
from pathlib import Path

import pytest
from pybtex.database import Entry, parse_file
from pybtex.richtext import Text

ROOT = Path(__file__).parents[2]
ENTRIES = parse_file(ROOT / "references.bib").entries
# What only the publisher can confirm, a line an entry: after a look at the paper's page, edit both.
PINS = Path(__file__).with_name("references.txt").read_text().splitlines()

NEEDED = {
    "article": {"title", "journal", "volume", "pages", "year"},
    "inproceedings": {"title", "booktitle", "pages", "year"},
    "book": {"title", "publisher", "year"},
    "misc": {"title", "year"},
}
WITHOUT_PAGES = "International Conference on Learning Representations|NIPS Workshop on .*"
SHAPES = {
    "year": r"(19|20)\d\d",
    "volume": r"[1-9]\d*",
    "number": r"[1-9]\d*",
    "pages": r"[1-9]\d*--[1-9]\d*",
    "doi": r"10\.\d{4,9}/[\w.()/-]+",
    "eprint": r"\d\d(0[1-9]|1[0-2])\.\d{4,5}",
}
FREE = (  # where a publisher gives papers away, and what the address says of one
    r"https://jmlr\.org/papers/v(?P<volume>\d+)/(?P<name>[a-z]+)(?P<yy>\d\d)\w\.html",
    r"https://proceedings\.mlr\.press/v(?P<volume>\d+)/(?P<name>[a-z]+)(?P<yy>\d\d)[a-z]*\.html",
    r"https://papers\.nips\.cc/paper_files/paper/(?P<year>\d+)/hash/[0-9a-f]{32}-Abstract\.html",
    r"https://openaccess\.thecvf\.com/content_[a-z]+_(?P<year>\d+)/html/(?P<name>[A-Za-z]+)_"
    r"(?P<title>\w+?)(_[A-Z]+)?_(?P=year)(_[A-Z]+)?_paper\.html",
    r"https://aclanthology\.org/[A-Z](?P<yy>\d\d)-\d{4}/",
    r"https://ojs\.aaai\.org/index\.php/AAAI/article/view/\d+",
    r"https://openreview\.net/forum\?id=[\w-]+",
    r"https://www\.jstor\.org/stable/\d+",
    r"https://www\.deeplearningbook\.org",
    r"https://towardsdatascience\.com/[a-z\d-]+",
    r"http://bayesiandeeplearning\.org/(?P<year>\d+)/papers/BDL_\d+\.pdf",
)
DOIS = (
    r"10\.1162/neco\.(?P<year>\d+)\.(?P<volume>\d+)\.(?P<number>\d+)\.(?P<first>\d+)",
    r"10\.1609/aaai\.v(?P<volume>\d+)i(?P<number>\d+)\.(?P<paper>\d+)",
    r"10\.1109/[A-Z]+\.(?P<year>\d+)\.\d+",
)
YEAR_0 = {  # one volume a year since
    "AAAI Conference on Artificial Intelligence": 1986,
    "Advances in Neural Information Processing Systems": 1987,
    "Journal of Machine Learning Research": 1999,
    "Journal of Pharmacokinetics and Biopharmaceutics": 1972,
    "Neural Computation": 1988,
    "Psychometrika": 1935,
    "Scandinavian Journal of Statistics": 1973,
}


def words(latex: str) -> list[str]:
    text = unicodedata.normalize("NFKD", str(Text.from_latex(latex)))
    return re.findall("[a-z]+", text.encode("ascii", "ignore").decode().lower())


def encoded(patterns: tuple[str, ...], text: str) -> dict[str, str]:
    matches = (re.fullmatch(pattern, text) for pattern in patterns)
    return next((m.groupdict() for m in matches if m), {})


def incomplete(entry: Entry) -> list[str]:
    """The fields that this kind of paper needs and lacks, and those of a wrong shape."""
    where = entry.fields.get("booktitle", "")
    optional = {"pages"} if re.fullmatch(WITHOUT_PAGES, where) else set()
    missing = NEEDED[entry.type] - optional - set(entry.fields)
    given = {field: entry.fields[field] for field in SHAPES if field in entry.fields}
    return [*missing, *(f for f, text in given.items() if not re.fullmatch(SHAPES[f], text))]


def contradictions(key: str, entry: Entry) -> list[str]:
    """What the key, the venue, the link or the DOI say otherwise than the other fields."""
    of, year = dict(entry.fields), int(entry.fields["year"])
    where = of.get("journal", of.get("booktitle"))
    first, last = of.get("pages", "1--2").split("--")
    names, title = words(" ".join(entry.persons["author"][0].last_names)), words(of["title"])
    key_name, key_year, key_word = re.fullmatch(r"([a-z]+)(\d{4})([a-z]+)", key).groups()
    url, doi = encoded(FREE, of.get("url", "")), encoded(DOIS, of.get("doi", ""))
    address = words(url.pop("title", "").replace("_", " "))
    said = of | {"yy": of["year"][2:], "first": first, "paper": of.get("url", "").split("/")[-1]}
    truths = {
        "key": key_name in names and int(key_year) == year and key_word in title,
        "pages": int(first) < int(last),
        "volume of the year": where not in YEAR_0 or int(of["volume"]) == year - YEAR_0[where],
        "one link at most": bool({"url", "eprint"} - of.keys()),
        "a link, or a DOI": bool({"url", "eprint", "doi"} & of.keys()),
        "address": "url" not in of or any(re.fullmatch(pattern, of["url"]) for pattern in FREE),
        "author in address": url.pop("name", names[0]).lower() in names,
        "title in address": address == title[: len(address)],
        "preprint": "eprint" not in of or year - 2000 - int(of["eprint"][:2]) in (0, 1),
    }
    truths |= {f"{f} in link": said.get(f) == v for code in (url, doi) for f, v in code.items()}
    return [name for name, holds in truths.items() if not holds]


def faults(key: str, entry: Entry) -> list[str]:
    return incomplete(entry) or contradictions(key, entry)


def pin(key: str, entry: Entry) -> str:
    fields = [entry.fields.get(name, "-") for name in ("volume", "number", "pages", "doi")]
    return " ".join([key, *fields, entry.fields.get("url", entry.fields.get("eprint", "-"))])


@pytest.mark.parametrize("key", ENTRIES)
def test_an_entry_is_complete_and_agrees_with_itself(key):
    assert faults(key, ENTRIES[key]) == []


def test_what_nothing_here_can_derive_is_as_it_was_looked_up():
    assert [pin(key, entry) for key, entry in ENTRIES.items()] == PINS
    assert sorted(ENTRIES) == list(ENTRIES)


def test_every_paper_is_cited():
    pages = [p for p in (ROOT / "chapters").iterdir() if p.suffix in {".ipynb", ".md", ".toml"}]
    cited = re.findall(r"\{cite:[pt]\}`([^`]+)`", "".join(page.read_text() for page in pages))
    assert {key for keys in cited for key in keys.split(",")} == set(ENTRIES)


@pytest.mark.parametrize(
    ("key", "field", "value"),
    [
        ("wager2013dropout", "pages", "531--359"),
        ("wager2013dropout", "pages", "351-359"),
        ("wager2013dropout", "pages", None),
        ("wager2013dropout", "year", "2014"),
        ("wager2013dropout", "volume", "27"),
        ("wager2013dropout", "title", "Training as Adaptive Regularization"),
        ("wager2013dropout", "eprint", "1307.1493"),
        ("wager2013dropout", "url", None),
        ("wager2013dropout", "url", "https://arxiv.org/abs/1307.1493"),
        ("gal2016dropout", "volume", "84"),
        ("gal2016dropout", "url", "https://proceedings.mlr.press/v48/gul16.html"),
        ("gal2016dropout", "url", "https://proceedings.mlr.press/v48/gal15.html"),
        ("helmbold2015inductive", "volume", "15"),
        ("semeniuta2016recurrent", "url", "https://aclanthology.org/C14-1165/"),
        ("tompson2015efficient", "title", "Efficient Localization Using Convolutional Networks"),
        ("tompson2015efficient", "doi", "10.1109/CVPR.2016.7298664"),
        ("hochreiter1997long", "doi", "1162/neco.1997.9.8.1735"),
        ("hochreiter1997long", "number", "7"),
        ("hochreiter1997long", "pages", "1753--1780"),
        ("naeini2015obtaining", "doi", "10.1609/aaai.v29i1.9620"),
        ("zaremba2014recurrent", "eprint", "1509.2329"),
        ("zaremba2014recurrent", "eprint", "1413.2329"),
    ],
)
def test_a_false_field_is_noticed(key, field, value):
    fields = dict(ENTRIES[key].fields) | {field: value}
    kept = {name: value for name, value in fields.items() if value is not None}
    assert faults(key, Entry(ENTRIES[key].type, kept, ENTRIES[key].persons)) != []


@pytest.mark.parametrize("key", ["vager2013dropout", "wager2012dropout", "wager2013penalty"])
def test_a_key_of_another_paper_is_noticed(key):
    assert faults(key, ENTRIES["wager2013dropout"]) == ["key"]


@pytest.mark.parametrize("field", ["pages", "doi", "url"])
def test_a_change_that_contradicts_nothing_is_noticed(field):
    fields = dict(ENTRIES["he2015delving"].fields)
    fields[field] = re.sub(r"\d(?=\D*$)", "9", fields[field])
    assert pin("he2015delving", Entry("inproceedings", fields)) not in PINS
