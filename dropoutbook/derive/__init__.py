"""SymPy: exact expectations, and the equations of each chapter."""

from importlib.util import find_spec

if find_spec("sympy") is None:
    raise ImportError('dropoutbook.derive needs SymPy: pip install "dropoutbook[book]"')

from dropoutbook.derive.enumeration import enumerate_expectation
from dropoutbook.derive.laws import Bernoulli, Finite, Normal
from dropoutbook.derive.moments import covariance, expectation, variance
from dropoutbook.derive.source import source_equations

__all__ = [
    "Bernoulli",
    "Finite",
    "Normal",
    "covariance",
    "enumerate_expectation",
    "expectation",
    "source_equations",
    "variance",
]
