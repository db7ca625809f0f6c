"""Bad arguments are refused, with a message that names the argument and the value."""

import math
from functools import partial

import torch

from dropoutbook.testing.assertions import assert_refused
from dropoutbook.testing.case import Case

OUTSIDE = (-0.1, 1.1, math.nan, math.inf)
NO_NUMBER = (True, None, "0.5", [0.5], 0.5j)


def bad_rates(case: Case) -> None:
    """a rate that is no number in [0, 1] is refused, and changes nothing"""
    bad = [(value, ValueError) for value in OUTSIDE] + [(value, TypeError) for value in NO_NUMBER]
    for value, error in bad if case.rates else ():
        assert_refused(partial(case.make, value), error, repr(value))
        for name in case.rates:
            layer = case.layer(0.25)
            assert_refused(partial(setattr, layer, name, value), error, name, repr(value))
            assert getattr(layer, name) == 0.25, f"{name} is {getattr(layer, name)} now"


def bad_generator(case: Case) -> None:
    """a generator that is none is refused"""
    for value in (0, "seed"):
        make = partial(case.make, 0.5, generator=value)
        assert_refused(make, TypeError, "generator", repr(value))


def bad_input(case: Case) -> None:
    """an input in training that is no floating-point tensor is refused"""
    for value in (case.example.long(), case.example.to(torch.complex64), [1.0], None):
        assert_refused(partial(case.layer(), value), TypeError, "input")
