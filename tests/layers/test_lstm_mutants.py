"""Every check of the masks rejects a wrong LSTM and accepts the right one."""

import inspect
from dataclasses import replace

import pytest

from tests.layers import test_lstm_evaluation, test_lstm_masks
from tests.layers import wrong_lstm as wrong
from tests.layers.lstm_cases import LSTMS

CHECKS = {
    name: check
    for module in (test_lstm_evaluation, test_lstm_masks)
    for name, check in inspect.getmembers(module, inspect.isfunction)
    if name.startswith("test_") and "case" in inspect.signature(check).parameters
}
RNN_DROP, RECURRENT, PER_STEP, TIED, UNTIED = LSTMS.values()
DEFINITION = "test_training_is_its_definition_on_the_same_masks"
FORM = {"layers": 1, "bidirectional": False, "bias": True}


def row(name, mutant, right, **arguments):
    return pytest.param(name, mutant, right, arguments, id=f"{name}-{mutant.__name__}")


ROWS = [
    row(DEFINITION, wrong.FreshCellMaskAtEachStep, RNN_DROP, p=0.1),
    row(DEFINITION, wrong.InverseFactorInsideTheRecurrence, RNN_DROP, p=0.1),
    row(DEFINITION, wrong.MaskAroundTheUpdateAlone, RNN_DROP, p=0.1),
    row(DEFINITION, wrong.OutputInPlaceOfTheCell, RNN_DROP, p=0.1),
    row(DEFINITION, wrong.OutputInPlaceOfTheCellInTheUpdate, RECURRENT, p=0.1),
    row(DEFINITION, wrong.MasksTheCellInPlaceOfTheUpdate, RECURRENT, p=0.1),
    row(DEFINITION, wrong.UpdateNotRescaled, RECURRENT, p=0.1),
    row(DEFINITION, wrong.gated(wrong.FreshHiddenMaskAtEachStep), TIED, p=0.1),
    row(DEFINITION, wrong.gated(wrong.OutputGateNotMasked), TIED, p=0.1),
    row(DEFINITION, wrong.gated(wrong.MasksTheGatesThemselves), TIED, p=0.1),
    row(DEFINITION, wrong.gated(wrong.HiddenNotRescaled), TIED, p=0.1),
    row("test_a_mask_lasts_as_long_as_declared", wrong.FreshCellMaskAtEachStep, RNN_DROP, p=0.1),
    row("test_a_mask_lasts_as_long_as_declared", wrong.AlwaysFixed, PER_STEP, p=0.1),
    row(
        "test_a_mask_lasts_as_long_as_declared",
        wrong.gated(wrong.FreshInputMaskAtEachStep),
        TIED,
        p=0.1,
    ),
    row("test_the_rate_is_p", wrong.KeepsWithProbabilityP, RECURRENT, p=0.1),
    row("test_examples_and_units_draw_on_their_own", wrong.OneMaskForTheBatch, RNN_DROP, p=0.1),
    row("test_gates_share_their_masks_only_if_tied", wrong.gated(wrong.TiedTheOtherWay), TIED),
    row(
        "test_gates_share_their_masks_only_if_tied",
        wrong.gated(wrong.TiedTheOtherWay, tied=False),
        UNTIED,
    ),
    row(
        "test_layers_and_directions_draw_on_their_own",
        wrong.OneMaskForAllLayers,
        RNN_DROP,
        backend=None,
        batch=256,
    ),
    row(
        "test_packing_leaves_every_example_its_masks",
        wrong.MasksSortedByLength,
        RNN_DROP,
        enforce_sorted=False,
    ),
    row(
        "test_both_directions_see_a_packed_sequence_and_no_padding",
        wrong.StateRunsOnThroughPadding,
        RNN_DROP,
    ),
    row(
        "test_packing_leaves_every_example_its_masks",
        wrong.StateRunsOnThroughPadding,
        RNN_DROP,
        enforce_sorted=True,
    ),
    row(
        "test_evaluation_is_nn_lstm",
        wrong.FactorAtEachStepInEvaluation,
        RNN_DROP,
        form="time",
        **FORM,
    ),
    row("test_evaluation_is_nn_lstm", wrong.OutputInPlaceOfTheCell, RNN_DROP, form="time", **FORM),
    row(
        "test_evaluation_is_nn_lstm",
        wrong.StateRunsOnThroughPadding,
        RNN_DROP,
        form="packed",
        **FORM,
    ),
]


@pytest.mark.parametrize(("name", "mutant", "right", "arguments"), ROWS)
def test_the_check_rejects_the_mutant_alone(name, mutant, right, arguments):
    CHECKS[name](case=right, **arguments)
    with pytest.raises(AssertionError):
        CHECKS[name](case=replace(right, make=mutant), **arguments)


def test_every_check_of_the_masks_has_a_mutant():
    of_masks = {name for name in CHECKS if hasattr(test_lstm_masks, name)}
    assert of_masks <= {row.values[0] for row in ROWS}
