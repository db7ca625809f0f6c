"""Every quotation stands in the source, and every sentence of the source has its claim.

The book keeps no copy of the source, only the digests of its clauses. Whoever has the article names
its Markdown file in DROPOUTBOOK_SOURCE, and the list is compared with it, too.
"""

import os
import tomllib
from pathlib import Path

import pytest

from dropoutbook.derive import source_equations
from dropoutbook.derive.source_claims import Claim, read_claims
from tests.derive.source_text import clauses, digest, sentences

CHAPTERS = Path(__file__).parents[2] / "chapters"
REASONS = {"heading", "caption", "definition", "link", "equation"}
OPENING = 10  # characters
SOURCE = os.environ.get("DROPOUTBOOK_SOURCE")

CLAIMS = read_claims(CHAPTERS / "claims.toml")
SENTENCES = tomllib.loads((CHAPTERS / "source_sentences.toml").read_text("utf8"))["sentence"]


def quoted(claim: Claim) -> list[int]:
    """The numbers of the sentences in its section that have the clauses of its quotation."""
    wanted = [digest(clause) for clause in clauses(claim.quote)]
    return [
        sentence["number"]
        for sentence in SENTENCES
        if sentence["section"] == claim.section
        and any(run == wanted for run in runs(sentence["clauses"].split(), len(wanted)))
    ]


def runs(parts: list[str], length: int) -> list[list[str]]:
    return [parts[start : start + length] for start in range(len(parts) - length + 1)]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.says)
def test_a_claim_quotes_one_sentence_of_its_section(claim):
    assert len(quoted(claim)) == 1


@pytest.mark.parametrize(
    "change", [("权重", "权值"), ("，", "，也许，"), ("越高", "越低"), ("被", "")]
)
def test_a_changed_quotation_is_not_found(change):
    claim = next(claim for claim in CLAIMS if "权重越大" in claim.quote)
    assert claim.quote.replace(*change) != claim.quote
    assert quoted(claim._replace(quote=claim.quote.replace(*change))) == []


def test_every_sentence_is_claimed_or_says_why_not():
    claimed = {number for claim in CLAIMS for number in quoted(claim)}
    silent = {sentence["number"] for sentence in SENTENCES if "none" in sentence}
    assert claimed | silent == {sentence["number"] for sentence in SENTENCES}
    assert claimed & silent == set()
    assert {sentence["none"] for sentence in SENTENCES if "none" in sentence} <= REASONS


def test_claims_stand_in_the_order_of_the_sentences():
    order = [quoted(claim)[0] for claim in CLAIMS]
    assert order == sorted(order)


def test_the_sentences_are_numbered_and_not_republished():
    assert [sentence["number"] for sentence in SENTENCES] == [*range(1, len(SENTENCES) + 1)]
    assert max(len(sentence["opening"]) for sentence in SENTENCES) <= OPENING


def test_the_equations_are_printed_as_in_the_source_and_in_its_order():
    printed = [
        [digest(clause) for clause in clauses(equation.tex)]
        for equation in source_equations.values()
    ]
    inside = [sentence["clauses"].split() for sentence in SENTENCES if "none" in sentence]
    assert [parts for parts in inside if parts in printed] == printed


if SOURCE:

    def test_the_list_is_that_of_the_article():
        listed = [(each["section"], each["opening"], each["clauses"]) for each in SENTENCES]
        found = [
            (section, text[:OPENING], " ".join(map(digest, clauses(text))))
            for section, text in sentences(Path(SOURCE).read_text("utf8"))
        ]
        assert listed == found


def test_an_article_is_cut_into_sentences():
    article = (
        "## 1. A\n一，**二**。三；\n![](x.png)\n1. 四\n$$\na \\tag{1}~\n$$\n## Reference\n[1] x"
    )
    assert sentences(article) == [
        *(("1", text) for text in ("A", "一，二。", "三；", "四", "a")),
    ]
    assert clauses("一，二：三。") == ["一", "二", "三"]
