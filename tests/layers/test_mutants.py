"""The suite is tested: every check must reject a wrong layer and accept the right one."""

import copy
import inspect
import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
import torch
from layers import (
    test_arguments,
    test_gradient,
    test_law,
    test_rules,
    test_state,
    test_tensors,
    test_transforms,
    wrong_layers,
    wrong_noise,
)
from layers.cases import LAYERS, Case
from torch import nn

from dropoutbook import Dropout

SUITE = (
    test_arguments,
    test_gradient,
    test_law,
    test_rules,
    test_state,
    test_tensors,
    test_transforms,
)
CHECKS = {
    name: check
    for module in SUITE
    for name, check in inspect.getmembers(module, inspect.isfunction)
    if name.startswith(("test_", "check_")) and "case" in inspect.signature(check).parameters
}
RIGHT = LAYERS["Dropout"]
ORIGINAL = LAYERS["Dropout(rescale='test')"]
PER_CHANNEL = replace(RIGHT, make=wrong_noise.OneDrawAChannel, draws=(3, 1, 1))  # right as claimed


def row(name: str, mutant: Callable[..., nn.Module], right: Case = RIGHT, **arguments):
    """The check called `name` rejects `mutant` and accepts what `right` makes."""
    label = getattr(mutant, "func", mutant).__name__
    return pytest.param(name, mutant, right, arguments, id=f"{name}-{label}")


ROWS = [
    row("test_mean", wrong_noise.NoRescale, p=0.1),
    row("test_mean", wrong_noise.RescalesByDropRate, p=0.1),
    row("test_mean", wrong_noise.KeepsWithProbabilityP, p=0.1),
    row("test_rate", wrong_noise.KeepsWithProbabilityP, p=0.1, dtype=torch.float32),
    row("test_rate", wrong_noise.AlwaysDropsHalf, p=0.1, dtype=torch.float32),
    row("test_rate", wrong_noise.UniformsInTheDtypeOfTheInput, p=0.001, dtype=torch.bfloat16),
    row("test_variance", wrong_noise.VarianceTakenForStandardDeviation, p=0.1),
    row("test_every_position_has_the_same_mean", wrong_noise.DropsOneUnitInPlaceOfAnother, p=0.1),
    row("test_draws_are_independent", wrong_noise.OneMaskForTheBatch, p=0.1),
    row("test_draws_are_independent", wrong_noise.NeighboursShareADraw, p=0.9),
    row("test_shared_entries_share_their_draw", Dropout, PER_CHANNEL, p=0.1),
    row("test_two_calls_draw_two_masks", wrong_noise.FrozenMask, p=0.1),
    row("test_all_masks_together_have_the_exact_moments", wrong_noise.KeepsWithProbabilityP, p=0.1),
    row("test_all_masks_together_have_the_exact_moments", wrong_noise.OneMaskForTheBatch, p=0.5),
    row("test_layer_is_its_definition_on_the_same_masks", wrong_noise.RescalesByDropRate, p=0.1),
    row("test_evaluation_follows_its_rule", wrong_layers.ActsInEvaluation, p=0.1),
    row("test_evaluation_follows_its_rule", wrong_layers.ReturnsACopy, p=0.1),
    row(
        "test_evaluation_follows_its_rule",
        partial(wrong_layers.EvaluatesWithTheDropRate, rescale="test"),
        ORIGINAL,
        p=0.1,
    ),
    row("test_forward_leaves_the_mode_alone", wrong_layers.AsksForTheModeBySettingIt),
    row("test_forward_leaves_the_input_alone", wrong_layers.WritesOverTheInput),
    row("test_nothing_is_dropped_at_p_zero", wrong_layers.ReturnsACopy, training=True),
    row("test_everything_is_dropped_at_p_one", wrong_layers.DividesZeroByZero),
    row(
        "test_a_dropped_nan_or_infinity_becomes_zero", wrong_layers.MultipliesByMask, value=math.nan
    ),
    row("test_p_can_be_assigned", wrong_noise.CapturesP),
    row("test_dtype_is_kept", wrong_layers.ReturnsFloat32, dtype=torch.bfloat16, training=True),
    row("test_every_shape_works", wrong_layers.ReturnsAtLeastOneAxis, training=True),
    row("test_strides_are_kept", wrong_layers.ReturnsContiguous, training=True),
    row(
        "test_the_mask_depends_on_seed_and_shape_only",
        wrong_noise.UniformsInTheDtypeOfTheInput,
        dtype=torch.float16,
    ),
    row("test_gradient_is_the_noise_of_the_forward", wrong_layers.FreshMaskInBackward, p=0.1),
    row("test_gradient_is_the_noise_of_the_forward", wrong_layers.NoFactorInBackward, p=0.1),
    row("test_gradient_agrees_with_finite_differences", wrong_layers.NoFactorInBackward, p=0.1),
    row(
        "test_second_gradient_agrees_with_finite_differences", wrong_layers.NoSecondGradient, p=0.1
    ),
    row("test_gradient_of_the_evaluation", wrong_layers.NoGradientInEvaluation, p=0.1),
    row(
        "test_backward_keeps_at_most_one_byte_an_element",
        wrong_layers.FloatMask,
        dtype=torch.float16,
    ),
    row("test_a_generator_repeats_the_masks", wrong_noise.IgnoresItsGenerator),
    row("test_a_generator_leaves_the_global_one_alone", wrong_noise.IgnoresItsGenerator),
    row("test_the_global_seed_repeats_the_masks", wrong_noise.MaskFromNumPy),
    row(
        "test_a_copy_continues_on_its_own",
        wrong_layers.CopiesShareGenerator,
        duplicate=copy.deepcopy,
    ),
    row("test_a_copy_keeps_mode_and_p", wrong_layers.CopiesStartAfresh, duplicate=copy.deepcopy),
    row("test_state_dict_holds_what_is_learned_and_no_more", wrong_layers.MaskKeptAsABuffer),
    row(
        "test_compiles_into_one_graph_with_the_same_masks", wrong_layers.NothingDroppedWhenCompiled
    ),
    row("test_compiles_for_every_p_and_batch", wrong_layers.NothingDroppedWhenCompiled),
    row("test_compiles_around_a_generator", wrong_layers.NothingDroppedWhenCompiled),
    row("test_vmap_draws_a_mask_for_each_example", wrong_noise.MaskFromNumPy, p=0.1),
    row("test_vmap_can_share_one_mask", wrong_noise.NeverDrops),
    row("test_vmap_samples_masks_for_one_input", wrong_noise.MaskFromNumPy),
    row("test_func_grad_is_the_noise", wrong_layers.NoFactorInBackward, p=0.1),
    row("test_jvp_uses_the_mask_of_the_output", wrong_layers.NoFactorInBackward, p=0.1),
    row("test_checkpoint_recomputes_the_same_mask", wrong_noise.MaskFromNumPy, use_reentrant=False),
    row("test_checkpoint_with_a_generator_is_refused", wrong_noise.RecomputesWithAnotherMask),
    row("test_autocast_keeps_the_dtype", wrong_layers.ReturnsFloat32),
    row("check_p_is_refused", wrong_layers.ChecksLikeTorch, p=math.nan, error=ValueError),
    row("check_p_is_refused", wrong_layers.ChecksLikeTorch, p=True, error=TypeError),
    row(
        "test_an_input_that_is_not_floating_is_refused",
        wrong_layers.ChecksLikeTorch,
        dtype=torch.int64,
        training=False,
    ),
    row("test_an_input_that_is_not_a_tensor_is_refused", wrong_layers.ChecksLikeTorch, value=None),
    row("test_a_generator_of_another_kind_is_refused", wrong_layers.ChecksLikeTorch, value="seed"),
]


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")  # torch's own, in jvp
@pytest.mark.parametrize(("name", "mutant", "right", "arguments"), ROWS)
def test_the_check_rejects_the_mutant_alone(name, mutant, right: Case, arguments):
    check = CHECKS[name]
    check(case=right, **arguments)
    with pytest.raises(AssertionError):
        check(case=replace(right, make=mutant), **arguments)


def test_every_check_has_a_mutant():
    assert {row.values[0] for row in ROWS} == set(CHECKS)


@pytest.mark.parametrize("name", ["test_mean", "test_variance", "test_draws_are_independent"])
def test_keep_and_drop_exchanged_are_invisible_at_one_half(name):
    CHECKS[name](case=replace(RIGHT, make=wrong_noise.KeepsWithProbabilityP), p=0.5)
