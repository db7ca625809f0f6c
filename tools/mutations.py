"""Small faults in Python code: one operator, number, condition, argument or statement at a time."""

import ast
import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SWAPS: dict[type, type] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
# What is not run, or is read by people alone; in f-strings of Python 3.11 positions are wrong
PASSED_BY = (ast.JoinedStr, ast.Raise, ast.Import, ast.ImportFrom)
GUARDS = ("strict", "encoding")  # against what does not occur on the machine that runs the tests
NOTES = ("annotation", "returns", "decorator_list", "type_params")


class Mutant(NamedTuple):
    """A file with one fault: where, what stood there, what stands there now, and all of it."""

    path: str
    line: int
    place: str  # the function or class around it
    lines: range  # of that; none for a module
    before: str
    after: str
    number: int  # of those that read the same, in this place
    source: str

    @property
    def key(self) -> str:
        """The same as long as its file is."""
        return hashlib.sha256(f"{self.path}\0{self.source}".encode()).hexdigest()

    def rank(self) -> str:
        """Orders mutants at random, and keeps the order when other lines change."""
        return hashlib.sha256(str(self).encode()).hexdigest()

    def __str__(self) -> str:
        """What it is called where line numbers would change."""
        number = f" ({self.number})" if self.number > 1 else ""
        return f"{self.path} {self.place}{number}: {self.before} -> {self.after}"


def mutants(root: Path, name: str) -> list[Mutant]:
    """All mutants of one file, in the order of its text."""
    code = (root / name).read_bytes()  # positions count bytes
    starts = [0]
    for line in code.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    made, seen = [], Counter()
    for place, lines, node, text in faults(ast.parse(code), "module", range(0)):
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[node.end_lineno - 1] + node.end_col_offset
        before = code[start:end].decode()
        changed = (code[:start] + text.encode() + code[end:]).decode()
        texts = one_line(before), one_line(text)
        seen[place, texts] += 1
        number = seen[place, texts]
        made.append(Mutant(name, node.lineno, place, lines, *texts, number, changed))
    return made


def one_line(code: str) -> str:
    return " ".join(code.split())


def faults(node: ast.AST, place: str, lines: range) -> Iterator[tuple[str, range, ast.AST, str]]:
    """The place and its lines, the node and what replaces it, for `node` and all below."""
    if isinstance(node, PASSED_BY) or (isinstance(node, ast.keyword) and node.arg in GUARDS):
        return
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        place = node.name if place == "module" else f"{place}.{node.name}"
        lines = range(node.lineno, node.end_lineno + 1)
    for target, text in replacements(node):
        yield place, lines, target, text
    for field, value in ast.iter_fields(node):
        if field not in NOTES:
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from faults(child, place, lines)


def replacements(node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """What replaces the node, or a part of it; a line each."""
    match node:
        case ast.Compare(ops=[one]) if type(one) in SWAPS:
            other = ast.Compare(node.left, [SWAPS[type(one)]()], node.comparators)
            yield node, f"({ast.unparse(other)})"
        case ast.BinOp(op=one) if type(one) in SWAPS:
            yield node, f"({ast.unparse(ast.BinOp(node.left, SWAPS[type(one)](), node.right))})"
        case ast.BoolOp(op=one):
            yield node, f"({ast.unparse(ast.BoolOp(SWAPS[type(one)](), node.values))})"
        case ast.AugAssign(op=one) if type(one) in SWAPS:
            yield node, ast.unparse(ast.AugAssign(node.target, SWAPS[type(one)](), node.value))
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node, f"({ast.unparse(node.operand)})"
        case ast.Constant(value=bool(value)):
            yield node, str(not value)
        case ast.Constant(value=int(value)):
            yield node, str(value + 1)
        case ast.Constant(value=float(value)):
            yield node, repr(2 * value + 1)
        case ast.If() | ast.IfExp() | ast.While():
            yield node.test, f"(not ({ast.unparse(node.test)}))"
        case ast.Return(value=ast.expr()):
            yield node, "return None"
        case ast.Expr(value=ast.Call()):
            yield node, "pass"
        case ast.Call(keywords=[_, *_]):
            for dropped in [keyword for keyword in node.keywords if keyword.arg not in GUARDS]:
                kept = [keyword for keyword in node.keywords if keyword is not dropped]
                yield node, ast.unparse(ast.Call(node.func, node.args, kept))
