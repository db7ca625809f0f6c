"""Impulse and gradient: what they are for a plain LSTM, in closed form and by autograd."""

from functools import partial

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from dropoutbook import RecurrentDropoutLSTM, RNNDropLSTM
from dropoutbook.lab.lstm_memory import gradient_flow, impulse_response
from dropoutbook.lab.sequence_reader import SequenceReader, train_readers
from dropoutbook.lab.sequences import temporal_order


def test_a_plain_lstm_forgets_geometrically():
    response = impulse_response(nn.LSTM(1, 1, dtype=torch.float64), 0.8, cells=2)
    assert response.shape == (41, 2)
    np.testing.assert_allclose(response, 0.8 ** np.arange(41)[:, None] * np.ones(2), rtol=1e-12)


def test_a_kept_cell_has_the_response_of_evaluation():
    layer = RNNDropLSTM(1, 1, p=0.5, dtype=torch.float64)
    response = impulse_response(layer, 0.8, lags=10, cells=200)
    kept = response[0] != 0
    assert 0 < kept.sum() < 200
    expected = impulse_response(layer.eval(), 0.8, lags=10, cells=200) * kept
    np.testing.assert_allclose(response, expected, rtol=1e-12)


def test_a_mask_met_once_scales_the_whole_response():
    layer = RecurrentDropoutLSTM(1, 1, p=0.75, per_step=True, dtype=torch.float64)
    response = impulse_response(layer, 0.8, lags=10, cells=200)
    assert set(response[0].round(9)) == {0.0, 4.0}
    decay = 0.8 ** np.arange(10)[:, None]
    np.testing.assert_allclose(response, response[0] * decay, rtol=1e-12)


def test_gradient_flow_is_the_gradient_of_each_reader():
    plain = partial(RNNDropLSTM, p=0.0)
    weights = train_readers(plain, range(2), steps=0)
    x, y = temporal_order(np.random.default_rng(0), 5, 8)
    flow = gradient_flow(plain, weights, x, y)
    assert flow.shape == (2, 8)
    reader = SequenceReader(plain)
    reader.load_state_dict({name: weight[1] for name, weight in weights.items()})
    (gradient,) = torch.autograd.grad(functional.cross_entropy(reader(x.requires_grad_()), y), x)
    expected = gradient.norm(dim=-1).mean(-1).log()
    np.testing.assert_allclose(flow[1], expected.numpy(), rtol=1e-10)
