"""Dropout layers for PyTorch: exact, tested, and shown in the book they are written with."""

from dropoutbook.layers import (
    DropBlock,
    DropConnect,
    Dropout,
    DropScheduler,
    GaussianDropout,
    MaxPoolDropout2d,
    MCClassification,
    MCPrediction,
    RecurrentDropoutLSTM,
    RNNDropLSTM,
    SpatialDropout,
    Standout,
    VariationalLSTM,
    WeightDrop,
    mc_classify,
    mc_dropout,
    mc_predict,
)

__all__ = [
    "DropBlock",
    "DropConnect",
    "DropScheduler",
    "Dropout",
    "GaussianDropout",
    "MCClassification",
    "MCPrediction",
    "MaxPoolDropout2d",
    "RNNDropLSTM",
    "RecurrentDropoutLSTM",
    "SpatialDropout",
    "Standout",
    "VariationalLSTM",
    "WeightDrop",
    "mc_classify",
    "mc_dropout",
    "mc_predict",
]

__version__ = "0.1.0"
