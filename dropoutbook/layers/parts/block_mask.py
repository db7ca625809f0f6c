"""Masks made of blocks: which units no seed reaches, and what share of them is kept."""

import torch
from torch import Tensor


def kept_share(keep: Tensor, dtype: torch.dtype) -> Tensor:
    """The share of True, and 1 where there is none; counted in int64, divided in float32 or wider.

    A sum in float16 would overflow at 65504 kept units, and the layer would return zeros.
    """
    kept = keep.sum().to(torch.promote_types(dtype, torch.float32))
    return torch.where(kept > 0, kept / keep.numel(), 1.0).to(dtype)


def unreached(no_seed: Tensor, blocks: list[int]) -> Tensor:
    """True where all of the next `blocks` entries along the last axes are True.

    Along an axis the output is block - 1 shorter. The window doubles, so that an axis costs about
    log2(block) passes over one byte per unit. A step along an axis is one shift of all memory: it
    also joins the end of a row with the start of the next, in places that the output leaves out.
    """
    sides, strides = list(no_seed.shape), no_seed.stride()
    memory = no_seed.flatten()
    for axis, block in enumerate(blocks, start=no_seed.ndim - len(blocks)):
        width = 1
        while width < block:
            step = min(width, block - width)
            shift = step * strides[axis]
            memory = memory[: len(memory) - shift] & memory[shift:]
            width += step
        sides[axis] -= block - 1
    return memory.as_strided(sides, strides)
