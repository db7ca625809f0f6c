"""Descriptions as JavaScript: a SymPy expression becomes a function of the settings."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass

import sympy as sp
from sympy.printing.jscode import JavascriptCodePrinter


class Printer(JavascriptCodePrinter):
    """SymPy's own printer, and what it lacks; `sum` and `erf` are those of figures.js."""

    def _print_Sum(self, total: sp.Sum) -> str:
        ((index, low, high),) = total.limits
        low, high, term = map(self._print, (low, high, total.function))
        return f"sum({low}, {high}, ({index}) => {term})"

    def _print_Indexed(self, entry: sp.Indexed) -> str:
        (index,) = entry.indices  # from 1, as in a formula
        return f"{entry.base}[{self._print(index)} - 1]"

    def _print_erf(self, call: sp.erf) -> str:
        return f"erf({self._print(call.args[0])})"


def function(expression: sp.Expr) -> str:
    """The expression as an arrow function, which takes its symbols by their names."""
    symbols = (symbol for symbol in expression.free_symbols if isinstance(symbol, sp.Symbol))
    names = sorted(symbol.name for symbol in symbols)
    code = " ".join(Printer().doprint(expression).split())  # a case to a line is the printer's way
    return f"({{{', '.join(names)}}}) => {code}"


def literal(value: object) -> str:
    """A description, or a part of one, as a JavaScript value."""
    if isinstance(value, sp.Basic):
        return literal(float(value)) if value.is_number else function(value)
    if is_dataclass(value):
        parts = {part.name: getattr(value, part.name) for part in fields(value)}
        kind = {"kind": value.kind} if hasattr(value, "kind") else {}
        return literal(kind | parts)
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{name}: {literal(part)}' for name, part in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(literal, value))}]"
    return json.dumps(value, ensure_ascii=False)
