"""Whether something is still what it was: the digest of what JSON holds."""

import hashlib
import json
from typing import Any


def json_digest(value: Any) -> str:
    """The sha256 of `value` as JSON; the order of names in an object does not count."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
