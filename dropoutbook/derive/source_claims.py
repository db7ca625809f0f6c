"""The claims of the source, one table for every page that shows them."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

VERDICTS = ("holds", "holds with a condition", "not supported", "wrong")


class Claim(NamedTuple):
    """What the source says, the verdict, what holds instead, and the place that shows it.

    `quote` has its own words, `says` ours; `origin` names who said it before; `same_as` is the
    `says` of an earlier claim, if this one repeats it.
    """

    section: str
    quote: str
    says: str
    verdict: str
    holds: str
    shown: str
    origin: str = ""
    same_as: str = ""


def read_claims(path: str | Path) -> list[Claim]:
    """The claims in a TOML file, in its order; texts are MyST Markdown.

    Raises:
        TypeError: if a claim lacks a field or has an unknown one.
        ValueError: if a verdict is not one of `VERDICTS`, or a claim repeats none before it.
    """
    claims = [Claim(**row) for row in tomllib.loads(Path(path).read_text("utf8"))["claim"]]
    first: dict[str, str] = {}  # from what a claim says to its verdict
    for claim in claims:
        if claim.verdict not in VERDICTS:
            raise ValueError(f"verdict must be one of {VERDICTS}, got {claim.verdict!r}")
        if not claim.same_as:
            first[claim.says] = claim.verdict
        elif first.get(claim.same_as) != claim.verdict:
            raise ValueError(
                f"same_as must be an earlier claim with the same verdict, got {claim.same_as!r}"
            )
    return claims


def distinct(claims: Iterable[Claim]) -> list[Claim]:
    """The claims without those that repeat another."""
    return [claim for claim in claims if not claim.same_as]


def claims_table(claims: Iterable[Claim]) -> str:
    """A MyST table with one claim a row: in the source's words, in ours, and what became of it."""
    columns = ("the source says", "origin", "verdict", "what holds", "shown in")
    head = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    rows = (
        f'| <span lang="zh">{c.quote}</span><br>{c.says} | {c.origin} '
        f"| {c.verdict}{', repeated' if c.same_as else ''} | {c.holds} | {c.shown} |"
        for c in claims
    )
    return "\n".join([*head, *rows])
