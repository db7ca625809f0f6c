"""What the book's experiments need: data, training, statistics, figures."""

from importlib.util import find_spec

if missing := [
    name for name in ("scipy", "sklearn", "matplotlib", "joblib") if not find_spec(name)
]:
    raise ImportError(
        f'dropoutbook.lab needs {", ".join(missing)}: pip install "dropoutbook[book]"'
    )
