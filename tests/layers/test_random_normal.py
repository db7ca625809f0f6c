"""Normal numbers from bytes: their law, and that every CPU draws the same ones."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import stats

from dropoutbook.layers.parts import random_normal
from dropoutbook.layers.parts.random_normal import (
    CELLS,
    HALVES,
    SMALL,
    cell_means,
    draw,
    draw_compiled,
)

ROOT = Path(__file__).parents[2]
TABLE = "723a394acd0887a9b6e3a2d6ca094566b7e4c7c55793126d96034382c0a5657b"
MASK = "69e4731777690a70016fe661e4ef4523de8bb097d1f0518600f9fcd7fdcad4b9"  # the first of DRAWS
NORMAL = "54f6f34db0960d33e96571de9663bb5526a05631f3fa3939a75dff5e30b96631"  # the ninth
SIZES = (SMALL - 1, SMALL, SMALL + 1, 2 * random_normal.CHUNK + 1)
DRAWS = """
import hashlib, torch
from dropoutbook import DropConnect
from dropoutbook.layers.parts.mask import draw_keep, draw_normal, draw_uniform

def seeded():
    return torch.Generator().manual_seed(7)

shape, x = (3, 5000), torch.ones(3, 5000)
draws = [draw_keep(shape, p, x, seeded()) for p in (0.1, 0.5, 0.9, 0.999)]
draws += [draw_keep(shape, torch.full(shape, 0.3), x, seeded()), draw_uniform(shape, x, seeded())]
draws += [draw_normal((n,), x, seeded()) for n in (10, 1000, 100_000)]
torch.set_grad_enabled(False)
layer = DropConnect(1, 1, activation="tanh", samples=500, generator=seeded())
layer.activate = lambda u: draws.append(u) or u
layer.weight.fill_(1.0), layer.bias.fill_(0.0)
layer.eval()(torch.ones(20, 1))
%s
for draw in draws:
    print(hashlib.sha256(draw.numpy().tobytes()).hexdigest())
"""


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("size", SIZES)
def test_they_are_normal(size):
    z = torch.stack([draw((size,), seeded(s)) for s in range(-(-(2**18) // size))]).flatten()
    # the distance of Kolmogorov and Smirnov, at the level of five standard errors
    assert stats.kstest(z.numpy(), "norm").pvalue > 2 * stats.norm.sf(5)
    for power, moment in ((1, 0), (2, 1), (3, 0), (4, 3)):
        error = np.sqrt((stats.norm.moment(2 * power) - moment**2) / len(z))
        assert abs((z.double() ** power).mean() - moment) < 5 * error


def test_they_are_independent_within_and_across_chunks():
    z = draw((2 * random_normal.CHUNK + 1,), seeded())
    for lag in (1, 2, 3, 4, random_normal.CHUNK // 2, random_normal.CHUNK):
        products = z[lag:] * z[:-lag]
        assert abs(products.mean()) < 5 / len(products) ** 0.5
        assert len(z) - len(z.unique()) < len(z) ** 2 / 2**20


def test_the_law_is_as_near_to_the_normal_one_as_it_says():
    halves = HALVES.double().numpy()
    assert abs(halves.mean()) < 1e-8
    assert abs((halves**2).mean() - 0.5) < 2**-24  # the rounding of float32
    assert 2 * halves.max() < 6.3
    at = np.concatenate([np.linspace(-6.2, 6.2, 249), np.linspace(-0.01, 0.01, 41)])
    below = [np.searchsorted(halves, z - halves, side="right").mean() / CELLS for z in at]
    assert abs(below - stats.norm.cdf(at)).max() < 1e-5


def test_a_seed_gives_the_same_numbers_and_another_seed_others():
    for size in SIZES:
        assert torch.equal(draw((size,), seeded()), draw((size,), seeded()))
        assert not torch.equal(draw((size,), seeded()), draw((size,), seeded(1)))


def test_the_table_is_the_same_everywhere():
    table = hashlib.sha256(cell_means().numpy().tobytes()).hexdigest()
    assert table == TABLE


def digests(capability, more=""):
    environment = os.environ | {"ATEN_CPU_CAPABILITY": capability}
    command = [sys.executable, "-c", DRAWS % more]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert not done.returncode, done.stderr
    return done.stdout.split()


def test_no_draw_depends_on_the_instructions_of_the_cpu():
    plain, vectorized = digests("default"), digests("avx2")
    assert len(plain) == 10
    assert plain == vectorized
    assert (plain[0], plain[8]) == (MASK, NORMAL)


@pytest.mark.skipif(
    torch.backends.cpu.get_cpu_capability() == "DEFAULT", reason="this CPU has one set of them"
)
def test_draws_that_depend_on_them_are_caught():
    randn = "draws.append(torch.randn(1000, generator=seeded()))"
    plain, vectorized = digests("default", randn), digests("avx2", randn)
    assert plain[:-1] == vectorized[:-1]
    assert plain[-1] != vectorized[-1]


def test_calls_in_one_compiled_graph_draw_anew():
    two = torch.compile(lambda: (draw_compiled((50,)), draw_compiled((50,))), backend="aot_eager")
    torch.manual_seed(0)
    first, second = two()
    assert not torch.equal(first, second)
    torch.manual_seed(0)
    assert torch.equal(first, draw((50,), None))
    assert torch.equal(second, draw((50,), None))
