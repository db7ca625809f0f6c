"""The study of language models: what each arm is, what a piece and a mask are, what chooses."""

import math
from pathlib import Path

import pytest
import sympy
import torch
from torch import nn

from dropoutbook import (
    Dropout,
    RecurrentDropoutLSTM,
    RNNDropLSTM,
    SpatialDropout,
    VariationalLSTM,
    WeightDrop,
)
from dropoutbook.lab.text import sympy_sources
from studies import language_model
from studies.language_model import FULL, ON_TOP, SETTINGS, SPACING, STARTS, TOY, pieces

ARMS = [*SETTINGS, *ON_TOP]
TUNED = {arm: 2 * len(settings) for arm, settings in SETTINGS.items()} | {
    # each once on top, one alone, the best at the other rate of learning and, of two arms, held
    arm: len(settings) + 2 + (arm in language_model.HELD)
    for arm, settings in ON_TOP.items()
}


def here(function, cases, *, stage):
    return [{"stage": stage, **case, **function(**case)} for case in cases]


def made():
    """Rows of a training that is none: the likelihood of a setting is known."""

    def train(**case):
        case = {"p": 0.0, "p_recurrent": 0.3, "weight_decay": 0.3} | case | case["setting"]
        ideal = {"p": 0.25, "p_recurrent": 0.1, "weight_decay": 1.0, "learning_rate": 6e-3}
        loss = sum(abs(case[name] - value) for name, value in ideal.items()) - case.get("held", 0)
        return {"choice_nll": [0.0, loss], "test_nll": [0.0, -loss], "seconds": 0.0}

    return train


@pytest.fixture(scope="module")
def rows():
    torch.set_num_threads(1)
    return language_model.study(here, TOY)


def final(rows, arm):
    return [row for row in rows if row["stage"] == "final" and row["arm"] == arm]


def test_rows_are_those_of_the_protocol(rows):
    runs = TOY["seeds"] * len(TOY["steps"])
    for arm in ARMS:
        tuned = [row for row in rows if row["stage"] == "tuning" and row["arm"] == arm]
        assert len(tuned) == TUNED[arm]
        assert {row["seed"] for row in tuned} == {language_model.TUNING_SEED}
        assert len(final(rows, arm)) == runs * (2 if arm == "none" else 1)
        for row in final(rows, arm):
            assert row["seed"] in range(TOY["seeds"])
            assert len(row["test_nll"]) == len(row["step"])
            assert 0 < row["test_nll"][-1] < 1.1 * math.log(256)
            long = row["steps"] == TOY["steps"][1]
            assert ("rules" in row) == (long and arm not in ("none", "weight decay"))
            if "rules" in row:
                assert row["rules"]["evaluation"]["nll"] == row["test_nll"][-1]
                assert row["rules"]["masks"]["nll"] != row["test_nll"][-1]


def choice_is_of_tuning_rows(rows, by="choice_nll"):
    for arm in ARMS[1:]:
        tuned = [row for row in rows if row["stage"] == "tuning" and row["arm"] == arm]
        least = min(tuned, key=lambda row: row[by][-1])
        for row in final(rows, arm):
            assert row["setting"] == least["setting"], arm
            assert row["learning_rate"] == least["learning_rate"], arm


def test_what_is_best_on_the_choosing_pieces_goes_on(rows):
    choice_is_of_tuning_rows(rows)


def test_a_choice_on_the_reported_pieces_is_caught(monkeypatch):
    monkeypatch.setattr(language_model, "train", made())
    choice_is_of_tuning_rows(rows := language_model.study(here, FULL))
    assert final(rows, "dropout")[0]["setting"] == {"p": 0.25}
    assert final(rows, "variational")[0]["setting"] == {"p": 0.25, "p_recurrent": 0.1, "held": True}
    best = language_model.best
    monkeypatch.setattr(
        language_model, "best", lambda rows, *names, by: best(rows, *names, by="test_nll")
    )
    with pytest.raises(AssertionError):
        choice_is_of_tuning_rows(language_model.study(here, FULL))


def network(arm, p=0.25, p_recurrent=0.5, **setting):
    rates = {"p": p, "p_recurrent": p_recurrent} if arm in ON_TOP else {"p": p}
    rates = {} if arm in ("none", "weight decay") else rates
    return language_model.start(arm, rates | setting, 0, width=16, embedding=8).train()


@pytest.mark.parametrize(
    ("arm", "layer", "rates"),
    [
        ("none", nn.LSTM, {}),
        ("weight decay", nn.LSTM, {}),
        ("dropout", nn.LSTM, {}),
        ("variational", VariationalLSTM, {"p_input": 0.25, "p_hidden": 0.5, "tied": True}),
        ("recurrent dropout", RecurrentDropoutLSTM, {"p": 0.5, "per_step": False}),
        ("recurrent dropout, per step", RecurrentDropoutLSTM, {"p": 0.5, "per_step": True}),
        ("RNNDrop", RNNDropLSTM, {"p": 0.5}),
        ("weight drop", WeightDrop, {"p": 0.5, "names": ("weight_hh_l0",)}),
    ],
)
def test_an_arm_holds_what_its_name_says(arm, layer, rates):
    net = network(arm)
    for each in net.lstms:
        assert type(each) is layer
        assert {name: getattr(each, name) for name in rates} == rates
    places = [*net.inputs, net.output]
    expected = {"none": [0.0] * 3, "weight decay": [0.0] * 3, "variational": [0.0, 0.0, 0.25]}
    assert [place.p for place in places] == expected.get(arm, [0.25] * 3)
    kinds = [Dropout, Dropout, SpatialDropout if arm == "variational" else Dropout]
    assert [type(place) for place in places] == kinds


def seen(net, module, x, states=None):
    """What a module of a network is given while it reads, and the states to go on with."""
    given = []
    hook = module.register_forward_pre_hook(lambda _, inputs: given.append(inputs[0]))
    states = net(x, states)[1]
    hook.remove()
    return given[0].detach(), states


def test_masks_between_layers_are_new_at_every_byte_unless_variational():
    x = torch.full((6, 2), 97)
    for module in ("lstms.0", "lstms.1", "logits"):
        net = network("dropout")
        zeros = seen(net, net.get_submodule(module), x)[0] == 0
        assert zeros.any()
        assert (zeros != zeros[0]).any()
    net = network("variational")
    zeros = seen(net, net.logits, x)[0] == 0
    assert zeros.any()
    assert (zeros == zeros[0]).all()


@pytest.mark.parametrize("held", [False, True])
def test_masks_are_held_where_a_state_is_handed_on(held):
    net, x = network("RNNDrop", p=0.0, held=held), torch.randint(256, (3, 5))

    def dropped(states):
        y, states = seen(net, net.logits, x, states)
        return (y == 0).all(0), states

    first, states = dropped(None)
    language_model.scores(net, x, 2)  # evaluation draws nothing
    net.train()
    second, _ = dropped(states)
    assert first.any()
    assert torch.equal(first, second) == held
    assert not torch.equal(first, dropped(None)[0])


def test_all_arms_start_at_the_same_weights():
    def weights(arm):
        return [weight.detach() for weight in network(arm).parameters()]

    for arm in ARMS:
        assert all(map(torch.equal, weights(arm), weights("none"))), arm
    biases = network("none").lstms[1].bias_ih_l0
    assert biases.tolist() == [0.0] * 16 + [1.0] * 16 + [0.0] * 32


def test_no_file_is_in_two_of_the_texts():
    paths = Path(sympy.__file__).parent.rglob("*.py")
    longest = max(path.stat().st_size for path in paths if "tests" not in path.parts)
    texts = pieces(3, **FULL["text"])
    ends = {
        name: STARTS[name] + SPACING * (part.shape[1] - 1) + len(part)
        for name, part in texts.items()
    }
    assert ends["train"] + longest < STARTS["choice"]
    assert ends["choice"] + longest < STARTS["test"]
    assert ends["test"] < len(whole := sympy_sources(3))
    first = STARTS["choice"] + SPACING
    assert bytes(texts["choice"][:, 1].tolist()) == whole[first : first + 501]
    assert texts["train"].shape == (2550, 20)
