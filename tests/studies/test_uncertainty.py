"""The study of doubt: its rows, its networks, what its choices see, and its scores."""

from functools import partial

import numpy as np
import pytest
import torch
from sklearn.calibration import calibration_curve
from torch.special import entr

from dropoutbook import Dropout
from dropoutbook.models.mc_classify import uncertainty as definition
from studies import doubt, uncertainty
from studies.choice import best
from studies.data import images, split
from studies.descent import masks

P, RATE = uncertainty.RATES, uncertainty.LEARNING_RATES
SETS = ["test", "rotated 30", "rotated 60", "rotated 90", "stranger"]


def run(function, cases, *, stage):
    return [{"stage": stage, **case, **function(**case)} for case in cases]


@pytest.fixture(scope="module")
def rows():
    return uncertainty.study(run, uncertainty.TOY)


def of(rows, stage, **values):
    return [
        row
        for row in rows
        if row["stage"] == stage and all(row[name] == value for name, value in values.items())
    ]


def test_there_is_a_row_for_each_repetition_length_predictor_and_set(rows):
    plan, tuning = uncertainty.TOY, of(rows, "tuning")
    assert len(tuning) == len(P) * len(RATE)
    better = best([row for row in tuning if row["p"]], "p", "learning_rate", by="choice_nll")
    assert {row["seed"] for row in tuning} == {uncertainty.TUNING_SEED}
    for p in P:
        tuned = best(of(rows, "tuning", p=p), "learning_rate", by="choice_nll")["learning_rate"]
        for rate in RATE:
            expected = {"one pass", "stopped"} if p == 0 or rate == tuned else set()
            if rate == tuned:
                expected |= {"MC"} if p else set()
                expected |= {"ensemble"} if p in (0, better["p"]) else set()
            networks = of(rows, "network", p=p, learning_rate=rate)
            members = plan["members"] if "ensemble" in expected else bool(expected)
            assert len(networks) == members * plan["seeds"] * len(plan["lengths"])
            for steps in plan["lengths"]:
                for seed in range(plan["seeds"]):
                    found = of(rows, "final", p=p, learning_rate=rate, steps=steps, seed=seed)
                    assert {row["predictor"] for row in found} == expected
                    assert [row["images"] for row in found] == SETS * len(expected)


def test_repetitions_share_no_network(rows):
    networks = of(rows, "network", p=0.0, steps=uncertainty.TOY["lengths"][0])
    seeds = [(row["network_seed"], row["learning_rate"]) for row in networks]
    assert len(set(seeds)) == len(seeds)


def test_the_members_of_an_ensemble_share_their_images_and_nothing_else(monkeypatch):
    seen = []

    def trained(parts, *, seed, **settings):
        seen.append((parts, seed))
        net = uncertainty.network(0.5, 4, masks(seed))
        return net, net, {}

    monkeypatch.setattr(uncertainty, "trained", trained)
    case = {name: uncertainty.TOY[name] for name in ("data", "stranger", "size", "choice")}
    uncertainty.read(**case, samples=2, members=3, seed=1, p=0.5)
    assert [seed for _, seed in seen] == [1, 1001, 2001]
    for parts, _ in seen:
        assert torch.equal(parts.train[0], split("made", 100, 100, 1).train[0])


@pytest.mark.parametrize("p", P)
def test_dropout_stands_behind_both_hidden_layers(p):
    kinds = [type(layer).__name__ for layer in uncertainty.network(p, 4, masks(0))]
    assert kinds == ["Flatten", *["Linear", "ReLU", "Dropout"] * 2, "Linear"]
    layers = [layer for layer in uncertainty.network(p, 4, masks(0)) if isinstance(layer, Dropout)]
    assert [layer.p for layer in layers] == [p, p]


def test_without_dropout_nothing_is_sampled():
    with pytest.raises(ValueError, match="must hold a dropout"):
        uncertainty.monte_carlo(uncertainty.network(0.0, 4, masks(0)), 2, torch.rand(3, 1, 28, 28))


def test_monte_carlo_is_the_definition_in_double_precision():
    x, net = torch.rand(5, 1, 28, 28), uncertainty.network(0.5, 8, masks(0))
    mean, information = uncertainty.monte_carlo(net, 4, x)
    again = uncertainty.network(0.5, 8, masks(0))
    again.load_state_dict(net.state_dict())
    with torch.no_grad():  # in training, from the same masks
        samples = torch.stack([again(x).double().softmax(1) for _ in range(4)]).numpy()
    assert mean.dtype == torch.float64
    assert np.allclose(mean, samples.mean(0), rtol=1e-5)
    assert np.allclose(information, definition(samples)[2], rtol=1e-3)
    assert all(layer.training for layer in net)  # as before


def chosen_rates(run_of):
    """The rates of learning that go on with dropout, where choice and test images disagree."""
    points = []

    def fake(function, cases, *, stage):
        if stage == "final":
            points.extend(cases)
            return []
        slow = [case["learning_rate"] == min(RATE) for case in cases]
        return [
            case | {"stage": stage, "choice_nll": [0.0, 1.0 - each], "test_nll": [0.0, 0.0 + each]}
            for case, each in zip(cases, slow, strict=True)
        ]

    run_of(fake, uncertainty.TOY)
    return {point["learning_rate"] for point in points if point["p"]}


def test_the_choice_sees_the_choosing_images_alone(monkeypatch):
    assert chosen_rates(uncertainty.study) == {min(RATE)}

    def fault(rows, *names, by):
        return best(rows, *names, by="test_nll")

    monkeypatch.setattr(uncertainty, "best", fault)
    assert chosen_rates(uncertainty.study) == {max(RATE)}


def test_the_temperature_is_of_the_choosing_images_and_mends_what_was_sharpened():
    logits = torch.randn(4000, 10, dtype=torch.float64)
    y = torch.distributions.Categorical(logits=logits).sample()
    sharp = (3 * logits).softmax(1)
    assert doubt.temperature(sharp, y) == pytest.approx(3, rel=0.1)
    assert torch.allclose(doubt.scaled(sharp, 3), logits.softmax(1))

    wrong = (y + 1) % 10
    shown = {"test": (logits, wrong), "stranger": (logits, None)}
    first, second = doubt.judge(lambda x: ((3 * x).softmax(1), None), (logits, y), shown)
    assert first["temperature"] == second["temperature"] == doubt.temperature(sharp, y)
    assert first["scaled"]["ece"] < first["as it is"]["ece"]
    assert second["auc_test"] == pytest.approx({"entropy": 0.5, "scaled entropy": 0.5})


def test_the_calibration_error_is_that_of_scikit_learns_curve():
    confidence = np.random.default_rng(0).uniform(0.1, 1, 1000)
    hit = np.random.default_rng(1).random(1000) < confidence**2
    accuracy, mean = calibration_curve(hit, confidence, n_bins=doubt.BINS)
    share = np.histogram(confidence, doubt.BINS, (0, 1))[0] / 1000
    expected = (share[share > 0] * np.abs(accuracy - mean)).sum()
    assert doubt.calibration_error(confidence, hit) == pytest.approx(expected)


def test_scores_of_two_images():
    mean = torch.full((2, 10), 0.05, dtype=torch.float64)
    mean[:, 3] = 0.55
    found = doubt.scores(mean, torch.tensor([3, 4]))
    brier = 9 * 0.05**2 + 0.55**2 - (0.55 + 0.05) + 1
    nll = -(np.log(0.55) + np.log(0.05)) / 2
    assert found == pytest.approx({"error": 50, "nll": nll, "ece": 5, "brier": brier})


def test_the_area_is_one_where_strangers_are_more_in_doubt():
    doubts = torch.tensor([0.1, 0.2]), torch.tensor([0.2, 0.5])
    assert doubt.auc(*doubts) == 1 - 0.5 / 4
    assert doubt.auc(doubts[0], doubts[1][:0]) is None


def test_members_that_agree_have_no_information_and_others_have():
    x = torch.rand(4, 1, 28, 28)
    nets = [uncertainty.network(0.0, 8, masks(0)) for _ in range(2)]
    mean, information = uncertainty.passes(nets, x)
    assert (information > 0).all()
    assert (information < entr(mean).sum(1)).all()
    assert uncertainty.passes(nets[:1] * 2, x)[1].abs().max() < 1e-15
    assert uncertainty.passes(nets[:1], x)[1] is None


def test_rotated_images_are_turned_about_their_center_and_keep_their_class():
    x, y = (part[::3] for part in images("made")[2:])
    sets = uncertainty.shifted("made", "made")
    assert list(sets) == SETS[1:]
    assert torch.equal(sets["rotated 90"][0], torch.rot90(x, 1, (-2, -1)))
    assert torch.equal(sets["rotated 30"][1], y)
    assert sets["stranger"][1] is None


def test_stopped_is_the_network_at_its_best_reading(monkeypatch):
    parts = split("made", 100, 100, 0)
    settings = {"p": 0.5, "width": 8, "batch": 10, "learning_rate": 0.1, "steps": 40, "seed": 0}
    net, stopped, curves = uncertainty.trained(parts, **settings)
    choice = partial(uncertainty.passes, x=parts.choice[0])
    at = {
        name: doubt.scores(choice([each])[0], parts.choice[1])["nll"]
        for name, each in {"end": net, "stopped": stopped}.items()
    }
    assert at["end"] == pytest.approx(curves["choice_nll"][-1])
    assert at["stopped"] == pytest.approx(min(curves["choice_nll"]))
    assert at["stopped"] < at["end"]
