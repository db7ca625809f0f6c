"""Dropout layers for PyTorch: exact, tested, and shown in the book they are written with."""

from dropoutbook.layers import Dropout

__all__ = ["Dropout"]

__version__ = "0.1.0"
