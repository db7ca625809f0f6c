"""The sorting network: every list of zeros and ones is sorted, and hence every list."""

import itertools
import sys
from collections.abc import Callable
from unittest.mock import patch

import pytest
import torch
from torch import Tensor

from dropoutbook.layers.parts import sorting_network
from dropoutbook.layers.parts.sorting_network import FEW, ascending, exchanges
from tests.mutants import rejects, without_mutant

Sort = Callable[[list[Tensor]], list[Tensor]]


def check_sorts_zeros_and_ones(ascending: Sort, n: int) -> None:
    lists = torch.tensor(list(itertools.product((0, 1), repeat=n)), dtype=torch.int8)
    network = ascending(list(lists.unbind(-1)))
    assert all((low <= high).all() for low, high in itertools.pairwise(network))
    assert sum(network, torch.zeros(2**n)).equal(lists.sum(-1).float())


def check_agrees_with_torch_sort(ascending: Sort, n: int, gradient: bool) -> None:
    x = torch.randn(7, 5, n, requires_grad=gradient)
    assert torch.stack(ascending(list(x.unbind(-1))), -1).equal(x.sort(-1).values)


def check_leaves_the_list_that_it_was_given(ascending: Sort) -> None:
    given = [torch.tensor([2.0]), torch.tensor([1.0])]
    ascending(given)
    assert [tensor.item() for tensor in given] == [2.0, 1.0]


@pytest.mark.parametrize("n", range(FEW + 1))
def test_sorts_zeros_and_ones(n):
    check_sorts_zeros_and_ones(ascending, n)


@pytest.mark.parametrize("n", [1, 4, FEW, FEW + 1])
@pytest.mark.parametrize("gradient", [False, True])
def test_agrees_with_torch_sort(n, gradient):
    check_agrees_with_torch_sort(ascending, n, gradient)


def test_leaves_the_list_that_it_was_given():
    check_leaves_the_list_that_it_was_given(ascending)


def without(exchange: int) -> Sort:
    """The network with one exchange left out."""

    def fewer(n: int) -> list[tuple[int, int]]:
        steps = list(exchanges(n))
        return steps[:exchange] + steps[exchange + 1 :]

    def ascending_less(values: list[Tensor]) -> list[Tensor]:
        with patch.object(sorting_network, "exchanges", fewer):
            return ascending(values)

    return ascending_less


def descending(values: list[Tensor]) -> list[Tensor]:
    return ascending(values)[::-1]


def over_the_list(values: list[Tensor]) -> list[Tensor]:
    values[:] = ascending(values)
    return values


@pytest.mark.parametrize("n", range(2, 9))
def test_no_exchange_can_be_left_out(n):
    for exchange in range(len(list(exchanges(n)))):
        rejects(check_sorts_zeros_and_ones, ascending, without(exchange), n)


MUTANTS = [
    (check_sorts_zeros_and_ones, descending, 4),
    (check_agrees_with_torch_sort, descending, 4, False),
    (check_leaves_the_list_that_it_was_given, over_the_list),
]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda row: row[0].__name__)
def test_the_check_rejects(mutant):
    check, wrong, *arguments = mutant
    rejects(check, ascending, wrong, *arguments)


def test_every_check_has_a_mutant():
    assert not without_mutant(sys.modules[__name__], (check.__name__ for check, *_ in MUTANTS))
