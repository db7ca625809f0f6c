"""`DropScheduler`: the ramp at every step, its layers, its checkpoints, its arguments."""

import math
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from dropoutbook import (
    DropBlock,
    Dropout,
    DropScheduler,
    GaussianDropout,
    Standout,
    VariationalLSTM,
)
from dropoutbook.models.drop_scheduler import scheduled_p
from tests.checks import assert_refused
from tests.models import wrong_drop_scheduler as wrong
from tests.mutants import rejects, without_mutant


def ramp(cls, steps: int, *, delay: int = 0, start: float = 0.1, end: float = 0.7) -> list[float]:
    """The rate of the layer before each of the first steps, and a while longer."""
    layer, rates = Dropout(0.5), []
    scheduler = cls(layer, start, end, steps, delay=delay)
    for _ in range(delay + steps + 3):
        rates.append(layer.p)
        scheduler.step()
    return rates


def check_the_ramp_is_a_straight_line(cls):
    for steps in (1, 2, 6, 7):
        t = np.arange(steps + 3)
        expected = np.interp(t, [0, steps], [0.1, 0.7])
        np.testing.assert_allclose(ramp(cls, steps), expected, rtol=1e-14)


def check_the_ramp_ends_exactly(cls):
    assert ramp(cls, 3, start=0.3, end=0.0)[3:] == [0.0] * 3
    assert ramp(cls, 7, end=0.3)[7:] == [0.3] * 3
    assert ramp(cls, 2, start=0.9, end=0.1)[2:] == [0.1] * 3  # 0.9 + (0.1 - 0.9) is below 0.1


def check_the_delay_comes_before_the_ramp(cls):
    assert ramp(cls, 1, delay=3, start=0.0, end=0.4) == [0.0] * 4 + [0.4] * 3


def check_the_first_rate_is_set_at_once(cls):
    layer = Dropout(0.5)
    cls(layer, 0.1, 0.7, 6)
    assert layer.p == 0.1


MUTANTS = [
    (check_the_ramp_is_a_straight_line, wrong.OneStepLate),
    (check_the_ramp_is_a_straight_line, wrong.OneStepTooLong),
    (check_the_ramp_is_a_straight_line, wrong.Jumps),
    (check_the_ramp_ends_exactly, wrong.NeverArrives),
    (check_the_ramp_ends_exactly, wrong.OneStepTooLong),
    (check_the_delay_comes_before_the_ramp, wrong.ForgetsTheDelay),
    (check_the_first_rate_is_set_at_once, wrong.WaitsForTheFirstStep),
]


@pytest.mark.parametrize(("check", "mutant"), MUTANTS)
def test_the_check_rejects(check, mutant):
    rejects(check, DropScheduler, mutant)


def test_every_check_has_a_mutant():
    assert not without_mutant(sys.modules[__name__], (check.__name__ for check, _ in MUTANTS))


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 50), st.integers(0, 9), st.integers(0, 99))
def test_the_rate_never_leaves_the_interval_between_its_ends(start, end, steps, delay, step):
    p = scheduled_p(step, start, end, steps, delay)
    assert min(start, end) - 1e-15 <= p <= max(start, end) + 1e-15


def test_every_layer_below_is_scheduled_once_and_others_are_not():
    shared = Dropout(0.5)
    net = nn.Sequential(
        nn.Linear(2, 2), shared, nn.Sequential(nn.Dropout2d(), shared, Standout(2, 2))
    )
    other = DropBlock(0.2, 3)
    scheduler = DropScheduler(net, 0.0, 0.4, 4)
    scheduler.step()
    assert [layer.p for layer in scheduler.layers] == [0.1, 0.1]
    assert other.p == 0.2
    DropScheduler([net[1], other], 0.3, 0.4, 4)
    assert (shared.p, other.p, net[2][0].p) == (0.3, 0.3, 0.1)


def test_another_rate_can_be_named():
    layer = VariationalLSTM(2, 3, p_input=0.5, p_hidden=0.5)
    scheduler = DropScheduler(layer, 0.0, 0.4, 4, name="p_hidden")
    scheduler.step()
    assert (layer.p_input, layer.p_hidden) == (0.5, 0.1)


def test_a_checkpoint_continues_the_schedule():
    first, second = (DropScheduler(Dropout(0.5), 0.0, 0.4, 4) for _ in range(2))
    first.step()
    first.step()
    second.load_state_dict(first.state_dict())
    assert second.p == second.layers[0].p == first.p == 0.2
    second.step()
    assert second.p == pytest.approx(0.3)
    assert first.p == 0.2
    words = ("state", "last_step", "['p']")
    assert_refused(lambda: first.load_state_dict({"p": 0.1}), ValueError, *words)


@pytest.mark.parametrize("name", ["start", "end"])
def test_a_probability_out_of_range_is_refused(name):
    for value, error in ((1.5, ValueError), (math.nan, ValueError), (True, TypeError)):
        arguments = {"start": 0.1, "end": 0.2, name: value}
        call = lambda a=arguments: DropScheduler(Dropout(), steps=3, **a)  # noqa: E731
        assert_refused(call, error, name, "[0, 1]", repr(value))


@pytest.mark.parametrize(("name", "least"), [("steps", 1), ("delay", 0)])
def test_a_count_out_of_range_is_refused(name, least):
    for value, error in ((least - 1, ValueError), (2.0, TypeError), (True, TypeError)):
        arguments = {"steps": 3, name: value}
        call = lambda a=arguments: DropScheduler(Dropout(), 0.1, 0.2, **a)  # noqa: E731
        assert_refused(call, error, name, f">= {least}", repr(value))


def test_modules_without_a_rate_are_refused():
    for modules in (nn.Linear(2, 2), [], Standout(2, 2)):
        assert_refused(lambda m=modules: DropScheduler(m, 0.1, 0.2, 3), ValueError, "'p'", "none")
    assert_refused(lambda: DropScheduler(["layer"], 0.1, 0.2, 3), TypeError, "modules", "str")
    words = ("name", "'p_input'", "'rate'")
    assert_refused(lambda: DropScheduler(Dropout(), 0, 1, 3, name="rate"), ValueError, *words)


def test_an_end_that_the_layer_refuses_is_refused_at_once():
    layer = GaussianDropout(0.5)
    assert_refused(lambda: DropScheduler(layer, 0.1, 1.0, 3), ValueError, "p", "1.0")
    assert layer.p == 0.5
