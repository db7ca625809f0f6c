"""check_dropout itself: what it rejects, what it says, and what it refuses."""

from functools import partial

import pytest
import torch
from torch import nn

from dropoutbook import Dropout
from dropoutbook.testing import PROPERTIES, check_dropout
from tests.checks import assert_refused
from tests.layers import wrong_layers as layer
from tests.layers import wrong_noise as noise
from tests.layers.rows import MAPS, ROWS
from tests.mutants import rejects, without_mutant

MUTANTS = [
    ("rate", noise.KeepsWithProbabilityP),
    ("rate", noise.AlwaysDropsHalf),
    ("mean", noise.NoRescale),
    ("mean", noise.RescalesByDropRate),
    ("mean", noise.DropsOneUnitInPlaceOfAnother),
    ("positions", noise.NeighboursShareADraw),
    ("examples", noise.OneMaskForTheBatch),
    ("calls", noise.FrozenMask),
    ("layers", noise.OneStreamForAllLayers),
    ("evaluation", layer.ActsInEvaluation),
    ("evaluation", layer.ReturnsACopy),
    ("mode", layer.AsksForTheModeBySettingIt),
    ("mode", layer.WritesOverTheInput),
    ("p_zero", layer.ReturnsACopy),
    ("p_one", layer.DividesZeroByZero),
    ("assignment", noise.CapturesP),
    ("gradient", layer.FreshMaskInBackward),
    ("gradient", layer.NoFactorInBackward),
    ("gradient_in_evaluation", partial(layer.NoGradientInEvaluation, rescale="test")),
    ("second_gradient", layer.NoSecondGradient),
    ("forward_derivative", layer.DerivativesByHand),
    ("batched_gradients", layer.DerivativesByHand),
    ("dtypes", layer.ReturnsFloat32),
    ("memory_formats", layer.ReturnsContiguous),
    ("memory_formats", layer.MasksInMemoryOrder),
    ("empty", layer.FailsOnNothing),
    ("default_device", layer.MasksOnTheDefaultDevice),
    ("autocast", layer.ReturnsWhatAMatrixReturns),
    ("seed", noise.MaskFromNumPy),
    ("generator", noise.IgnoresItsGenerator),
    ("copies", layer.CopiesShareGenerator),
    ("copies", layer.CopiesStartAfresh),
    ("state_dict", layer.MaskKeptAsABuffer),
    ("vmap_different", noise.MaskFromNumPy),
    ("vmap_same", noise.NeverDrops),
    ("derivatives_of_func", layer.DerivativesByHand),
    ("checkpointing", noise.MaskFromNumPy),
    ("checkpointing_with_generator", noise.RecomputesWithAnotherMask),
    ("fx_leaf", layer.NoLeaf),
    ("compiles", layer.NothingDroppedWhenCompiled),
    ("compiles_for_every_rate", layer.NothingDroppedWhenCompiled),
    ("compiled_calls", layer.MergedWhenCompiled),
    ("compiles_around_generator", layer.NothingDroppedWhenCompiled),
    ("bad_rates", layer.ChecksLikeTorch),
    ("bad_generator", layer.ChecksLikeTorch),
    ("bad_input", layer.ChecksLikeTorch),
]


def check_property(make, name, claims) -> None:
    report = check_dropout(make, MAPS, only=[name], **claims)
    assert report, report


@pytest.mark.parametrize(("name", "wrong"), MUTANTS)
def test_a_property_rejects_the_mutant(name, wrong):
    original = getattr(wrong, "keywords", {})
    claims = {"evaluation": "mean"} if original else {}
    rejects(check_property, partial(Dropout, **original), wrong, name, claims)


def test_shared_axes_rejects_draws_of_their_own():
    claims = {"shared": (2, 3)}
    rejects(check_property, ROWS["SpatialDropout"].make, Dropout, "shared_axes", claims)


def test_every_property_has_a_mutant():
    assert not without_mutant(PROPERTIES, {*(name for name, _ in MUTANTS), "shared_axes"})


def test_keep_and_drop_exchanged_are_seen_at_another_rate_than_one_half():
    report = check_dropout(noise.KeepsWithProbabilityP, MAPS, only=["rate"])
    assert "p = 0.1" in report.failed[0].reason


def test_what_fails_for_many_entries_alone_is_found():
    class Small(Dropout):
        def drop(self, x):
            return super().drop(x) if x.numel() < 1000 else x

    report = check_dropout(Small, MAPS, only=["rate"])
    assert report.failed[0].reason.startswith("large:")


def test_the_report_is_a_table_with_reasons():
    report = check_dropout(
        nn.Dropout, MAPS, only=["calls", "generator", "empty"], without=["empty"]
    )
    assert [result.outcome for result in report] == ["passed", "failed", "not promised"]
    assert not report
    lines = str(report).splitlines()
    assert lines[0].split() == ["calls", "passed", *PROPERTIES["calls"].__doc__.split()]
    assert "TypeError" in lines[1]
    assert lines[-1] == "1 of 3 failed"


def test_the_global_generator_is_left_alone():
    before = torch.get_rng_state()
    check_dropout(Dropout, MAPS, only=["rate", "seed"])
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"only": ["law"]}, ValueError, ("only", "rate, mean", "['law']")),
        ({"without": ["law"]}, ValueError, ("without", "['law']")),
        ({"evaluation": "none"}, ValueError, ("evaluation", "'identity'", "'none'")),
        ({"example": torch.ones(1, 3)}, ValueError, ("example", "two", "(1, 3)")),
        ({"example": torch.zeros(4, 3)}, ValueError, ("example", "0", "12")),
        ({"example": torch.ones(4, 3).long()}, TypeError, ("example", "floating")),
        ({"example": None}, TypeError, ("example", "None")),
    ],
)
def test_bad_arguments_are_refused(arguments, error, words):
    example = arguments.pop("example", MAPS)
    assert_refused(lambda: check_dropout(Dropout, example, **arguments), error, *words)
