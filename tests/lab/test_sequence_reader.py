"""Readers of sequences: seeds apart, the same as one network alone, and able to learn."""

from functools import partial

import numpy as np
import torch
from torch import nn
from torch.func import functional_call
from torch.nn import functional

from dropoutbook import RecurrentDropoutLSTM, RNNDropLSTM
from dropoutbook.lab.sequence_reader import (
    HIDDEN,
    SequenceReader,
    accuracy,
    train_readers,
)
from dropoutbook.lab.sequences import delayed_recall
from dropoutbook.lab.streams import stream

plain = partial(RNNDropLSTM, p=0.0)
short = partial(delayed_recall, length=4)


def test_stacked_training_is_ordinary_training_of_each_seed():
    seeds, steps = (4, 9), 5
    stacked = train_readers(plain, seeds, task=short, steps=steps, batch=8)
    start = train_readers(plain, seeds, steps=0)
    for row, seed in enumerate(seeds):
        reader = SequenceReader(plain)
        reader.load_state_dict({name: weight[row] for name, weight in start.items()})
        optimizer = torch.optim.Adam(reader.parameters(), lr=1.5e-2)
        rng = stream(seed, "order")
        for _ in range(steps):
            x, y = short(rng, 8)
            optimizer.zero_grad()
            functional.cross_entropy(reader(x), y).backward()
            optimizer.step()
        for name, weight in reader.named_parameters():
            torch.testing.assert_close(stacked[name][row], weight.detach(), rtol=1e-8, atol=1e-9)


def test_a_seed_does_not_depend_on_the_others():
    together, alone = (train_readers(plain, seeds, steps=2) for seeds in ((4, 9), (9,)))
    for name, weight in alone.items():
        torch.testing.assert_close(together[name][1:], weight)
    assert not torch.equal(together["scores.weight"][0], together["scores.weight"][1])


def test_forget_gates_start_where_asked():
    start = train_readers(plain, range(2), steps=0, forget_bias=2.0)
    total = start["layer.bias_ih_l0"] + start["layer.bias_hh_l0"]
    assert torch.equal(total[:, HIDDEN : 2 * HIDDEN], torch.full((2, HIDDEN), 2.0).double())
    assert start["layer.weight_hh_l0"].abs().max() <= HIDDEN**-0.5


def test_masks_differ_between_seeds_and_come_from_the_generator():
    def trained(seed):
        masked = partial(RecurrentDropoutLSTM, generator=torch.Generator().manual_seed(seed))
        return train_readers(masked, range(2), task=short, steps=2)["layer.weight_hh_l0"]

    assert torch.equal(trained(0), trained(0))
    assert not torch.equal(trained(0), trained(1))


def test_a_short_memory_is_learned():
    weights = train_readers(plain, range(2), task=short, steps=60)
    assert accuracy(plain, weights, range(2), task=short, examples=400).min() == 100


def test_accuracy_is_the_share_of_right_answers():
    weights = train_readers(plain, range(2), steps=0)
    rng = stream(1, "test")
    x, y = short(rng, 40)
    reader = SequenceReader(plain).eval()
    scores = functional_call(reader, {name: value[1] for name, value in weights.items()}, x)
    expected = 100 * (scores.argmax(-1) == y).double().mean().item()
    assert accuracy(plain, weights, range(2), task=short, examples=40)[1] == expected


def test_any_recurrent_layer_can_be_read():
    x, _ = short(np.random.default_rng(0), 3)
    assert SequenceReader(nn.GRU)(x).shape == (3, 4)
