"""Dropout layers for PyTorch: exact, tested, and shown in the book they are written with."""

from dropoutbook.layers.drop_block import DropBlock
from dropoutbook.layers.drop_connect import DropConnect
from dropoutbook.layers.dropout import Dropout
from dropoutbook.layers.gaussian_dropout import GaussianDropout
from dropoutbook.layers.max_pool_dropout2d import MaxPoolDropout2d
from dropoutbook.layers.recurrent_dropout_lstm import RecurrentDropoutLSTM
from dropoutbook.layers.rnn_drop_lstm import RNNDropLSTM
from dropoutbook.layers.spatial_dropout import SpatialDropout
from dropoutbook.layers.standout import Standout
from dropoutbook.layers.stochastic import Stochastic
from dropoutbook.layers.variational_lstm import VariationalLSTM
from dropoutbook.layers.weight_drop import WeightDrop
from dropoutbook.models.drop_scheduler import DropScheduler
from dropoutbook.models.mc_classify import MCClassification, mc_classify
from dropoutbook.models.mc_dropout import mc_dropout
from dropoutbook.models.mc_predict import MCPrediction, mc_predict

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
    "Stochastic",
    "VariationalLSTM",
    "WeightDrop",
    "mc_classify",
    "mc_dropout",
    "mc_predict",
]

__version__ = "0.1.0"
