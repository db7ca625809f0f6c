"""The claims of the source, one table for every page that shows them."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

VERDICTS = ("holds", "holds with a condition", "not supported", "wrong")


class Claim(NamedTuple):
    """What the source says, the verdict, what holds instead, and the place that shows it."""

    section: str
    says: str
    verdict: str
    holds: str
    shown: str


def read_claims(path: str | Path) -> list[Claim]:
    """The claims in a TOML file, in its order; texts are MyST Markdown.

    Raises:
        TypeError: if a claim lacks a field or has an unknown one.
        ValueError: if a verdict is not one of `VERDICTS`.
    """
    claims = [Claim(**row) for row in tomllib.loads(Path(path).read_text("utf8"))["claim"]]
    for claim in claims:
        if claim.verdict not in VERDICTS:
            raise ValueError(f"verdict must be one of {VERDICTS}, got {claim.verdict!r}")
    return claims


def claims_table(claims: Iterable[Claim]) -> str:
    """A MyST table with one claim a row."""
    head = ["| the source says | verdict | what holds | shown in |", "|---|---|---|---|"]
    rows = (f"| {c.says} | {c.verdict} | {c.holds} | {c.shown} |" for c in claims)
    return "\n".join([*head, *rows])
