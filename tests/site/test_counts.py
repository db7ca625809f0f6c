"""The counts of the first page follow the data of the errata."""

from pathlib import Path

from bookpages.counts import counts

from dropoutbook.derive.source_claims import VERDICTS

CLAIM = """[[claim]]
section = "1"
quote = ""
says = "{0}"
verdict = "{0}"
holds = ""
shown = ""
"""
CHAPTERS = Path(__file__).resolve().parents[2] / "chapters"


def test_each_verdict_is_counted_under_its_name(tmp_path):
    file = tmp_path / "claims.toml"
    times = zip(VERDICTS, (1, 2, 3, 4), strict=True)
    file.write_text("".join(CLAIM.format(verdict) * n for verdict, n in times), "utf8")
    found = counts(file)
    assert found["claims"] == 10
    assert found["claims_hold"] == 1
    assert found["claims_condition"] == 2
    assert found["claims_unsupported"] == 3
    assert found["claims_wrong"] == 4


def test_an_error_that_is_repeated_is_counted_once(tmp_path):
    file = tmp_path / "claims.toml"
    file.write_text(2 * CLAIM.format("wrong") + 'same_as = "wrong"\n', "utf8")
    assert counts(file)["claims_wrong"] == counts(file)["claims"] == 1


def test_every_claim_of_the_book_is_in_one_count():
    found = counts(CHAPTERS / "claims.toml")
    assert found["claims"] == sum(n for name, n in found.items() if name.startswith("claims_"))
    assert 0 < found["equations_wrong"] < found["equations"]
    assert 0 < found["equations_explained"] < found["equations"] - found["equations_wrong"]
