"""Linear regression with dropout on its inputs: the exact minimizer, and the noise it averages."""

import torch
from torch import Generator, Tensor

from dropoutbook import Dropout


def dropout_regression(x: Tensor, y: Tensor, p: float) -> Tensor:
    """The effective weights that minimize the squared error, averaged over all masks.

        w' = (X'X + p / (1 - p) diag(X'X))^(-1) X'y

    Args:
        x: inputs, centered if the model should have an intercept, in any units.
        y: targets, centered likewise.
        p: drop probability of each input of each example, in [0, 1).

    Shape:
        x: (example, feature), float64, no column all zero; y: (example,).
        returns: (feature,).

    Raises:
        ValueError: if `p` is outside [0, 1), the shapes do not fit, or a column is zero or NaN.
        torch.linalg.LinAlgError: if p = 0 and the columns are linearly dependent.

    Source:
        Srivastava et al. (2014), Dropout, JMLR 15:1929-1958, section 9.1, for raw weights w = w'/k;
        their p is the probability of keeping.
    """
    strength = _strength(p)
    _check_design(x, y)
    gram = x.T @ x
    return torch.linalg.solve(gram + strength * torch.diag(gram.diagonal()), x.T @ y)


def effective_degrees_of_freedom(x: Tensor, p: float) -> float:
    """How many free coefficients the fit of `dropout_regression` is worth.

        df = sum_j lambda_j / (lambda_j + p / (1 - p))

    with lambda_j the eigenvalues of the Gram matrix of the columns scaled to unit norm.
    Arguments and errors as for `dropout_regression`; at p = 0 the columns must be independent.
    """
    strength = _strength(p)
    _check_design(x)
    eigenvalues = torch.linalg.svdvals(x / x.norm(dim=0)).square()
    return (eigenvalues / (eigenvalues + strength)).sum().item()


def dropout_sgd(
    x: Tensor,
    y: Tensor,
    p: float,
    *,
    runs: int = 100,
    steps: int = 2000,
    batch: int = 32,
    learning_rate: float = 0.2,
    generator: Generator | None = None,
) -> Tensor:
    """Effective weights from gradient steps on sampled masks, in independent runs.

    Every step draws `batch` examples with replacement and a new mask for each of them. Since the
    draws of a step are independent of the weights before it, the iterates are stationary around
    the exact minimizer for any step size that keeps them bounded: the mean of a run over its
    second half is unbiased but for the exponentially small memory of the start.

    Args:
        x, y, p: as in `dropout_regression`; columns of unit root mean square.
        runs: independent repetitions, which yield the standard error.
        steps: gradient steps; the iterates of the second half are averaged.
        batch: examples in a step.
        learning_rate: step size, in units of 1 - p.
        generator: source of the examples and of the masks; None means PyTorch's global one.

    Shape:
        returns: (run, feature), the averaged weights of each run.
    """
    _strength(p)
    _check_design(x, y)
    drop = Dropout(p, generator=generator)
    weights = torch.zeros(runs, x.shape[1], 1, dtype=x.dtype)
    total = torch.zeros_like(weights)
    for step in range(steps):
        rows = torch.randint(len(x), (runs, batch), generator=generator)
        noisy = drop(x[rows])  # (run, batch, feature)
        residual = noisy @ weights - y[rows].unsqueeze(-1)
        weights = weights - learning_rate * (1 - p) / batch * noisy.mT @ residual
        if step >= steps // 2:
            total += weights
    return total.squeeze(-1) / (steps - steps // 2)


def _strength(p: float) -> float:
    if isinstance(p, bool) or not 0 <= p < 1:
        raise ValueError(f"p must be in [0, 1), got {p!r}")
    return p / (1 - p)


def _check_design(x: Tensor, y: Tensor | None = None) -> None:
    if x.ndim != 2 or (y is not None and y.shape != x.shape[:1]):
        shapes = tuple(x.shape), None if y is None else tuple(y.shape)
        raise ValueError(f"x must be (example, feature) and y (example,), got {shapes}")
    norms = x.norm(dim=0)
    if not ((norms > 0) & norms.isfinite()).all():
        raise ValueError("x must have finite columns, none of them zero")
