"""Training and evaluation, and both ends of the rate."""

from dropoutbook.testing.assertions import assert_close, assert_equal
from dropoutbook.testing.case import Case, after_seed, first, value_and_gradient


def evaluation(case: Case) -> None:
    """evaluation draws nothing"""
    layer = case.layer().eval()
    assert_equal(after_seed(layer, case.example, 0), after_seed(layer, case.example, 1), "it does")
    if case.evaluation == "identity":
        assert layer(case.example) is case.example, "evaluation is not the input itself"


def mode(case: Case) -> None:
    """a call leaves the mode and the input as they are"""
    for training in (True, False):
        layer, x = case.layer().train(training), case.example.clone()
        layer(x)
        assert layer.training is training, "the mode has changed"
        assert_equal(x, case.example, "the input has changed")


def p_zero(case: Case) -> None:
    """at p = 0 training is evaluation"""
    if not case.rates:
        return
    layer, x = case.layer(0.0), case.example
    y = first(layer(x))
    assert_close(y, first(layer.eval()(x)), "training and evaluation differ")
    if case.evaluation == "identity":
        assert y is x, "the output is not the input itself"


def p_one(case: Case) -> None:
    """at p = 1 outputs and gradients are finite (0 if entries are dropped), or p is refused"""
    if not case.rates:
        return
    try:
        layer = case.layer(1.0)
    except ValueError:
        return
    for tensor in value_and_gradient(layer, case.example):
        assert tensor.isfinite().all(), "not all is finite"
        assert not (case.drops and tensor.any()), "not all is 0"


def assignment(case: Case) -> None:
    """a rate that is assigned is the rate from then on"""
    for p in case.ps if case.rates else ():
        layer = case.layer(0.25)
        for name in case.rates:
            setattr(layer, name, p)
        expected = after_seed(case.layer(p), case.example)
        assert_equal(after_seed(layer, case.example), expected, f"p = {p} has no effect")
