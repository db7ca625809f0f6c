"""Where `Dropout` stands in for `torch.nn.Dropout`: a matrix of places, tried with both.

What the README says of it is true of these places and of no others. Two are refused, each with a
sentence that says why: `torch.jit.script`, and complex numbers in training.
"""

import copy
import io
import os
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import torch
import torch.distributed as dist
from torch import Tensor, fx, nn
from torch.autograd import forward_ad
from torch.autograd.functional import jacobian
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor, Shard, distribute_tensor
from torch.func import functional_call, grad, vmap
from torch.fx.experimental.proxy_tensor import make_fx
from torch.utils.checkpoint import checkpoint
from torch.utils.flop_counter import FlopCounterMode

from dropoutbook import Dropout
from dropoutbook.layers.parts.activation_dropout import ActivationDropout
from tests.checks import assert_refused
from tests.mutants import rejects, without_mutant

SIZES = (64, 2**14)  # entries; the package takes another way from 2**13 on
Make = Callable[..., nn.Module]


def assert_dropped(y: Tensor, x: Tensor) -> None:
    """About half of the entries are 0 and the others are doubled."""
    y, x = y.detach().reshape(-1), x.detach().reshape(-1)
    share = (y == 0).double().mean().item()
    assert abs(share - 0.5) < 5 * 0.5 / len(y) ** 0.5, f"a share of {share:.3f} is dropped"
    torch.testing.assert_close(y[y != 0], 2 * x[y != 0])


def inputs() -> Iterator[Tensor]:
    for size in SIZES:
        yield torch.randn(8, size // 8)


def check_isinstance(make: Make) -> None:
    """What looks for dropout by its class finds it, and can switch it off."""
    model = nn.Sequential(nn.Linear(8, 8), make(0.5))
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    x = torch.randn(4, 8)
    assert torch.equal(model(x), model[0](x))


def check_training(make: Make) -> None:
    for x in inputs():
        x.requires_grad_()
        y = make(0.5)(x)
        assert_dropped(y, x)
        (gradient,) = torch.autograd.grad(y.sum(), x)
        torch.testing.assert_close(gradient * x, y)


def check_evaluation_of_anything(make: Make) -> None:
    for x in inputs():
        quantized = torch.ao.nn.quantized.Quantize(0.1, 0, torch.quint8)(x)
        for value in (x, x.long(), x > 0, x.to(torch.complex64), quantized, x.to_sparse()):
            assert make(0.5).eval()(value) is value
        assert make(0.5).eval()(x.to(torch.float8_e5m2)).dtype == torch.float8_e5m2


def check_inplace(make: Make) -> None:
    for x in inputs():
        before = x.clone()
        assert make(0.5, inplace=True)(x) is x
        assert_dropped(x, before)


def check_state_dict(make: Make) -> None:
    theirs = nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5), nn.Linear(8, 1))
    ours = nn.Sequential(nn.Linear(8, 8), make(0.5), nn.Linear(8, 1))
    assert list(ours.state_dict()) == list(theirs.state_dict())
    ours.load_state_dict(theirs.state_dict())
    theirs.load_state_dict(ours.state_dict())


def check_copies(make: Make) -> None:
    file = io.BytesIO()
    layer = make(0.25).eval()
    torch.save(layer, file)
    file.seek(0)
    saved = torch.load(file, weights_only=False)
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer)), saved):
        assert twin.p == 0.25
        assert repr(twin) == repr(layer) == repr(nn.Dropout(0.25))
        assert not twin.training


def check_fx(make: Make) -> None:
    model = nn.Sequential(nn.Linear(8, 8), make(0.5))
    graph = fx.symbolic_trace(model)
    assert [node.op for node in graph.graph.nodes][1:3] == ["call_module"] * 2
    x = torch.randn(512, 8)
    assert_dropped(graph.train()(x), model[0](x))
    assert torch.equal(graph.eval()(x), model[0](x))


def check_make_fx(make: Make) -> None:
    for x in inputs():
        for mode in ("real", "fake", "symbolic"):
            graph = make_fx(make(0.5), tracing_mode=mode)(x)
            first, second = graph(x), graph(x)
            assert_dropped(first, x)
            assert not torch.equal(first, second)


@pytest.mark.filterwarnings("ignore:.torch.jit.trace")
def check_jit_trace(make: Make) -> None:
    for x in inputs():
        traced = torch.jit.trace(make(0.5), x, check_trace=False)
        first, second = traced(x), traced(x)
        assert_dropped(first, x)
        assert not torch.equal(first, second)
        assert torch.equal(torch.jit.trace(make(0.5).eval(), x)(x), x)


def check_export(make: Make) -> None:
    """In training the operator `dropout`, which the ONNX exporter keeps; in evaluation off."""
    for x in inputs():
        graph = torch.export.export(make(0.5), (x,)).graph
        names = [str(node.target) for node in graph.nodes if node.op == "call_function"]
        assert names == ["aten.dropout.default"]
        assert torch.equal(torch.export.export(make(0.5).eval(), (x,)).module()(x), x)


def check_compile(make: Make) -> None:
    for x in inputs():
        torch.compiler.reset()
        one, other = make(0.5), make(0.5)

        def three(x: Tensor, one: nn.Module = one, other: nn.Module = other) -> tuple[Tensor, ...]:
            return one(x), other(x), one(x)

        graph = torch.compile(three, backend="aot_eager")
        masks = [y != 0 for y in graph(x.requires_grad_())]
        for i, j in ((0, 1), (0, 2), (1, 2)):
            assert_dropped((masks[i] ^ masks[j]) * 2.0, torch.ones_like(x))


def check_vmap(make: Make) -> None:
    layer = make(0.5)
    for x in inputs():
        y = vmap(layer, randomness="different")(x.expand(4, -1, -1))
        assert_dropped(y, x.expand(4, -1, -1))
        assert not torch.equal(y[0], y[1])
        y = vmap(layer, randomness="same")(x.expand(4, -1, -1))
        assert torch.equal(y[0], y[1])


def check_func(make: Make) -> None:
    layer = make(0.5)
    for x in inputs():
        gradient = grad(lambda x: functional_call(layer, {}, (x,)).sum())(x)
        assert_dropped(gradient, torch.ones_like(x))


def check_forward_mode(make: Make) -> None:
    for x in inputs():
        with forward_ad.dual_level():
            y, tangent = forward_ad.unpack_dual(make(0.5)(forward_ad.make_dual(x, 3 * x)))
        assert_dropped(y, x)
        torch.testing.assert_close(tangent, 3 * y)


def check_vectorized_jacobian(make: Make) -> None:
    for x in inputs():
        rows = jacobian(lambda x: make(0.5)(x)[0, :5], x, vectorize=True)
        diagonal = rows[range(5), 0, range(5)]
        assert ((diagonal == 0) | (diagonal == 2)).all()
        assert rows.sum() == diagonal.sum()
        assert rows.shape == (5, *x.shape)


def check_checkpoint(make: Make) -> None:
    layer = make(0.5)
    for x in inputs():
        for reentrant in (False, True):
            leaf = x.clone().requires_grad_()
            y = checkpoint(lambda x: layer(x).sin(), leaf, use_reentrant=reentrant)
            dropped = y == 0
            y.sum().backward()
            torch.testing.assert_close(leaf.grad, (2 * x).cos().mul(2).where(~dropped, 0.0))


def check_autocast(make: Make) -> None:
    for x in inputs():
        with torch.autocast("cpu", dtype=torch.bfloat16):
            for dtype in (torch.float32, torch.bfloat16):
                y = make(0.5)(x.to(dtype))
                assert y.dtype == dtype
                assert_dropped(y, x.to(dtype))


def check_other_devices(make: Make) -> None:
    """A default device that is not the CPU, and a tensor without memory."""
    for x in inputs():
        with torch.device("meta"):
            assert_dropped(make(0.5)(x), x)
        assert make(0.5)(x.to("meta")).shape == x.shape


def check_unusual_memory(make: Make) -> None:
    for x in inputs():
        negative = torch.complex(torch.zeros_like(x), -x).conj().imag
        overlapping = x[:1].expand(8, -1)
        for form in (negative, overlapping, x.t(), x[:, ::2], x[:0]):
            y = make(0.5)(form)
            assert y.shape == form.shape
            assert torch.equal(y, torch.where(y == 0, 0.0, 2 * form))
        assert_dropped(make(0.5)(negative), negative)


def check_jagged(make: Make) -> None:
    for x in inputs():
        nested = torch.nested.nested_tensor([x[:3], x[3:]], layout=torch.jagged)
        assert torch.equal(make(0.5).eval()(nested).values(), nested.values())
        y = make(0.5)(nested)
        assert y.layout == torch.jagged
        assert_dropped(y.values(), nested.values())


@contextmanager
def one_process() -> Iterator[None]:
    """A group of one, without a network."""
    file = f"/tmp/stand-in-{os.getpid()}"
    dist.init_process_group("gloo", init_method=f"file://{file}", rank=0, world_size=1)
    try:
        yield
    finally:
        dist.destroy_process_group()


@pytest.mark.filterwarnings("ignore")
def check_distributed(make: Make) -> None:
    """DTensor, fully_shard (FSDP2), DistributedDataParallel, DataParallel."""
    with one_process():
        mesh = init_device_mesh("cpu", (1,))
        for x in inputs():
            y = make(0.5)(distribute_tensor(x, mesh, [Shard(0)]))
            assert isinstance(y, DTensor)
            assert_dropped(y.to_local(), x)
            model = nn.Sequential(nn.Linear(x.shape[1], x.shape[1]), make(0.5))
            fully_shard(model, mesh=mesh)
            y = model(x)
            y.sum().backward()
            assert_dropped((y != 0) * 2.0, torch.ones_like(x))
            model = nn.Sequential(nn.Linear(x.shape[1], x.shape[1]), make(0.5))
            y = nn.parallel.DistributedDataParallel(model)(x)
            y.sum().backward()
            assert_dropped((y != 0) * 2.0, torch.ones_like(x))
    assert_dropped(nn.DataParallel(make(0.5))(x), x)


def check_modes_that_watch(make: Make) -> None:
    for x in inputs():
        with FlopCounterMode(display=False), torch.inference_mode():
            assert_dropped(make(0.5)(x), x)


def check_inside_torchs_layers(make: Make) -> None:
    """Put where the layers of torch.nn keep theirs, also on their fused path in evaluation."""
    layer = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True, dropout=0.0)
    x = torch.randn(4, 6, 16)
    expected = layer.eval()(x)
    for name in ("dropout", "dropout1", "dropout2"):
        setattr(layer, name, make(0.5))
    torch.testing.assert_close(layer.eval()(x), expected)
    assert not torch.equal(layer.train()(x), layer.train()(x))


CHECKS = {name: check for name, check in globals().items() if name.startswith("check_")}


class NothingDropped(nn.Dropout):
    def forward(self, x):
        return x


class NeverOff(nn.Dropout):
    def forward(self, x):
        return nn.functional.dropout(x, self.p, True, self.inplace)


class OfItsOwnKind(ActivationDropout):
    """Not a torch.nn.Dropout; the frame alone, with a buffer and masks by NumPy."""

    def __init__(self, p=0.5, inplace=False):
        super().__init__(p, inplace)
        self.register_buffer("seen", torch.zeros(()))

    def drop(self, x):
        return x * torch.from_numpy(torch.rand(x.shape).numpy() >= self.p) / (1 - self.p)


MUTANTS = [
    ("check_isinstance", OfItsOwnKind),
    ("check_evaluation_of_anything", NeverOff),
    ("check_state_dict", OfItsOwnKind),
    ("check_copies", OfItsOwnKind),
    *(
        (name, NothingDropped)
        for name in CHECKS
        if name
        not in (
            "check_isinstance",
            "check_evaluation_of_anything",
            "check_state_dict",
            "check_copies",
        )
    ),
]


def outcome(make: Make, name: str) -> None:
    """The check; whatever else goes wrong counts as a failure."""
    try:
        CHECKS[name](make)
    except AssertionError:
        raise
    except Exception as error:
        raise AssertionError(f"{type(error).__name__}: {error}") from error


@pytest.mark.filterwarnings("ignore")  # PyTorch deprecates several of the places
@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("make", [nn.Dropout, Dropout], ids=["torch.nn.Dropout", "Dropout"])
def test_it_stands_in(make, name):
    outcome(make, name)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "wrong"), MUTANTS)
def test_the_place_rejects(name, wrong):
    rejects(outcome, Dropout, wrong, name)


def test_every_place_has_a_mutant():
    assert not without_mutant(CHECKS, (name for name, _ in MUTANTS))


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")
def test_it_says_why_it_cannot_be_scripted():
    model = nn.Sequential(nn.Linear(3, 3), Dropout(0.5))
    words = ("Dropout", "torch.jit.script", "torch.compile", "torch.export")
    assert_refused(lambda: torch.jit.script(model), TypeError, *words)


def test_complex_numbers_are_refused_in_training():
    x = torch.ones(3, dtype=torch.complex64)
    assert_refused(lambda: Dropout(0.5)(x), TypeError, "input", "real floating-point", "complex64")
