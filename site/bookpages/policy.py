"""A browser is told that a page needs nothing but the book, and runs no script but the book's.

On a page opened from a folder, Chromium takes `'self'` for all that is `file:`.
"""

import base64
import hashlib
import re
from html import unescape

INLINE = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
HANDLER = re.compile(r'<[^<>]*?\son[a-z]+="([^"]*)"')  # the theme's buttons have one each
CHARSET = re.compile(r'<meta charset="utf-8"[^>]*>')


def hashed(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def policy(page: str) -> str:
    """The Content-Security-Policy of a page: its own inline scripts, and files of the book."""
    handlers = [unescape(handler) for handler in HANDLER.findall(page)]
    scripts = sorted({hashed(script) for script in INLINE.findall(page) + handlers})
    return "; ".join(
        [
            "default-src 'self'",
            " ".join(["script-src 'self' 'unsafe-hashes'", *scripts]),  # a handler is one by hash
            "style-src 'self' 'unsafe-inline'",  # formulas and pictures carry their styles
            "img-src 'self' data:",
            "font-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ]
    )


def with_policy(page: str) -> str:
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy(page)}">'
    guarded, count = CHARSET.subn(lambda found: f"{found[0]}\n{meta}", page, count=1)
    if not count:
        raise ValueError("a page without the <meta charset> that its policy stands behind")
    return guarded
