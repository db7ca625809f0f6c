"""Whether a dropout layer keeps its promises: a suite for the layers of anybody."""

from dropoutbook.testing.check_dropout import PROPERTIES, Report, Result, check_dropout

__all__ = ["PROPERTIES", "Report", "Result", "check_dropout"]
