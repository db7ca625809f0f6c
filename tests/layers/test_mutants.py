"""The suite is tested: every check must reject a wrong layer and accept the right one."""

import copy
import inspect
import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib import import_module

import pytest
import torch
from torch import nn

from dropoutbook import Dropout
from tests.layers import wrong_layers as layer
from tests.layers import wrong_noise as noise
from tests.layers.cases import LAYERS, Case

TOPICS = ("arguments", "compile", "gradient", "law", "rules", "state", "tensors", "transforms")
CHECKS = {
    name: check
    for topic in TOPICS
    for name, check in inspect.getmembers(
        import_module(f"tests.layers.test_{topic}"), inspect.isfunction
    )
    if name.startswith(("test_", "check_"))
    and callable(check)
    and "case" in inspect.signature(check).parameters
}
RIGHT = LAYERS["Dropout"]
ORIGINAL = LAYERS["Dropout(rescale='test')"]
PER_CHANNEL = replace(RIGHT, make=noise.OneDrawAChannel, draws=(3, 1, 1))  # right as claimed


def row(name: str, mutant: Callable[..., nn.Module], right: Case = RIGHT, **arguments):
    """The check called `name` rejects `mutant` and accepts what `right` makes."""
    label = getattr(mutant, "func", mutant).__name__
    return pytest.param(name, mutant, right, arguments, id=f"{name}-{label}")


ROWS = [
    row("test_mean", noise.NoRescale, p=0.1),
    row("test_mean", noise.RescalesByDropRate, p=0.1),
    row("test_mean", noise.KeepsWithProbabilityP, p=0.1),
    row("test_rate", noise.KeepsWithProbabilityP, p=0.1, dtype=torch.float32),
    row("test_rate", noise.AlwaysDropsHalf, p=0.1, dtype=torch.float32),
    row("test_rate", noise.UniformsInTheDtypeOfTheInput, p=0.001, dtype=torch.bfloat16),
    row("test_variance", noise.VarianceTakenForStandardDeviation, p=0.1),
    row("test_every_position_has_the_same_mean", noise.DropsOneUnitInPlaceOfAnother, p=0.1),
    row("test_draws_are_independent", noise.OneMaskForTheBatch, p=0.1),
    row("test_draws_are_independent", noise.NeighboursShareADraw, p=0.9),
    row("test_shared_entries_share_their_draw", Dropout, PER_CHANNEL, p=0.1),
    row("test_two_calls_draw_two_masks", noise.FrozenMask, p=0.1),
    row("test_all_masks_together_have_the_exact_moments", noise.KeepsWithProbabilityP, p=0.1),
    row("test_all_masks_together_have_the_exact_moments", noise.OneMaskForTheBatch, p=0.5),
    row("test_layer_is_its_definition_on_the_same_masks", noise.RescalesByDropRate, p=0.1),
    row("test_evaluation_follows_its_rule", layer.ActsInEvaluation, p=0.1),
    row("test_evaluation_follows_its_rule", layer.ReturnsACopy, p=0.1),
    row(
        "test_evaluation_follows_its_rule",
        partial(layer.EvaluatesWithTheDropRate, rescale="test"),
        ORIGINAL,
        p=0.1,
    ),
    row("test_forward_leaves_the_mode_alone", layer.AsksForTheModeBySettingIt),
    row("test_forward_leaves_the_input_alone", layer.WritesOverTheInput),
    row("test_nothing_is_dropped_at_p_zero", layer.ReturnsACopy, training=True),
    row("test_everything_is_dropped_at_p_one", layer.DividesZeroByZero),
    row("test_a_dropped_nan_or_infinity_follows_its_rule", layer.MultipliesByMask, value=math.nan),
    row("test_p_can_be_assigned", noise.CapturesP),
    row("test_dtype_is_kept", layer.ReturnsFloat32, dtype=torch.bfloat16, training=True),
    row("test_every_shape_works", layer.ReturnsAtLeastOneAxis, training=True),
    row("test_strides_are_kept", layer.ReturnsContiguous, training=True),
    row(
        "test_the_mask_depends_on_seed_and_shape_only",
        noise.UniformsInTheDtypeOfTheInput,
        dtype=torch.float16,
    ),
    row("test_gradient_is_the_noise_of_the_forward", layer.FreshMaskInBackward, p=0.1),
    row("test_gradient_is_the_noise_of_the_forward", layer.NoFactorInBackward, p=0.1),
    row("test_gradient_agrees_with_finite_differences", layer.NoFactorInBackward, p=0.1),
    row("test_second_gradient_agrees_with_finite_differences", layer.NoSecondGradient, p=0.1),
    row("test_gradient_of_the_evaluation", layer.NoGradientInEvaluation, p=0.1),
    row(
        "test_backward_keeps_one_byte_an_element_or_one_factor_a_draw",
        layer.FloatMask,
        dtype=torch.float16,
    ),
    row("test_a_generator_repeats_the_masks", noise.IgnoresItsGenerator),
    row("test_a_generator_leaves_the_global_one_alone", noise.IgnoresItsGenerator),
    row("test_the_global_seed_repeats_the_masks", noise.MaskFromNumPy),
    row("test_a_copy_continues_on_its_own", layer.CopiesShareGenerator, duplicate=copy.deepcopy),
    row("test_a_copy_keeps_mode_and_p", layer.CopiesStartAfresh, duplicate=copy.deepcopy),
    row("test_state_dict_holds_what_is_learned_and_no_more", layer.MaskKeptAsABuffer),
    row("test_compiles_into_one_graph_with_the_same_masks", layer.NothingDroppedWhenCompiled),
    row("test_compiles_for_every_p_and_batch", layer.NothingDroppedWhenCompiled),
    row("test_compiles_around_a_generator", layer.NothingDroppedWhenCompiled),
    row("test_vmap_draws_a_mask_for_each_example", noise.MaskFromNumPy, p=0.1),
    row("test_vmap_can_share_one_mask", noise.NeverDrops),
    row("test_vmap_samples_masks_for_one_input", noise.MaskFromNumPy),
    row("test_func_grad_is_the_noise", layer.NoFactorInBackward, p=0.1),
    row("test_jvp_uses_the_mask_of_the_output", layer.NoFactorInBackward, p=0.1),
    row("test_checkpoint_recomputes_the_same_mask", noise.MaskFromNumPy, use_reentrant=False),
    row("test_checkpoint_with_a_generator_is_refused", noise.RecomputesWithAnotherMask),
    row("test_autocast_keeps_the_dtype", layer.ReturnsFloat32),
    row("check_p_is_refused", layer.ChecksLikeTorch, p=math.nan, error=ValueError),
    row("check_p_is_refused", layer.ChecksLikeTorch, p=True, error=TypeError),
    row(
        "test_an_input_that_is_not_floating_is_refused",
        layer.ChecksLikeTorch,
        dtype=torch.int64,
        training=False,
    ),
    row("test_an_input_that_is_not_a_tensor_is_refused", layer.ChecksLikeTorch, value=None),
    row("test_a_generator_of_another_kind_is_refused", layer.ChecksLikeTorch, value="seed"),
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
    CHECKS[name](case=replace(RIGHT, make=noise.KeepsWithProbabilityP), p=0.5)
