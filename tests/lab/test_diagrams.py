"""The drawing shows its masks and nothing else."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.collections import LineCollection
from matplotlib.patches import Circle

from dropoutbook.lab.diagrams import LAYER_GAP, draw_network


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def drawn(ax):
    units = [patch for patch in ax.patches if isinstance(patch, Circle)]
    edges, *crosses = [c for c in ax.collections if isinstance(c, LineCollection)]
    return units, edges.get_segments(), crosses


def test_every_kept_pair_is_joined_and_no_other(ax):
    draw_network(ax, [[1, 1, 0], [1, 0, 1, 1], [1]])
    units, edges, crosses = drawn(ax)
    assert len(units) == 8
    assert len(edges) == 2 * 3 + 3 * 1
    assert len(crosses) == 2
    dropped = [np.array(unit.center) for unit in units if not unit.get_fill()]
    assert len(dropped) == 2
    ends = np.concatenate(edges)
    assert all(np.abs(ends - center).sum(1).min() > 0.5 for center in dropped)


def test_layers_lie_one_gap_apart_from_the_bottom_up(ax):
    draw_network(ax, [[1, 1], [1, 0, 1], [1]])
    units, _, _ = drawn(ax)
    heights = [unit.center[1] for unit in units]
    assert heights == [0, 0, *[LAYER_GAP] * 3, 2 * LAYER_GAP]


def test_masks_of_torch_are_masks_too(ax):
    draw_network(ax, [torch.tensor([True, False]), torch.ones(2)])
    _, edges, crosses = drawn(ax)
    assert (len(edges), len(crosses)) == (2, 1)


def test_a_fully_dropped_layer_leaves_no_edges(ax):
    draw_network(ax, [[1, 1], [0, 0], [1]])
    assert drawn(ax)[1] == []


@pytest.mark.parametrize("keep", [[[0.5, 1]], [[]], [1], [[[1, 0]]], [[float("nan")]]])
def test_bad_masks_are_refused(ax, keep):
    with pytest.raises(ValueError, match=r"keep\[0\] must be a row of zeros and ones, got"):
        draw_network(ax, keep)


def test_no_layers_are_refused(ax):
    with pytest.raises(ValueError, match="keep must hold at least one layer"):
        draw_network(ax, [])
