"""The clock of the benchmark is right, and so are its counts of bytes."""

from itertools import accumulate, chain, repeat

import pytest
import torch

from benchmarks.measure import LONGEST, MOST, SHORTEST, peak_bytes, saved_bytes, seconds_per_call


class Worker:
    """A clock, and a call that alone moves it: by the next of `durations`."""

    def __init__(self, durations):
        self.durations, self.now, self.calls = iter(durations), 0.0, 0

    def __call__(self):
        self.now += next(self.durations)
        self.calls += 1

    def clock(self):
        return self.now


def timed(*durations):
    """Seconds per call, and how many calls, if the last of `durations` goes on for ever."""
    worker = Worker(chain(durations, repeat(durations[-1])))
    return seconds_per_call(worker, worker.clock), worker.calls


@pytest.mark.parametrize(
    ("duration", "calls"),
    [
        (SHORTEST / 50, 2 + MOST * 50),
        (LONGEST / 3.5, 2 + 4),
        (LONGEST, 2),
        (60.0, 2),
    ],
)
def test_times_are_of_one_call_however_many_a_turn_has(duration, calls):
    assert timed(duration) == (pytest.approx(duration), calls)


def test_the_first_call_does_not_count():
    assert timed(60.0, 0.01)[0] == pytest.approx(0.01)
    assert timed(60.0, LONGEST)[0] == pytest.approx(LONGEST)


def test_a_few_slow_turns_do_not_count():
    slow_at_times = [0.01] * 4 + [0.05] + [0.01] * 9 + [0.05] + [0.01]
    assert timed(*slow_at_times)[0] == pytest.approx(0.01)


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
