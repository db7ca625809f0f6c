"""One module a method: its definition in NumPy, then the PyTorch layer."""

from dropoutbook.layers.dropout import Dropout

__all__ = ["Dropout"]
