"""python -m studies [NAME]: carries out a study and writes studies/NAME.json, or lists them.

The results of single runs are kept in _build/studies: an interrupted study goes on where it was.
"""

import argparse
import json

import joblib

from studies.record import FOLDER, module, names, record, rows, write

STORE = FOLDER.parent / "_build" / "studies"


def listing() -> str:
    lines = []
    for name in names():
        title = module(name).__doc__.partition("\n")[0]
        path = FOLDER / f"{name}.json"
        cost = "never carried out"
        if path.exists():
            cost = f"{json.loads(path.read_text('utf8'))['seconds'] / 60:.0f} minutes of one core"
        lines.append(f"  {name:16}{title} ({cost})")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m studies", description=__doc__)
    parser.add_argument("name", nargs="?", metavar="NAME", choices=names(), help=", ".join(names()))
    parser.add_argument("--jobs", type=int, default=-1, help="processes; -1: one for each core")
    options = parser.parse_args(arguments)
    if options.name is None:
        print(listing())
        return
    with joblib.parallel_config(n_jobs=options.jobs):
        toy, full = (rows(options.name, plan, STORE / options.name) for plan in ("TOY", "FULL"))
    path = FOLDER / f"{options.name}.json"
    write(path, record(options.name, full, toy))
    print(path)


if __name__ == "__main__":
    main()
