"""Linear regression with dropout on its inputs."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from dropoutbook.derive import enumerate_expectation
from dropoutbook.lab.linear_regression import (
    dropout_regression,
    dropout_sgd,
    effective_degrees_of_freedom,
)

every_p = pytest.mark.parametrize("p", [0.1, 0.5, 0.9])


@pytest.fixture
def design():
    """60 examples of 3 features, two of them correlated, in units of unit root mean square."""
    draws = torch.randn(60, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    x = draws[:, :3] + torch.tensor([0.0, 1.0, 1.0]) * draws[:, 3:]
    x = x / x.square().mean(0).sqrt()
    return x, x @ torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64) + draws[:, 0].roll(1)


@every_p
def test_it_is_ridge_regression_on_columns_of_unit_norm(design, p):
    x, y = design
    norms = x.norm(dim=0)
    ridge = Ridge(alpha=p / (1 - p), fit_intercept=False).fit(x / norms, y)
    expected = torch.from_numpy(ridge.coef_) / norms
    torch.testing.assert_close(dropout_regression(x, y, p), expected, rtol=1e-9, atol=1e-12)


@every_p
def test_the_gradient_averaged_over_all_masks_is_zero_there_and_only_there(design, p):
    x, y = (part[:4].numpy() for part in design)  # 12 gates, 4096 masks
    k = 1 - p

    def mean_gradient(weights):
        def gradient(masks):  # (mask, example * feature) -> (mask, feature)
            kept = masks.reshape(-1, *x.shape) * x / k
            return np.einsum("mef,me->mf", kept, kept @ weights - y)

        return enumerate_expectation(gradient, np.full(x.size, k))

    best = dropout_regression(torch.from_numpy(x), torch.from_numpy(y), p).numpy()
    np.testing.assert_allclose(mean_gradient(best), 0, atol=1e-10)
    assert np.abs(mean_gradient(1.01 * best)).max() > 1e-3


@every_p
def test_units_do_not_matter_but_rotations_do(design, p):
    x, y = design
    fitted = x @ dropout_regression(x, y, p)
    other_units = x * torch.tensor([1e-3, 1.0, 40.0], dtype=torch.float64)
    rotated = x @ torch.linalg.qr(x[:3]).Q
    torch.testing.assert_close(other_units @ dropout_regression(other_units, y, p), fitted)
    assert (rotated @ dropout_regression(rotated, y, p) - fitted).abs().max() > 1e-2


@every_p
def test_orthogonal_columns_shrink_by_the_keep_probability(design, p):
    x, y = torch.linalg.qr(design[0]).Q, design[1]
    torch.testing.assert_close(dropout_regression(x, y, p), (1 - p) * (x.T @ y))


@every_p
def test_degrees_of_freedom_are_the_trace_of_the_fit(design, p):
    x, _ = design
    columns = [dropout_regression(x, unit, p) for unit in torch.eye(len(x), dtype=x.dtype)]
    trace = (x @ torch.stack(columns, dim=1)).trace().item()
    assert effective_degrees_of_freedom(x, p) == pytest.approx(trace, rel=1e-9)


def test_degrees_of_freedom_fall_from_the_rank_to_zero(design):
    rates = [0.0, 0.2, 0.4, 0.5, 0.6, 0.8, 1 - 1e-9]
    values = [effective_degrees_of_freedom(design[0], p) for p in rates]
    assert values == sorted(values, reverse=True)
    assert values[0] == pytest.approx(3)
    assert values[-1] == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize("p", [0.1, 0.9])
def test_sampled_masks_average_to_the_closed_form_and_to_no_other(design, p):
    x, y = design
    runs = dropout_sgd(x, y, p, steps=600, generator=torch.Generator().manual_seed(0))
    error = runs.std(0) / len(runs) ** 0.5
    for rate, right in ((p, True), (1 - p, False), (0.0, False)):
        z = ((runs.mean(0) - dropout_regression(x, y, rate)) / error).abs().max()
        assert (z < 5) == right, f"{z:.1f} standard errors from the fit at p = {rate}"


def test_runs_are_independent_and_repeat_with_the_generator(design):
    first, again, other = (
        dropout_sgd(*design, 0.3, runs=2, steps=20, generator=torch.Generator().manual_seed(seed))
        for seed in (0, 0, 1)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert not torch.equal(first[0], first[1])


@pytest.mark.parametrize("p", [-0.1, 1.0, float("nan"), True])
@pytest.mark.parametrize("fit", [dropout_regression, dropout_sgd])
def test_a_rate_outside_its_range_is_refused(design, fit, p):
    with pytest.raises(ValueError, match=r"p must be in \[0, 1\)"):
        fit(*design, p)
    with pytest.raises(ValueError, match=r"p must be in \[0, 1\)"):
        effective_degrees_of_freedom(design[0], p)


def test_designs_that_do_not_fit_are_refused(design):
    x, y = design
    with pytest.raises(ValueError, match=r"got \(\(60, 3\), \(59,\)\)"):
        dropout_regression(x, y[1:], 0.5)
    for column in (0.0, float("nan"), float("inf")):
        broken = x.clone()
        broken[:, 1] = column
        with pytest.raises(ValueError, match="finite columns"):
            dropout_regression(broken, y, 0.5)
