"""One module a method: its definition in NumPy, then the PyTorch layer."""

from dropoutbook.layers.drop_block import DropBlock
from dropoutbook.layers.dropout import Dropout
from dropoutbook.layers.max_pool_dropout2d import MaxPoolDropout2d
from dropoutbook.layers.spatial_dropout import SpatialDropout

__all__ = [
    "DropBlock",
    "Dropout",
    "MaxPoolDropout2d",
    "SpatialDropout",
]
