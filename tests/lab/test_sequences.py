"""The long-memory tasks: what the answer is, where it stands, what chance is."""

import numpy as np
import pytest
import torch

from dropoutbook.lab.sequences import CLASSES, SYMBOLS, delayed_recall, temporal_order
from tests.checks import assert_rate, assert_refused

EXAMPLES = 4000
every_task = pytest.mark.parametrize("task", [temporal_order, delayed_recall])


def symbols_of(x):
    assert torch.equal(x.sum(-1), torch.ones_like(x[..., 0]))
    return x.argmax(-1)


def test_temporal_order_names_the_two_symbols_in_their_order():
    x, y = temporal_order(np.random.default_rng(0), EXAMPLES, 16)
    symbols = symbols_of(x)
    for half, answer in ((symbols[:4], y // 2), (symbols[4:8], y % 2)):
        assert torch.equal((half < 2).sum(0), torch.ones_like(y))
        assert torch.equal(((half == 1).any(0)).long(), answer)
        for position in half:  # anywhere in its quarter
            assert_rate(position < 2, 0.25)
    assert (symbols[8:] >= 2).all()


def test_delayed_recall_names_the_first_symbol():
    x, y = delayed_recall(np.random.default_rng(0), EXAMPLES, 8)
    symbols = symbols_of(x)
    assert torch.equal(symbols[0], y)
    assert (symbols[1:] >= CLASSES).all()


@every_task
def test_classes_are_equally_likely(task):
    x, y = task(np.random.default_rng(1), EXAMPLES)
    assert (x.shape, x.dtype, y.dtype) == ((24, EXAMPLES, SYMBOLS), torch.float64, torch.int64)
    for label in range(CLASSES):
        assert_rate(y == label, 1 / CLASSES)


@every_task
def test_a_seed_repeats_the_sequences(task):
    first, again, other = (task(np.random.default_rng(seed), 50) for seed in (3, 3, 4))
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert not torch.equal(first[0], other[0])


@every_task
@pytest.mark.parametrize("length", [0, -4, 6, True])
def test_a_length_that_has_no_quarter_is_refused(task, length):
    words = ("length", "positive multiple of 4", repr(length))
    assert_refused(lambda: task(np.random.default_rng(0), 5, length), ValueError, *words)
