"""A text that every reader of the book has: the sources of the pinned SymPy."""

import hashlib
from pathlib import Path

import numpy as np
import sympy

SHA256 = "7f3ed17f95d6476a6c997c2065fb4b1e57dacc9e2ae4078aea619b7134e6cad6"  # of SymPy 1.14.0


def sympy_sources(seed: int) -> bytes:
    """The 854 Python files of SymPy 1.14.0 but its tests, 16.6 MB, one after the other.

    Args:
        seed: a non-negative integer; it fixes the order of the files, which is random, so that
            each piece of the text is a mixture of SymPy's packages.

    Raises:
        ValueError: if the sources are not those of SymPy 1.14.0, bit by bit.
    """
    folder = Path(sympy.__file__).parent
    paths = [path for path in folder.rglob("*.py") if "tests" not in path.parts]
    files = [path.read_bytes() for path in sorted(paths, key=Path.as_posix)]
    if (found := hashlib.sha256(b"".join(files)).hexdigest()) != SHA256:
        raise ValueError(
            f"the text is that of SymPy 1.14.0, SHA-256 {SHA256}; "
            f"{folder} holds SymPy {sympy.__version__}, SHA-256 {found}"
        )
    return b"".join(files[index] for index in np.random.default_rng(seed).permutation(len(files)))
