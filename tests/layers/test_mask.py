"""Masks at the ends of the uniforms, which no sample of a test would reach."""

import pytest
import torch
from torch import Tensor

from dropoutbook.layers.parts.mask import draw_keep

LARGEST = 1 - 2**-24  # the largest float32 that torch.rand can draw; the smallest is 0


@pytest.fixture
def uniform(monkeypatch):
    def every_draw(value: float) -> None:
        monkeypatch.setattr(torch, "rand", lambda shape, **options: torch.full(shape, value))

    return every_draw


def keep(p: float | Tensor) -> Tensor:
    return draw_keep((3,), p, torch.ones(3), None)


@pytest.mark.parametrize("value", [0.0, LARGEST])
def test_rate_zero_keeps_and_rate_one_drops_whatever_is_drawn(uniform, value):
    uniform(value)
    assert keep(0.0).all()
    assert not keep(1.0).any()
    assert keep(torch.tensor([0.0, 1.0, 0.0])).tolist() == [True, False, True]


def test_the_rate_is_exact_on_the_grid_of_the_uniforms(uniform):
    uniform(0.5)  # u < p drops, so that P(u < p) = p
    assert keep(0.5).all()
    assert not keep(0.5 + 2**-24).any()
