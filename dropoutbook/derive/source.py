"""The numbered equations of the source as data: right, as printed, and the check that decides."""

from dropoutbook.derive.linear_equations import linear_equations
from dropoutbook.derive.lstm_equations import lstm_equations
from dropoutbook.derive.source_equation import SourceEquation
from dropoutbook.derive.variant_equations import variant_equations

#: The numbered equations of the source: from the number of each to what is known about it.
source_equations: dict[int, SourceEquation] = linear_equations | lstm_equations | variant_equations
