"""JavaScript that runs while the book is built, inside Python: nobody needs Node."""

import atexit
from functools import cache
from pathlib import Path

from py_mini_racer import MiniRacer


@cache
def engine(script: Path) -> MiniRacer:
    """The engine in which the script has run."""
    started = MiniRacer()
    started.eval(script.read_text(encoding="utf8"))
    atexit.register(started.close)  # an open engine hangs Python 3.13 at exit
    return started
