"""Which draws there are: rate, mean, independence of positions, examples, calls and layers."""

from dropoutbook.testing.assertions import (
    assert_close,
    assert_mean,
    assert_uncorrelated,
)
from dropoutbook.testing.case import Case, after_seed, output

LAGS = 16  # how far apart positions are compared


def rate(case: Case) -> None:
    """an entry is 0 with probability p"""
    for p in case.ps if case.drops else ():
        (draws,) = case.draws(case.layer(p))
        shares = (draws == 0).double().mean(-1)  # of each example, whose entries may go together
        assert_mean(shares.flatten(), p, f"the rate at p = {p}")


def mean(case: Case) -> None:
    """the mean over masks is the output in evaluation, at every position"""
    for p in case.ps if case.evaluation != "other" else ():
        (draws,) = case.draws(case.layer(p))
        expected = case.rows(output(case.layer(p).eval(), case.example[:1]))[0].double()
        assert_mean(draws.flatten(0, 1), expected, f"the mean at p = {p}")


def positions(case: Case) -> None:
    """the draws of one example are independent"""
    for p in case.ps if case.independent else ():
        draws = case.draws(case.layer(p))[0].flatten(0, 1)
        for lag in range(1, min(LAGS, draws.shape[1])):
            what = f"entries that lie {lag} apart, at p = {p},"
            assert_uncorrelated(draws[:, :-lag], draws[:, lag:], what)


def shared_axes(case: Case) -> None:
    """entries along a shared axis have one draw"""
    x = case.alike()
    noise = after_seed(case.layer(), x)
    if case.evaluation == "identity":
        noise = noise / x
    for axis in case.shared:
        one = noise.narrow(axis, 0, 1).expand_as(noise)
        assert_close(noise, one, f"entries along axis {axis}")


def examples(case: Case) -> None:
    """the draws of different examples are independent"""
    for p in case.ps if 0 not in case.shared else ():
        (draws,) = case.draws(case.layer(p))
        first, second = draws[:, :-1].flatten(0, 1), draws[:, 1:].flatten(0, 1)
        assert_uncorrelated(first, second, f"neighbouring examples, at p = {p},")


def calls(case: Case) -> None:
    """every call draws anew"""
    for p in case.ps:
        (draws,) = case.draws(case.layer(p))
        first, second = draws[:-1].flatten(0, 1), draws[1:].flatten(0, 1)
        assert_uncorrelated(first, second, f"successive calls, at p = {p},")


def layers(case: Case) -> None:
    """two layers that are alike draw independently"""
    first, second = case.draws(case.layer(), case.layer())
    assert_uncorrelated(first.flatten(0, 1), second.flatten(0, 1), "two layers")
