"""The source's Markdown as a list of sentences, and a sentence as a list of clauses."""

import hashlib
import re

HEADING = re.compile(r"#+ (?:([\d.]*\d)\.? )?")
FORMULA = re.compile(r"(\$\$.*?\$\$)", re.DOTALL)
TAG = re.compile(r"\s*\\tag\{\d+\}~?")


def sentences(article: str) -> list[tuple[str, str]]:
    """(section, sentence); marks of headings, lists and bold type, and images, are left out."""
    section, found = "0", []
    for block in FORMULA.split(article.partition("## Reference")[0]):
        if block.startswith("$$"):
            found.append((section, TAG.sub("", block.strip("$"))))
            continue
        for line in re.sub(r"!\[.*?\]\(.*?\)|\*\*", "", block).splitlines():
            if heading := HEADING.match(line):
                section = heading[1] or section
            text = re.sub(r"^(?:#+ (?:[\d.]+ )?|\d+\. )", "", line)
            found += [(section, part) for part in re.split("(?<=[。；])", text)]
    spaced = [(section, " ".join(text.split())) for section, text in found]
    return [(section, text) for section, text in spaced if text]


def clauses(sentence: str) -> list[str]:
    """What stands between commas, colons, semicolons and full stops; of a formula all of it."""
    return [part.strip() for part in re.split("[，：；。]", sentence) if part.strip()]


def digest(clause: str) -> str:
    return hashlib.sha256(clause.encode()).hexdigest()[:12]
