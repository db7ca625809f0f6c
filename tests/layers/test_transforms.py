"""PyTorch's transforms: vmap, grad, jvp, checkpoint, autocast."""

import pytest
import torch
from torch.func import grad, jvp, vmap
from torch.utils.checkpoint import checkpoint

from tests.checks import assert_independent_neighbours, assert_mean, assert_refused
from tests.layers.cases import (
    BATCH,
    Case,
    after_seed,
    every_independent_layer,
    every_layer,
    every_p,
)


@every_independent_layer
@every_p
def test_vmap_draws_a_mask_for_each_example(case: Case, p):
    ones, law = torch.ones(BATCH, 1, *case.example, dtype=torch.float64), case.law(p)
    y = vmap(case.seeded(p), randomness="different")(ones)[:, 0]
    noise = case.one_entry_a_draw(y)
    assert_mean(noise.flatten(), law.mean, law.variance)
    assert_independent_neighbours(noise, 2 * noise[0].numel(), law.mean, law.variance)


@every_layer
def test_vmap_can_share_one_mask(case: Case):
    ones = torch.ones(8, 64, *case.example)
    y = vmap(case.make(0.5), randomness="same")(ones)
    assert torch.equal(y, y[:1].expand_as(y))
    assert len(y[0].unique()) > 1


@every_layer
@every_p
def test_func_grad_is_the_noise(case: Case, p):
    ones = torch.ones(16, *case.example, dtype=torch.float64)
    gradient = grad(lambda x: case.seeded(p)(x).sum())(ones)
    torch.testing.assert_close(gradient, case.seeded(p)(ones), rtol=1e-15, atol=0)


@every_layer
@every_p
@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")  # torch's own use of it
def test_jvp_uses_the_mask_of_the_output(case: Case, p):
    x = case.input(batch=16)
    y, tangent = jvp(case.seeded(p), (x,), (2 * x,))
    torch.testing.assert_close(tangent, 2 * y, rtol=1e-15, atol=0)


@every_layer
def test_vmap_samples_masks_for_one_input(case: Case):
    layer, x = case.make(0.5), case.input(batch=64)
    y = vmap(lambda _: layer(x), randomness="different")(torch.arange(4))
    assert y.shape == (4, *x.shape)
    assert len({tuple(sample.flatten().tolist()) for sample in y}) == 4


@every_layer
@pytest.mark.parametrize("use_reentrant", [False, True])
def test_checkpoint_recomputes_the_same_mask(case: Case, use_reentrant):
    layer, x = case.make(0.5), case.input(batch=64)

    def block(x):
        return layer(x).sin()

    def gradient(call):
        leaf = x.clone().requires_grad_()
        y = after_seed(call, leaf)
        torch.rand(9)  # what the rest of a model draws between forward and backward
        y.sum().backward()
        return leaf.grad

    checkpointed = gradient(lambda x: checkpoint(block, x, use_reentrant=use_reentrant))
    assert torch.equal(checkpointed, gradient(block))


@every_layer
def test_checkpoint_with_a_generator_is_refused(case: Case):
    # its state is not rewound, so the gradient would belong to another mask
    layer, x = case.seeded(0.5), case.input(batch=64).requires_grad_()
    y = checkpoint(lambda x: layer(x).sin(), x, use_reentrant=False)
    assert_refused(y.sum().backward, RuntimeError, "generator", "checkpoint")


@every_layer
def test_autocast_keeps_the_dtype(case: Case):
    x = case.input(dtype=torch.float32)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert case.make(0.5)(x).dtype == torch.float32
        assert case.make(0.5)(x.bfloat16()).dtype == torch.bfloat16
