"""The table of claims: readable, complete, and refused where it is not."""

from pathlib import Path

import pytest

from dropoutbook.derive.source_claims import VERDICTS, Claim, claims_table, read_claims

CLAIMS = Path(__file__).parents[2] / "chapters" / "claims.toml"
ROW = 'section = "1"\nsays = "s"\nverdict = "{}"\nholds = "h"\nshown = ""\n'


def written(tmp_path, text):
    path = tmp_path / "claims.toml"
    path.write_text(text, "utf8")
    return path


def test_a_claim_is_read_as_it_stands(tmp_path):
    path = written(tmp_path, "[[claim]]\n" + ROW.format("wrong"))
    assert read_claims(path) == [Claim("1", "s", "wrong", "h", "")]


def test_an_unknown_verdict_is_refused(tmp_path):
    path = written(tmp_path, "[[claim]]\n" + ROW.format("perhaps"))
    with pytest.raises(ValueError, match=r"verdict must be one of .* got 'perhaps'"):
        read_claims(path)


@pytest.mark.parametrize("text", ['[[claim]]\nsays = "s"\n', "[[claim]]\n" + ROW + 'extra = "x"\n'])
def test_a_claim_with_other_fields_is_refused(tmp_path, text):
    with pytest.raises(TypeError):
        read_claims(written(tmp_path, text.format("wrong")))


def test_the_table_has_a_row_for_each_claim():
    claims = read_claims(CLAIMS)
    assert len(claims_table(claims).splitlines()) == len(claims) + 2
    assert "|" not in "".join(claim.says + claim.holds + claim.shown for claim in claims)


def test_every_section_of_the_source_has_its_claims_and_each_verdict_occurs():
    claims = read_claims(CLAIMS)
    sections = ["1", "2", "3", "4", "5", "6.1", "6.2", "6.3", "6.4", "7"]
    assert list(dict.fromkeys(claim.section for claim in claims)) == sections
    assert {claim.verdict for claim in claims} == set(VERDICTS)


def test_only_what_cannot_be_supported_may_lack_a_place_that_shows_it():
    unshown = [claim for claim in read_claims(CLAIMS) if not claim.shown]
    assert {claim.verdict for claim in unshown} <= {"not supported"}
