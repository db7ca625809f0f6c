"""Fashion-MNIST: networks hold what their arm says, and choosing images alone choose."""

import json
from functools import partial

import pytest
import torch
from torch import nn

from dropoutbook import DropBlock, Dropout, MaxPoolDropout2d, SpatialDropout
from studies import fashion_mnist
from studies.choice import best
from studies.fashion_mnist import NORMED, SETTINGS, TOY, InParts, network, rules, train
from studies.record import rows

DROPOUTS = (DropBlock, Dropout, MaxPoolDropout2d, SpatialDropout)
CASE = {name: TOY[name] for name in ("data", "size", "choice", "width", "batch")}
CASE |= {"norm": False, "learning_rate": 1e-3, "steps": 4, "seed": 0, "tested": True}


def built(arm, norm=False, p=0.25, width=2):
    net = network(arm, norm, width, p, torch.Generator().manual_seed(0))
    return net, [type(layer).__name__ for layer in net]


def test_none_is_the_network_of_the_protocol():
    block = ["Conv2d", "ReLU", "MaxPool2d"]
    net, names = built("none", width=16)
    assert names == [*3 * block, "Flatten", "Linear", "ReLU", "Linear"]
    shapes = [tuple(layer.weight.shape) for layer in net if hasattr(layer, "weight")]
    assert shapes == [(16, 1, 3, 3), (32, 16, 3, 3), (64, 32, 3, 3), (128, 576), (10, 128)]
    assert net(torch.rand(2, 1, 28, 28)).shape == (2, 10)


@pytest.mark.parametrize("norm", [False, True])
@pytest.mark.parametrize("arm", SETTINGS)
def test_dropout_stands_where_the_arm_says(arm, norm):
    net, names = built(arm, norm)
    conv = ["Conv2d", "BatchNorm2d", "ReLU"] if norm else ["Conv2d", "ReLU"]
    kind = {"spatial dropout": "SpatialDropout"}.get(arm, "DropBlock" if "Block" in arm else "")
    pools = [kind, "MaxPool2d"] if kind else ["MaxPool2d"]
    pools = ["MaxPoolDropout2d"] if arm == "max-pooling dropout" else pools
    dense = ["Dropout"] if arm == "dense dropout" else []
    ends = ["Flatten", *dense, "Linear", "ReLU", *dense, "Linear"]
    assert names == [*conv, "MaxPool2d", *2 * (conv + pools), *ends]
    drops = [layer for layer in net if isinstance(layer, DROPOUTS)]
    assert [layer.p for layer in drops] == ([] if arm in ("none", "weight decay") else [0.25, 0.25])
    assert len({id(layer.generator) for layer in drops}) == bool(drops)
    if kind == "DropBlock":
        assert [layer.block_size for layer in drops] == [5, 3]
        marginal = "paper" if "paper" in arm else "uniform"
        assert {layer.marginal for layer in drops} == {marginal}


@pytest.mark.parametrize("arm", SETTINGS)
def test_a_setting_reaches_the_training(arm, monkeypatch):
    """The rate of the layers before the training, in the middle and at its end; weight decay."""
    rates = []

    def stub(net, data, *, steps, weight_decay, after_step, **rest):
        for _ in range(steps + 1):
            rates.append(next((each.p for each in net.modules() if hasattr(each, "p")), 0.0))
            if after_step:
                after_step()
        return {"weight_decay": weight_decay}

    monkeypatch.setattr(fashion_mnist, "classify", stub)
    monkeypatch.setattr(fashion_mnist, "rules", lambda *_: {})
    setting = SETTINGS[arm][0]
    seen, p = train(**CASE, arm=arm, setting=setting), setting.get("p", 0.0)
    ramp = [share * p for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert rates == pytest.approx(ramp if arm == "DropBlock, ramped" else [p] * 5)
    assert seen["weight_decay"] == setting.get("weight_decay", 0.0)


@pytest.mark.parametrize("norm", [False, True])
def test_a_network_in_parts_is_the_network(norm):
    net, _ = built("none", norm)
    x = torch.rand(230, 1, 28, 28)
    torch.testing.assert_close(InParts(net.eval())(x), net(x))


def test_the_rules_are_four_readings_of_one_network():
    x, y = torch.rand(150, 1, 28, 28), torch.arange(150) % 10
    net, _ = built("max-pooling dropout", p=0.5, width=4)
    found = {rule: score["nll"] for rule, score in rules(net, x, y, samples=4).items()}
    assert len(set(found.values())) == 4
    assert found["weighted pooling"] == pytest.approx(nll(net, x, y))
    for layer in net:
        if isinstance(layer, MaxPoolDropout2d):
            layer.p = 0.0  # plain max pooling
    assert found["max pooling"] == pytest.approx(nll(net, x, y))
    halves = [
        layer.register_forward_hook(lambda *seen: seen[2] / 2) for layer in net if drops(layer)
    ]
    assert len(halves) == 2
    assert found["scaled max pooling"] == pytest.approx(nll(net, x, y))


def test_the_rules_agree_where_hardly_anything_is_dropped():
    x, y = torch.rand(150, 1, 28, 28), torch.arange(150) % 10
    net, _ = built("max-pooling dropout", p=1e-6, width=4)
    found = [score["nll"] for score in rules(net, x, y, samples=4).values()]
    assert found == pytest.approx([found[0]] * 4, rel=1e-4)


def drops(layer):
    return isinstance(layer, MaxPoolDropout2d)


def nll(net, x, y):
    with torch.no_grad():
        return nn.functional.cross_entropy(net.eval()(x), y).item()


def test_the_toy_plan_gives_each_network_once_and_its_scores(tmp_path):
    found = rows("fashion_mnist", "TOY", tmp_path)
    json.dumps(found, allow_nan=False)
    assert all(found.count(row) == 1 for row in found)
    tuning = [row for row in found if row["stage"] == "tuning"]
    final = [row for row in found if row["stage"] == "final"]
    settings = sum(map(len, SETTINGS.values()))
    assert len(tuning) == settings + len(SETTINGS) + 2 * len(NORMED)
    seeds, lengths = TOY["seeds"], len(TOY["steps"])
    assert len(final) == seeds * (lengths * (len(SETTINGS) + 1) + len(NORMED) + 1)
    assert {row["seed"] for row in tuning}.isdisjoint(row["seed"] for row in final)
    assert not any(name.startswith("test_") for row in tuning for name in row)
    assert all(len(row["test_error"]) == len(row["step"]) == row["step"][-1] for row in final)
    assert {row["arm"] for row in found if "rules" in row} == {"max-pooling dropout"}
    for row in final:
        if "rules" in row:
            own = {"error": row["test_error"][-1], "nll": row["test_nll"][-1]}
            assert row["rules"]["weighted pooling"] == own
            assert len(row["rules"]) == 4


def went_on():
    """What goes on where by the choosing images the last setting is best, by others the first."""

    def run(function, points, *, stage):
        made = []
        for point in points:
            order = SETTINGS[point["arm"]].index(point["setting"]), -point["learning_rate"]
            good = -10.0 * order[0] - order[1]
            others = {f"{name}_error": [-good] for name in ("train", "test")}
            made.append({"stage": stage, **point, "choice_error": [good], **others})
        return made

    found = fashion_mnist.study(run, fashion_mnist.FULL)
    return [row for row in found if row["stage"] == "final" and row["arm"] != "none"]


def follows_the_choice(final):
    fast = max(fashion_mnist.LEARNING_RATES)
    return all(
        row["setting"] == SETTINGS[row["arm"]][-1] and row["learning_rate"] != fast for row in final
    )


def test_the_choosing_images_choose_and_a_choice_by_others_is_caught(monkeypatch):
    final = went_on()
    assert {(row["arm"], row["norm"]) for row in final} >= {(arm, True) for arm in NORMED[1:]}
    assert follows_the_choice(final)
    for other in ("test_error", "train_error"):
        wrong = partial(lambda other, rows, *names, by: best(rows, *names, by=other), other)
        monkeypatch.setattr(fashion_mnist, "best", wrong)
        assert not follows_the_choice(went_on())
