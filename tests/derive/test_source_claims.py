"""The table of claims: readable, complete, and refused where it is not."""

import re
from pathlib import Path

import pytest

from dropoutbook.derive.source_claims import (
    VERDICTS,
    Claim,
    claims_table,
    distinct,
    read_claims,
)

CLAIMS = Path(__file__).parents[2] / "chapters" / "claims.toml"
ROW = 'section = "1"\nquote = "q"\nsays = "s"\nverdict = "{}"\nholds = "h"\nshown = ""\n'
AGAIN = ROW.replace('"s"', '"t"') + 'same_as = "s"\n'


def written(tmp_path, text):
    path = tmp_path / "claims.toml"
    path.write_text(text, "utf8")
    return path


def test_a_claim_is_read_as_it_stands(tmp_path):
    path = written(tmp_path, "[[claim]]\n" + ROW.format("wrong"))
    assert read_claims(path) == [Claim("1", "q", "s", "wrong", "h", "")]


def test_an_unknown_verdict_is_refused(tmp_path):
    path = written(tmp_path, "[[claim]]\n" + ROW.format("perhaps"))
    with pytest.raises(ValueError, match=r"verdict must be one of .* got 'perhaps'"):
        read_claims(path)


@pytest.mark.parametrize("text", ['[[claim]]\nsays = "s"\n', "[[claim]]\n" + ROW + 'extra = "x"\n'])
def test_a_claim_with_other_fields_is_refused(tmp_path, text):
    with pytest.raises(TypeError):
        read_claims(written(tmp_path, text.format("wrong")))


def test_what_is_repeated_is_counted_once(tmp_path):
    text = "".join(f"[[claim]]\n{row.format('wrong')}" for row in (ROW, AGAIN))
    claims = read_claims(written(tmp_path, text))
    assert [claim.same_as for claim in claims] == ["", "s"]
    assert distinct(claims) == claims[:1]


@pytest.mark.parametrize("first", ["holds", None])  # another verdict, no such claim
def test_a_claim_that_repeats_no_other_is_refused(tmp_path, first):
    rows = [ROW.format(first)] if first else []
    text = "".join(f"[[claim]]\n{row}" for row in (*rows, AGAIN.format("wrong")))
    with pytest.raises(ValueError, match=r"same_as must be an earlier claim .* got 's'"):
        read_claims(written(tmp_path, text))


def test_the_table_has_a_row_for_each_claim():
    claims = read_claims(CLAIMS)
    assert len(claims_table(claims).splitlines()) == len(claims) + 2
    assert "|" not in "".join(text for claim in claims for text in claim)


def test_a_row_shows_the_quotation_beside_our_words_and_the_origin():
    claims = [
        Claim("1", "原文", "s", "wrong", "h", "x", "o"),
        Claim("1", "q", "t", "wrong", "", ""),
    ]
    first, second = claims_table([claims[0], claims[1]._replace(same_as="s")]).splitlines()[2:]
    assert first == '| <span lang="zh">原文</span><br>s | o | wrong | h | x |'
    assert "| wrong, repeated |" in second


def test_a_quotation_is_short_and_of_one_line():
    assert all(claim.quote and "\n" not in claim.quote for claim in read_claims(CLAIMS))
    assert max(len(claim.quote) for claim in read_claims(CLAIMS)) < 70


def test_an_origin_names_a_paper_and_says_how_it_is_known():
    known = re.compile(r"\{cite:t\}`\w+`, (?:read|abstract|quoted|copy)\b")
    for claim in read_claims(CLAIMS):
        assert len(known.findall(claim.origin)) == claim.origin.count("{cite:t}")
        assert "{cite:t}" in claim.origin or not claim.origin


def test_no_two_claims_say_the_same_words():
    says = [claim.says for claim in read_claims(CLAIMS)]
    assert len(set(says)) == len(says)


def test_every_section_of_the_source_has_its_claims_and_each_verdict_occurs():
    claims = read_claims(CLAIMS)
    sections = ["1", "2", "3", "4", "5", "6.1", "6.2", "6.3", "6.4", "7"]
    assert list(dict.fromkeys(claim.section for claim in claims)) == sections
    assert {claim.verdict for claim in claims} == set(VERDICTS)


def test_only_what_cannot_be_supported_may_lack_a_place_that_shows_it():
    unshown = [claim for claim in read_claims(CLAIMS) if not claim.shown]
    assert {claim.verdict for claim in unshown} <= {"not supported"}
