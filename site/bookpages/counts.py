"""Counts that the first page quotes, taken from the data that the errata are made of."""

from collections import Counter
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

from dropoutbook.derive import source_equations
from dropoutbook.derive.source_claims import distinct, read_claims


def counts(claims: Path) -> dict[str, int]:
    """What {{ name }} stands for on a page; a claim that repeats another is not counted again."""
    verdicts = Counter(claim.verdict for claim in distinct(read_claims(claims)))
    return {
        "equations": len(source_equations),
        "equations_wrong": sum(e.printed is not None for e in source_equations.values()),
        "equations_explained": sum(e.explained is not None for e in source_equations.values()),
        "claims": verdicts.total(),
        "claims_hold": verdicts["holds"],
        "claims_condition": verdicts["holds with a condition"],
        "claims_unsupported": verdicts["not supported"],
        "claims_wrong": verdicts["wrong"],
    }


def substitute(app: Sphinx, config: Config) -> None:
    config.myst_substitutions |= counts(Path(app.srcdir) / "chapters" / "claims.toml")


def setup(app: Sphinx) -> None:
    app.connect("config-inited", substitute)
