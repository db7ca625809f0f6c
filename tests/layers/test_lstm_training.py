"""Training of the LSTMs: extreme rates, NaN, memory, dtypes, and vmap in evaluation."""

import pytest
import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.func import vmap

from dropoutbook import RecurrentDropoutLSTM, RNNDropLSTM, VariationalLSTM
from tests.layers.cases import every_dtype
from tests.layers.lstm_cases import BATCH, FEATURE, HIDDEN, LSTMS, Case, every_lstm, inputs


def test_at_p_one_the_cell_is_zero():
    x, hx = inputs()
    leaves = [x.requires_grad_(), *(part.requires_grad_() for part in hx)]
    y, (h, c) = LSTMS["RNNDropLSTM"].seeded(1.0)(x, hx)
    for part in (y, h, c, *torch.autograd.grad((y + h + c).sum(), leaves)):
        assert torch.equal(part, torch.zeros_like(part))


def test_at_p_one_nothing_is_written_to_the_cell():
    x, (h, c) = inputs()
    for name in ("RecurrentDropoutLSTM", "RecurrentDropoutLSTM(per_step=True)"):
        _, (_, last) = LSTMS[name].seeded(1.0)(x, (h, c))
        assert ((last / c > 0) & (last / c < 1)).all()  # c_0 times the forget gates
        y, _ = LSTMS[name].seeded(1.0)(x)
        assert torch.equal(y, torch.zeros_like(y))


def test_at_p_one_the_gates_see_neither_input_nor_output():
    x, hx = inputs()
    for name in ("VariationalLSTM", "VariationalLSTM(tied=False)"):
        blind = LSTMS[name].seeded(0.0)
        with torch.no_grad():
            for weight in blind.all_weights[0][:2]:
                weight.zero_()
        torch.testing.assert_close(LSTMS[name].seeded(1.0)(x, hx), blind(x, hx))


def test_the_rates_of_input_and_hidden_are_apart():
    x, _ = inputs()
    for rates, gate in (((0.5, 0.0), 1), ((0.0, 0.5), 0)):
        layer = VariationalLSTM(FEATURE, HIDDEN, p_input=rates[0], p_hidden=rates[1]).double()
        drawn = layer.masks(x)
        assert drawn[gate].keep.all()
        assert not drawn[1 - gate].keep.all()


def test_a_dropped_nan_becomes_zero():
    x, (h, c) = inputs(1)
    bad = torch.full_like(c, torch.nan)
    keep = LSTMS["RNNDropLSTM"].masks(0.5, 1)[0]
    _, (_, cell) = LSTMS["RNNDropLSTM"].seeded(0.5)(x, (h, bad))
    assert torch.equal(cell[0].isnan(), keep)
    layer = LSTMS["RecurrentDropoutLSTM"].seeded(0.5)
    with torch.no_grad():
        layer.bias_ih_l0[2 * HIDDEN : 3 * HIDDEN] = torch.nan  # of g
    assert torch.equal(layer(x, (h, c))[1][1][0].isnan(), keep)
    keep = LSTMS["VariationalLSTM"].masks(0.5, 1)[0, 0]
    y, _ = LSTMS["VariationalLSTM"].seeded(0.5)(bad[..., :FEATURE], (h, c))
    assert torch.equal(y[0].isnan().any(-1), keep[:, :FEATURE].any(-1))


@every_lstm
def test_backward_keeps_at_most_one_byte_an_element_for_masks(case: Case):
    x, hx = inputs(20)
    x.requires_grad_()

    def saved(layer: nn.Module) -> int:
        storages = {}

        def record(tensor: Tensor) -> Tensor:
            storages[tensor.untyped_storage().data_ptr()] = tensor  # kept alive: no address twice
            return tensor

        with saved_tensors_hooks(record, lambda tensor: tensor):
            layer(x, hx)
        return sum(tensor.untyped_storage().nbytes() for tensor in storages.values())

    layer, gates = case.seeded(0.5), 1 if case.tied is not False else 4
    extra = saved(layer.train()) - saved(layer.eval())
    masks = gates * BATCH * (FEATURE + HIDDEN) if case.fixed else 20 * BATCH * HIDDEN
    # where inputs are masked, one for each gate is kept in place of the one that all gates see
    masked_inputs = (gates - 1) * 20 * BATCH * (FEATURE + HIDDEN) * x.element_size()
    assert extra <= masks + masked_inputs, f"{extra} bytes more than in evaluation"


def test_repr_shows_rates_and_options():
    assert repr(RNNDropLSTM(3, 4, p=0.1)) == "RNNDropLSTM(3, 4, p=0.1)"
    layer = RecurrentDropoutLSTM(3, 4, 2, per_step=True)
    assert repr(layer) == "RecurrentDropoutLSTM(3, 4, num_layers=2, p=0.5, per_step=True)"
    layer = VariationalLSTM(3, 4, p_input=0.1, tied=False)
    assert repr(layer) == "VariationalLSTM(3, 4, p_input=0.1, p_hidden=0.5, tied=False)"


@every_lstm
@pytest.mark.parametrize("training", [False, True])
def test_autocast_keeps_the_state_in_float32(case: Case, training):
    layer, x = case.make(FEATURE, HIDDEN).train(training), inputs()[0].float()
    with torch.autocast("cpu", dtype=torch.bfloat16), torch.no_grad():
        y, (h, c) = layer(x)
    assert {y.dtype, h.dtype, c.dtype} == {torch.float32}
    with torch.autocast("cpu", dtype=torch.bfloat16), torch.no_grad():
        _, (_, c) = layer(x.bfloat16())
    assert c.dtype == torch.float32  # the cell adds up over time


@every_lstm
@every_dtype
def test_dtype_is_kept_and_masks_do_not_depend_on_it(case: Case, dtype):
    x = inputs()[0].to(dtype)
    for training in (False, True):
        y, (h, c) = case.seeded(0.5).to(dtype).train(training)(x)
        assert {y.dtype, h.dtype, c.dtype} == {dtype}
    if case.tied is None:
        y, _ = case.seeded(0.5).to(dtype)(x)
        assert torch.equal(y == 0, case.seeded(0.5)(x.double())[0] == 0)


@every_lstm
def test_vmap_in_evaluation_is_the_batch(case: Case):
    layer, x = case.seeded(0.5).eval(), inputs()[0]
    with torch.no_grad():
        y = vmap(lambda x: layer(x)[0], in_dims=1)(x)
    torch.testing.assert_close(y, layer(x)[0].transpose(0, 1))
