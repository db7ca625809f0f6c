"""The names, order and defaults of all public arguments, as text: what a reader's code rests on."""

import inspect

import pytest

import dropoutbook
from dropoutbook import derive, testing
from dropoutbook.layers.recurrent import lstm

PUBLIC = {
    name: getattr(package, name)
    for package in (dropoutbook, derive, testing)
    for name in package.__all__
    if callable(getattr(package, name))
}
LSTM = (
    "input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0, "
    "bidirectional=False, proj_size=0, *, "
)
PARAMETERS = "generator=None, device=None, dtype=None"
SIGNATURES = {
    "Bernoulli": "keep",
    "DropBlock": "p=0.1, block_size=7, *, marginal='uniform', shared=False, generator=None",
    "DropConnect": "in_features, out_features, bias=True, p=0.5, *, activation='relu', "
    f"samples=None, {PARAMETERS}",
    "DropScheduler": "modules, start, end, steps, *, delay=0, name='p'",
    "Dropout": "p=0.5, inplace=False, *, rescale='train', generator=None",
    "Finite": "probabilities",
    "GaussianDropout": "p=0.5, *, generator=None",
    "MCClassification": "mean, variance, samples, predictive_entropy, expected_entropy, "
    "mutual_information",
    "MCPrediction": "mean, variance, samples",
    "MaxPoolDropout2d": "kernel_size, stride=None, padding=0, p=0.5, *, generator=None",
    "Normal": "mean, variance",
    "RNNDropLSTM": f"{LSTM}p=0.5, {PARAMETERS}",
    "RecurrentDropoutLSTM": f"{LSTM}p=0.5, per_step=False, {PARAMETERS}",
    "Report": "iterable=(), /",
    "Result": "name, outcome, reason=''",
    "SpatialDropout": "p=0.5, inplace=False, *, generator=None",
    "Standout": "in_features, out_features, bias=True, *, alpha=1.0, beta=0.0, "
    f"activation='relu', {PARAMETERS}",
    "Stochastic": "",
    "VariationalLSTM": f"{LSTM}p_input=0.5, p_hidden=0.5, tied=True, p=None, {PARAMETERS}",
    "WeightDrop": "module, names, p=0.5, *, generator=None",
    "check_dropout": "make, example, *, evaluation='identity', drops=True, independent=True, "
    "shared=(), rates=('p',), without=(), only=None, backends=('aot_eager',)",
    "covariance": "left, right, laws",
    "enumerate_expectation": "function, keep",
    "expectation": "expr, laws",
    "mc_classify": "model, input, samples=100, *, dim=-1, chunk=None, generator=None",
    "mc_dropout": "model",
    "mc_predict": "model, input, samples=100, *, chunk=None, generator=None",
    "variance": "expr, laws",
}


def signature(value) -> str:
    """The arguments as they are written, without their types."""
    full = inspect.signature(value)
    untyped = [each.replace(annotation=each.empty) for each in full.parameters.values()]
    return str(inspect.Signature(untyped))[1:-1]


def test_the_table_has_every_public_name():
    assert sorted(SIGNATURES) == sorted(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_the_signature_is_the_one_of_the_table(name):
    assert signature(PUBLIC[name]) == SIGNATURES[name]


def test_the_lstm_below_the_others_has_what_they_share():
    assert signature(lstm.LSTM) == LSTM + PARAMETERS
