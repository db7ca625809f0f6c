"""Sorting many short lists at once: compare and exchange whole tensors in a fixed order."""

from collections.abc import Iterator

import torch
from torch import Tensor

FEW = 16  # tensors; the network has 63 exchanges there and grows faster than a sort


def ascending(tensors: list[Tensor]) -> list[Tensor]:
    """The tensors sorted entry by entry: the smallest of each entry first.

    An exchange passes over memory twice, with no branch; a sort visits each list on its own. The
    network has no gradient here, because it would keep two tensors an exchange: with one, and for
    long lists, `torch.sort` does the work.
    """
    if len(tensors) > FEW or any(tensor.requires_grad for tensor in tensors):
        return list(torch.stack(tensors, -1).sort(-1).values.unbind(-1))
    tensors = list(tensors)
    for i, j in exchanges(len(tensors)):
        low = torch.minimum(tensors[i], tensors[j])
        tensors[i], tensors[j] = low, torch.maximum(tensors[i], tensors[j])
    return tensors


def exchanges(n: int) -> Iterator[tuple[int, int]]:
    """Pairs i < j of Batcher's merge exchange: they sort any list of length n.

    Source:
        Knuth, The Art of Computer Programming, volume 3, section 5.2.2, Algorithm M.
    """
    powers = [2**k for k in range((n - 1).bit_length())]
    for p in powers:
        for k in reversed(powers[: powers.index(p) + 1]):
            for start in range(k % p, n - k, 2 * k):
                for i in range(start, min(start + k, n - k)):
                    if i // (2 * p) == (i + k) // (2 * p):
                        yield i, i + k
