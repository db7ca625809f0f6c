"""The numbers in the prose of a notebook, and those that something beside it computes or quotes."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

from dropoutbook.lab.quoted import read_quoted

ROOT = Path(__file__).parents[2]
QUOTED = read_quoted(ROOT / "chapters" / "quoted.toml")

NEAR = 3  # cells before and behind
NUMBER = re.compile(r"(?<![\w.,/^-])(\d{1,3}(?:[ ,]\d{3})+|\d+(?:\.\d+)?)(?![\w^]|[.,/-]\d)")
WORDS = {"five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11}
WORDS |= {"twelve": 12, "sixteen": 16, "twenty": 20, "fifty": 50, "hundred": 100, "thousand": 1000}
WORD = re.compile(rf"\b({'|'.join(WORDS)})\b", re.IGNORECASE)
MATH = re.compile(r"(?s)\$\$.*?\$\$|\$[^$]+\$")
NOT_PROSE = [
    r"(?s)^(```+|:::+)\{(literalinclude|interactive|code-block)\}.*?^\1$",
    r"(?s)```.*?```",
    r"\{[\w:-]+\}`[^`]*`",  # references
    r"`[^`\n]*`",
    r"\]\([^)\n]*\)",
    r"^:[\w-]+:.*$|^\([\w-]+\)=$|^#+ .*$|^:::.*$",
    r"\b(?:19|20)\d\d\b",
    r"[Ee]q(?:uation|s?\.) ?\(?\d+\)?(?: to \(\d+\))?",
    r"\b(?:Keras|Lasagne|PyTorch|SymPy|TensorFlow) v?\d[\d.]*",
    r"(?:[Ss]ection|[Cc]hapter|[Tt]able|[Ff]igure)s? [\d.]+",
]


def unsupported(notebook: dict) -> Iterator[tuple[int, str, str]]:
    """Cell, number and surroundings of each number in prose that no cell near it has."""
    cells = notebook["cells"]
    known, shown = constants(cells), [computed(cell) for cell in cells]
    for place, cell in enumerate(cells):
        if cell["cell_type"] == "markdown":
            near = known.union(*shown[max(0, place - NEAR) : place + NEAR + 1])
            for paragraph in text(cell).split("\n\n"):
                have = near | quoted(paragraph)
                for number, around in prose_numbers(paragraph):
                    if not supported(number, have):
                        yield place, f"{number:g}", around


def supported(number: float, have: set[float]) -> bool:
    """Small counts, and what is known as it is, or as a share."""
    forms = number, number / 100
    return number in (0, 1, 2) or any(abs(form - known) < 1e-9 for form in forms for known in have)


def prose_numbers(paragraph: str) -> Iterator[tuple[float, str]]:
    bare = MATH.sub(" ", paragraph)
    for pattern in NOT_PROSE:
        bare = re.sub(pattern, " ", bare, flags=re.MULTILINE)
    for pattern, value in ((NUMBER, plain), (WORD, lambda word: WORDS[word.lower()])):
        for match in pattern.finditer(bare):
            around = bare[max(0, match.start() - 40) : match.end() + 30]
            yield value(match[1]), " ".join(around.split())


def plain(number: str) -> float:
    return float(re.sub(r"[ ,_]", "", number))


def numbers(words: str) -> set[float]:
    return {
        plain(number) for number in re.findall(r"\d{1,3}(?:[ ,]\d{3})+|\d[\d_]*(?:\.\d+)?", words)
    }


def computed(cell: dict) -> set[float]:
    """What a cell shows in formulas, or computes with and prints."""
    if cell["cell_type"] == "markdown":
        return {n for formula in MATH.findall(text(cell)) for n in numbers(formula)}
    shown = [output.get("text", "") for output in cell.get("outputs", [])]
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        shown += [data.get(kind, "") for kind in ("text/plain", "text/markdown", "text/latex")]
    return numbers("\n".join([text(cell), *("".join(part) for part in shown)]))


def constants(cells: list[dict]) -> set[float]:
    """The numbers in the code of the lab and of the studies that a notebook uses."""
    code = "\n".join(text(cell) for cell in cells if cell["cell_type"] == "code")
    modules = re.findall(r"^from dropoutbook\.(lab\.\w+) import", code, re.MULTILINE)
    paths = [ROOT / "dropoutbook" / f"{name.replace('.', '/')}.py" for name in modules]
    paths += [ROOT / f"{name}.py" for name in re.findall(r"(studies/\w+)\.json", code)]
    found = set[float]()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text("utf8"))):
            if isinstance(node, ast.Constant) and type(node.value) in (int, float):
                found |= {float(node.value)} if node.value > 20 or node.value % 1 else set()
    return found


def quoted(paragraph: str) -> set[float]:
    """The figures of the papers that a paragraph cites."""
    keys = set(re.findall(r"\{cite:\w+\}`(\w+)`", paragraph))
    tables = [table for table in QUOTED if table.key in keys]
    return {n for table in tables for n in numbers(json.dumps(table, ensure_ascii=False))}


def text(cell: dict) -> str:
    return "".join(cell["source"])
