"""Functions to sweep that write down each of their runs, importable by worker processes."""

import os
import signal
import time
from pathlib import Path

import torch

from dropoutbook.lab.data import noisy_digits
from dropoutbook.lab.train import train


def logged(p, seed, log):
    """Finished runs only, one line each: short appends do not mix."""
    with Path(log).open("a") as stream:
        stream.write(f"{p} {seed} {os.getpid()}\n")
    return {"square": p**2, "seed": seed}


def slow(p, seed, log):
    time.sleep(0.05)
    return logged(p, seed, log)


def fatal(p, seed, log):
    """Takes the whole process down in the middle of the grid, the first time."""
    mark = Path(log).with_suffix(".killed")
    if seed == 2 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return logged(p, seed, log)


def failing(p, seed, log):
    if seed == 2:
        raise ArithmeticError("no such root")
    return logged(p, seed, log)


def test_error(p, seed):
    """Percent of wrong test digits of one small network."""
    digits = noisy_digits([seed], train_size=100, label_noise=0.2)
    masks = torch.Generator().manual_seed(seed)
    net = train(digits, p, hidden=(16,), steps=20, generator=masks)
    return net.error(digits.x_test, digits.y_test).item()


def spread(p, dropout):
    """How many values a layer makes of ones."""
    layer = dropout(p, generator=torch.Generator().manual_seed(0))
    return layer(torch.ones(10, 10, 10)).unique().numel()


def twice(p):
    return 2 * p


def thrice(p):
    return 3 * p


def applied(p, function):
    return function(p)


def pair(p):
    return (p, float("inf"))


def ones(p):
    return torch.ones(1)


def named(value):
    return repr(value)[:14]
