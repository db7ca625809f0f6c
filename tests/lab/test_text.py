"""The text is that of the pinned SymPy, in an order that the seed fixes."""

import pytest

from dropoutbook.lab import text
from dropoutbook.lab.text import sympy_sources


def test_the_text_is_whole_and_its_order_follows_the_seed():
    first, second = sympy_sources(0), sympy_sources(1)
    assert sympy_sources(0) == first != second
    assert len(first) == len(second) == 16_612_271
    assert sorted(first) == sorted(second)
    assert b"class Symbol(AtomicExpr, Boolean):" in first


def test_another_text_is_refused(monkeypatch):
    monkeypatch.setattr(text, "SHA256", "0" * 64)
    with pytest.raises(ValueError, match=r"SymPy 1.14.0, SHA-256 000.*SHA-256 7f3ed17f"):
        sympy_sources(0)
