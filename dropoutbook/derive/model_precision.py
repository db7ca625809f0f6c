"""The precision that MC dropout ascribes to the noise of the targets, in every bookkeeping."""

import sympy as sp

k, N, tau = sp.symbols("k N tau", positive=True)  # keep probability, examples, precision
decay, scale = sp.symbols("lambda l", positive=True)  # weight decay, prior length-scale


def objective(residual: sp.Expr, weights: sp.Expr, half: bool, mean: bool) -> sp.Expr:
    """A loss with weight decay, as a program writes it down.

        [1/2] [1/N] residual + lambda * weights

    Args:
        residual: The sum of (y - output)**2 over the N examples.
        weights: The sum of squares of the weights as the program holds them.
        half: Whether the squared error has the factor 1/2.
        mean: Whether it is averaged over the examples, not summed.
    """
    return residual / (2 if half else 1) / (N if mean else 1) + decay * weights


def model_precision(inverted: bool, half: bool, mean: bool) -> sp.Expr:
    """tau, the precision for which minimizing the `objective` is maximizing the posterior

        -log posterior = tau/2 sum (y - output)**2 + k l**2 / 2 sum m**2

    of the raw weights m. A program with inverted dropout holds and decays w = k m instead.

    Args:
        inverted: Whether training divides by k.
        half: As in `objective`.
        mean: As in `objective`.

    Source:
        Gal and Ghahramani (2016), Dropout as a Bayesian approximation, ICML, Eq. (7): the case
        inverted=False, half=True, mean=True. Their p is the probability of keeping, here k.
    """
    loss = sp.Rational(1, 2 if half else 1) / (N if mean else 1)  # the factor of the residual
    raw = 1 / k**2 if inverted else 1  # m**2 / w**2
    return loss * raw * k * scale**2 / decay
