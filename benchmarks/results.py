"""The file of results."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.rows import FAMILIES
from dropoutbook.lab.json_digest import json_digest
from dropoutbook.lab.whole_file import write_whole

RESULTS = Path(__file__).with_name("results.json")


def load(path: Path = RESULTS) -> dict[str, Any]:
    """The families in it, by name; none where there is no file.

    Raises:
        ValueError: if the file was changed since it was stored.
    """
    if not path.exists():
        return {}
    stored = json.loads(path.read_text("utf8"))
    if stored.get("sha256") != json_digest(stored["families"]):
        raise ValueError(f"{path} holds what was not measured: restore it, or make bench")
    return stored["families"]


def store(families: Mapping[str, Any], path: Path) -> None:
    """Writes what there is, in the order of FAMILIES."""
    ordered = {name: families[name] for name in FAMILIES if name in families}
    whole = {"sha256": json_digest(ordered), "families": ordered}
    write_whole(path, compact(whole) + "\n")


def compact(value: Any, margin: str = "\n") -> str:
    """JSON, in which an array or object of nothing but numbers and texts takes one line."""
    parts = value.values() if isinstance(value, dict) else value
    nested = isinstance(value, (dict, list, tuple))
    if not nested or not any(isinstance(part, (dict, list, tuple)) for part in parts):
        return json.dumps(value, ensure_ascii=False)
    inner = margin + " "
    texts = [compact(part, inner) for part in parts]
    if not isinstance(value, dict):
        return f"[{inner}{f',{inner}'.join(texts)}{margin}]"
    keys = [json.dumps(key, ensure_ascii=False) for key in value]
    items = [f"{key}: {text}" for key, text in zip(keys, texts, strict=True)]
    return f"{{{inner}{f',{inner}'.join(items)}{margin}}}"
