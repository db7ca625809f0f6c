"""What a layer carries: seeds, a generator, copies, its state_dict."""

import copy
import io
import pickle

import torch
from torch import nn

from dropoutbook.testing.assertions import assert_equal
from dropoutbook.testing.case import Case, after_seed, output


def seed(case: Case) -> None:
    """the global seed repeats the masks"""
    layer = case.layer()
    same, again, other = (after_seed(layer, case.example, seed) for seed in (3, 3, 4))
    assert_equal(same, again, "one seed has two masks")
    assert not torch.equal(same, other), "two seeds have one mask"


def generator(case: Case) -> None:
    """a generator of its own repeats the masks, and the global one is left alone"""
    same, again, other = (output(case.seeded(seed=seed), case.example) for seed in (3, 3, 4))
    assert_equal(same, again, "one seed has two masks")
    assert not torch.equal(same, other), "two seeds have one mask"
    expected = after_seed(torch.rand_like, case.example)
    layer = case.seeded()
    torch.manual_seed(0)
    layer(case.example)
    assert_equal(torch.rand_like(case.example), expected, "the global generator has moved")


def copies(case: Case) -> None:
    """a deepcopy, a pickle and a saved layer go on alone, with mode, rate and generator"""
    for duplicate in (copy.deepcopy, pickled, saved):
        layer = case.seeded(0.3)
        output(layer, case.example)
        twin = duplicate(layer)
        assert repr(twin) == repr(layer), f"{twin!r} instead of {layer!r}"
        ahead = [output(twin, case.example) for _ in range(2)]  # must not advance the original
        for y in ahead:
            assert_equal(output(layer, case.example), y, f"{duplicate.__name__} draws otherwise")
        assert not duplicate(layer.eval()).training, f"{duplicate.__name__} forgets the mode"


def pickled(layer: nn.Module) -> nn.Module:
    return pickle.loads(pickle.dumps(layer))


def saved(layer: nn.Module) -> nn.Module:
    file = io.BytesIO()
    torch.save(layer, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


def state_dict(case: Case) -> None:
    """the state_dict holds no masks, and loads into another layer"""
    layer = case.layer()
    before = set(layer.state_dict())
    layer(case.example)
    state = layer.state_dict()
    assert set(state) == before, f"a call adds {sorted(set(state) - before)}"
    learned = len(list(layer.parameters()))
    assert len(before) == learned, f"{sorted(before)} for {learned} parameters"
    case.layer(0.1).load_state_dict(state)
