"""What the book's experiments need: data, training, statistics, figures."""

from importlib.util import find_spec

NEEDED = ("scipy", "sklearn", "matplotlib", "joblib")
if missing := [name for name in NEEDED if not find_spec(name)]:
    raise ImportError(
        f'dropoutbook.lab needs {", ".join(missing)}: pip install "dropoutbook[book]"'
    )
