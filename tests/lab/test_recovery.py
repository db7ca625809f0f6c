"""The recoverable share against regression on data, and where it is known."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression
from torch import Generator

from dropoutbook.lab.recovery import patch_covariance, recoverable_share
from tests.checks import assert_refused


def smooth_map() -> torch.Tensor:
    noise = torch.randn(1, 1, 40, 42, generator=Generator().manual_seed(0), dtype=torch.float64)
    return torch.nn.functional.avg_pool2d(noise, 3, 1)[0, 0]


def test_covariance_is_that_of_the_windows():
    map = smooth_map()
    windows = [
        map[i : i + 3, j : j + 3].flatten()
        for i in range(len(map) - 2)
        for j in range(map.shape[1] - 2)
    ]
    expected = np.cov(np.stack(windows).T)
    np.testing.assert_allclose(patch_covariance(map, 3), expected, rtol=1e-10)


def test_share_is_the_r2_of_a_regression():
    map = smooth_map()
    windows = map.unfold(0, 3, 1).unfold(1, 3, 1).reshape(-1, 9)
    keep = torch.rand(6, 9, generator=Generator().manual_seed(1)) > 0.4
    keep[:, 4] = False
    keep[0] = False
    shares = recoverable_share(patch_covariance(map, 3), keep)
    assert shares[0] == 0
    for mask, share in zip(keep[1:], shares[1:], strict=True):
        fit = LinearRegression().fit(windows[:, mask], windows[:, 4])
        r2 = fit.score(windows[:, mask], windows[:, 4])
        assert share.item() == pytest.approx(r2, rel=1e-9)


def test_independent_units_give_nothing_away():
    keep = torch.ones(1, 9, dtype=torch.bool)
    keep[0, 4] = False
    assert recoverable_share(torch.eye(9), keep).item() == 0


def test_a_mask_that_keeps_the_middle_is_refused():
    keep = torch.ones(2, 9, dtype=torch.bool)
    assert_refused(lambda: recoverable_share(torch.eye(9), keep), ValueError, "keep", "middle")
