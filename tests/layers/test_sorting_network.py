"""The sorting network: every list of zeros and ones is sorted, and hence every list."""

import itertools

import pytest
import torch

from dropoutbook.layers.parts.sorting_network import FEW, ascending, exchanges


@pytest.mark.parametrize("n", range(FEW + 1))
def test_sorts_every_list_of_zeros_and_ones(n):
    lists = torch.tensor(list(itertools.product((0, 1), repeat=n)), dtype=torch.int8)
    network = ascending(list(lists.unbind(-1)))
    assert all((low <= high).all() for low, high in itertools.pairwise(network))
    assert sum(network, torch.zeros(2**n)).equal(lists.sum(-1).float())


@pytest.mark.parametrize("n", [1, 4, FEW, FEW + 1])
@pytest.mark.parametrize("gradient", [False, True])
def test_agrees_with_torch_sort(n, gradient):
    x = torch.randn(7, 5, n, requires_grad=gradient)
    expected = x.sort(-1).values
    assert torch.stack(ascending(list(x.unbind(-1))), -1).equal(expected)


def test_leaves_the_list_that_it_was_given():
    given = [torch.tensor([2.0]), torch.tensor([1.0])]
    ascending(given)
    assert [tensor.item() for tensor in given] == [2.0, 1.0]


@pytest.mark.parametrize("n", range(2, 9))
def test_no_exchange_can_be_left_out(n):
    lists, steps = list(itertools.product((0, 1), repeat=n)), list(exchanges(n))
    for left_out in range(len(steps)):
        network = steps[:left_out] + steps[left_out + 1 :]
        assert not all(is_sorted(after(network, values)) for values in lists)


def after(network: list[tuple[int, int]], values: tuple[int, ...]) -> list[int]:
    values = list(values)
    for i, j in network:
        values[i], values[j] = sorted((values[i], values[j]))
    return values


def is_sorted(values: list[int]) -> bool:
    return all(low <= high for low, high in itertools.pairwise(values))
