"""Dropout layers for PyTorch: exact, tested, and shown in the book they are written with."""

from dropoutbook.layers import (
    DropBlock,
    Dropout,
    MaxPoolDropout2d,
    SpatialDropout,
)

__all__ = [
    "DropBlock",
    "Dropout",
    "MaxPoolDropout2d",
    "SpatialDropout",
]

__version__ = "0.1.0"
