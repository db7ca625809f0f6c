"""What a study leaves: one JSON file with its protocol and the row of every network."""

import ast
import importlib
import json
import platform
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dropoutbook.lab import images, text
from dropoutbook.lab.reached_code import digest
from dropoutbook.lab.sweep import sweep
from dropoutbook.lab.whole_file import write_whole
from studies.choice import Row

FOLDER = Path(__file__).parent
LIBRARIES = ("numpy", "scikit-learn", "scipy", "sympy", "torch")
HASHES = {**images.SHA256, "sympy": text.SHA256}
DIGITS = 5  # of every number that is kept


def names() -> list[str]:
    """The modules that are studies."""
    paths = sorted(FOLDER.glob("*.py"))
    return [path.stem for path in paths if "\ndef study(" in path.read_text("utf8")]


def module(name: str) -> Any:
    return importlib.import_module(f"studies.{name}")


def rows(name: str, plan: str, store: Path) -> list[Row]:
    """Carries out the plan "FULL" or "TOY" of a study."""
    study = module(name)

    def run(function: Callable[..., Row], cases: list[Row], *, stage: str) -> list[Row]:
        results = sweep(partial(_at, function), {"case": cases}, store=store)
        return [
            {"stage": stage, **case, **result} for case, result in zip(cases, results, strict=True)
        ]

    return rounded(study.study(run, getattr(study, plan)))


def _at(function: Callable[..., Row], case: Row) -> Row:
    return function(**case)


def record(name: str, rows: list[Row], toy: list[Row]) -> dict[str, Any]:
    return {
        "study": name,
        "protocol": module(name).__doc__,
        "code": code(name),
        "data": {each: HASHES[each] for each in module(name).DATA},
        "versions": {each: version(each) for each in LIBRARIES},
        "machine": platform.machine(),
        "seconds": round(sum(row["seconds"] for row in rows)),
        "toy": toy,
        "rows": rows,
    }


def code(name: str) -> str:
    """The digest of a study's own module; what else it reaches, the toy plan's numbers tell."""
    return digest(ast.parse((FOLDER / f"{name}.py").read_text("utf8")))


def rounded(value: Any) -> Any:
    """Floats with five digits; names as text, as JSON has them."""
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, dict):
        return {str(name): rounded(part) for name, part in value.items()}
    return [rounded(part) for part in value] if isinstance(value, list | tuple) else value


def write(path: Path, content: dict[str, Any]) -> None:
    """JSON with one line for each row."""
    parts = []
    for name, value in content.items():
        inner = json.dumps(value, ensure_ascii=False)
        if name in ("toy", "rows"):
            lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in value)
            inner = f"[\n{lines}\n]"
        parts.append(f"{json.dumps(name)}: {inner}")
    write_whole(path, "{\n" + ",\n".join(parts) + "\n}\n")
