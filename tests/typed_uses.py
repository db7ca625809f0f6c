"""Uses of the public names, for the type checker alone: a line that is to be refused says so.

An ignore that ignores nothing is an error as well, so each of these lines is a wrong use that the
types must catch. The types of SymPy are not known to the checker: an expression may be anything.
"""

import torch
from torch import Tensor, nn

from dropoutbook import (
    DropBlock,
    DropConnect,
    Dropout,
    DropScheduler,
    GaussianDropout,
    MaxPoolDropout2d,
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
from dropoutbook.derive import enumerate_expectation, expectation
from dropoutbook.lab.statistics import paired_difference
from dropoutbook.lab.train import train
from dropoutbook.testing import check_dropout

generator = torch.Generator()
x = torch.ones(2, 3)

Dropout(0.5, generator=generator)
Dropout("0.5")  # type: ignore[arg-type]
Dropout(p=0.5, rate=0.5)  # type: ignore[call-arg]
GaussianDropout(0.5, generator=0)  # type: ignore[arg-type]
SpatialDropout(0.5, dims=2)  # type: ignore[call-arg]
DropBlock(0.1, 7)
DropBlock(0.1, block="7")  # type: ignore[call-arg]
MaxPoolDropout2d(2, p=None)  # type: ignore[arg-type]
DropConnect(3, 4, bias=False, p=0.5, dtype=torch.float64)
DropConnect(3, outputs=4)  # type: ignore[call-arg]
Standout(3, 4, weights=None)  # type: ignore[call-arg]
WeightDrop(nn.Linear(3, 4), ["weight"], 0.5)
WeightDrop(nn.Linear(3, 4), 0.5)  # type: ignore[arg-type]

RNNDropLSTM(3, 4, num_layers=2, p=0.5)
RNNDropLSTM(3, 4, num_layer=2)  # type: ignore[call-arg]
RecurrentDropoutLSTM(3, 4, p=0.5, per_step=True)
RecurrentDropoutLSTM(3, 4, perstep=True)  # type: ignore[call-arg]
VariationalLSTM(3, 4, p_input=0.1, p_hidden=0.1)
VariationalLSTM(3)  # type: ignore[call-arg]
plain: nn.LSTM = VariationalLSTM.from_lstm(nn.LSTM(3, 4))  # type: ignore[assignment]

DropScheduler(nn.Linear(3, 4), 0.1, rate=3)  # type: ignore[call-arg]
with mc_dropout(nn.Linear(3, 4)):
    pass
mean: Tensor = mc_predict(nn.Linear(3, 4), x, samples=10).mean
samples: Tensor = mc_predict(nn.Linear(3, 4), x, samples=10)  # type: ignore[assignment]
mc_predict(nn.Linear(3, 4), x, samples="10")  # type: ignore[arg-type]
mc_classify(nn.Linear(3, 4), x, sample=10)  # type: ignore[call-arg]

expectation(1, {})
expectation(1)  # type: ignore[call-arg]
enumerate_expectation(lambda masks: masks, "0.5")  # type: ignore[arg-type]
median = paired_difference([1.0], [2.0]).median  # type: ignore[attr-defined]
train(x)  # type: ignore[arg-type]
check_dropout(Dropout, x, omit=["law"])  # type: ignore[call-arg]
