"""What a layer carries: its generator, its copies, its state_dict, the seeds that repeat it."""

import copy
import pickle

import pytest
import torch
from torch import nn

from tests.layers.cases import Case, every_layer


@every_layer
def test_a_generator_repeats_the_masks(case: Case):
    x = case.input(batch=64)
    assert torch.equal(case.seeded(0.5, seed=3)(x), case.seeded(0.5, seed=3)(x))
    assert not torch.equal(case.seeded(0.5, seed=3)(x), case.seeded(0.5, seed=4)(x))


@every_layer
def test_a_generator_leaves_the_global_one_alone(case: Case):
    before = torch.get_rng_state()
    case.seeded(0.5)(case.input())
    assert torch.equal(torch.get_rng_state(), before)


@every_layer
def test_the_global_seed_repeats_the_masks(case: Case):
    layer, x = case.make(0.5), case.input(batch=64)
    outputs = []
    for seed in (3, 3, 4):
        torch.manual_seed(seed)
        outputs.append(layer(x))
    assert torch.equal(outputs[0], outputs[1])
    assert not torch.equal(outputs[0], outputs[2])


def pickled(layer: nn.Module) -> nn.Module:
    return pickle.loads(pickle.dumps(layer))


@every_layer
@pytest.mark.parametrize("duplicate", [copy.deepcopy, pickled])
def test_a_copy_continues_on_its_own(case: Case, duplicate):
    x, layer = case.input(batch=64), case.seeded(0.5)
    layer(x)
    twin = duplicate(layer)
    assert repr(twin) == repr(layer)
    ahead = [twin(x), twin(x)]  # must not advance the original
    assert torch.equal(layer(x), ahead[0])
    assert torch.equal(layer(x), ahead[1])


@every_layer
@pytest.mark.parametrize("duplicate", [copy.deepcopy, pickled])
def test_a_copy_keeps_mode_and_p(case: Case, duplicate):
    twin = duplicate(case.make(0.3).eval())
    assert not twin.training
    assert twin.p == 0.3


@every_layer
def test_state_dict_holds_what_is_learned_and_no_more(case: Case):
    layer = case.make(0.5)
    layer(case.input())
    assert tuple(layer.state_dict()) == case.state
    assert case.make(0.1).load_state_dict(layer.state_dict()) == ([], [])
