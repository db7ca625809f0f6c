"""A file that is there whole or as it was before, whatever happens while it is written."""

import os
import shutil
from pathlib import Path
from uuid import uuid4


def write_whole(path: Path, text: str) -> None:
    """Writes `text` to `path`; a full disk or a kill leaves the file that was there.

    The text is written beside it, under a name that no other thread, process or host takes, and
    gets its name once it lies on the disk. Only a kill leaves something beside it: `.NAME.*.part`.
    """
    beside = path.with_name(f".{path.name}.{uuid4().hex}.part")
    with beside.open("x", encoding="utf8", newline="") as stream:
        try:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
            if path.exists():
                shutil.copymode(path, beside)
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
