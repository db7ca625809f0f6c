"""Prints the lowest versions that pyproject.toml allows, as constraints for pip."""

import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def lowest(requirements: list[str]) -> list[str]:
    """`name==version` of each `name>=version`."""
    pairs = (one.split(">=") for one in requirements)
    return [f"{name.partition('[')[0]}=={version}" for name, version in pairs]


if __name__ == "__main__":
    project = tomllib.loads(PROJECT.read_text("utf8"))["project"]
    print("\n".join(lowest(project["dependencies"] + project["optional-dependencies"]["book"])))
