"""The clock of the benchmark is fair, and its counts of bytes are right."""

from itertools import accumulate

import pytest
import torch

from benchmarks.measure import FEWEST, SHORTEST, peak_bytes, saved_bytes, take_turns


class FakeClock:
    """Time that passes only when a contestant works."""

    def __init__(self):
        self.now, self.log = 0.0, []

    def __call__(self):
        return self.now

    def work(self, name, seconds):
        def call():
            self.log.append(name)
            self.now += seconds

        return call


def timed(clock, durations, **options):
    calls = {name: clock.work(name, each) for name, each in durations.items()}
    return take_turns(calls, clock=clock, **options)


def test_times_are_seconds_a_call_however_many_calls_a_turn_has():
    clock = FakeClock()
    times = timed(clock, {"short": SHORTEST / 50, "long": 2.0}, rounds=4, seconds=1e9)
    assert times["short"] == pytest.approx([SHORTEST / 50] * 4)
    assert times["long"] == pytest.approx([2.0] * 4)
    # two calls before the clock starts, then four rounds, each with a call that does not count
    assert clock.log.count("short") == 2 + 4 * (1 + 50)
    assert clock.log.count("long") == 2 + 4


def test_all_take_turns_and_each_is_first_as_often():
    clock = FakeClock()
    timed(clock, dict.fromkeys("abc", 1.0), rounds=3, seconds=1e9)
    assert "".join(clock.log) == "aabbcc" + "abc" + "bca" + "cab"


@pytest.mark.parametrize(("seconds", "rounds"), [(0.0, FEWEST), (9.9, 10), (1e9, 25)])
def test_time_ends_the_rounds_but_never_before_a_few(seconds, rounds):
    times = timed(FakeClock(), {"a": 1.0}, seconds=seconds)
    assert len(times["a"]) == rounds


def test_what_a_multiplication_keeps_for_backward_is_its_factor():
    x, factor = torch.ones(1000, requires_grad=True), torch.rand(1000)
    assert saved_bytes(lambda: x * factor, [x]) == 4000
    assert saved_bytes(lambda: x * factor * factor, [x]) == 4000  # kept once
    assert saved_bytes(lambda: x * x, [x]) == 0  # the input is there anyway
    assert saved_bytes(lambda: x + 1, [x]) == 0


def test_the_peak_is_what_lived_at_one_time():
    def one_by_one():
        return [torch.ones(2**20).sum() for _ in range(4)]

    def all_at_once():
        return torch.stack([torch.ones(2**20) for _ in range(4)]).sum()

    size = 4 * 2**20
    low, high = peak_bytes(one_by_one), peak_bytes(all_at_once)
    assert size <= low < 1.01 * size
    assert 8 * size <= high < 8.01 * size  # four, and the stack of them


def test_the_peak_counts_what_the_call_returns():
    kept = peak_bytes(lambda: list(accumulate([torch.ones(2**20)] * 3)))
    assert kept >= 3 * 4 * 2**20
