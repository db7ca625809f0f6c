"""`torch.compile`: one graph, the masks of the eager layer, any p, any batch, any strides."""

import torch

from tests.layers.cases import Case, after_seed, every_layer, reversed_strides


@every_layer
def test_compiles_into_one_graph_with_the_same_masks(case: Case):
    # aot_eager traces forward and backward like the default backend, without a C++ compiler
    torch._dynamo.reset()
    layer, x = case.make(0.1), case.input().requires_grad_()
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")
    for training in (True, False):
        layer.train(training)
        y, expected = after_seed(compiled, x), after_seed(layer, x)
        gradients = [torch.autograd.grad(output.sum(), x)[0] for output in (y, expected)]
        assert torch.equal(y, expected)
        assert torch.equal(*gradients)


@every_layer
def test_compiles_for_every_p_and_batch(case: Case):
    # torch.nn.Dropout is compiled anew for each p, and gives up at the ninth
    torch._dynamo.reset()
    layer = case.make(0.5)
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")
    for batch in range(3, 15):
        layer.p = batch / 20
        x = reversed_strides(case.input(batch))
        y, expected = after_seed(compiled, x), after_seed(layer, x)
        assert torch.equal(y, expected)
        assert y.stride() == expected.stride()


@every_layer
def test_compiles_around_a_generator(case: Case):
    torch._dynamo.reset()
    x = case.input()
    assert torch.equal(torch.compile(case.seeded(0.5), backend="eager")(x), case.seeded(0.5)(x))
