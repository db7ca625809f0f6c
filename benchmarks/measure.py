"""Seconds per call of one contestant in this process, and bytes that a call holds."""

import gc
import math
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.autograd.graph import saved_tensors_hooks

SHORTEST = 0.005  # seconds; shorter calls are timed several in a row
LONGEST = 0.4  # seconds that are timed in a process, but for one long call
MOST = 25  # turns

Call = Callable[[], Any]


def seconds_per_call(call: Call, clock: Callable[[], float] = time.perf_counter) -> float:
    """The median of several turns, each of one call or, if it is short, of several in a row.

    Two calls come before the first turn: one that builds, compiles and fills caches, and one that
    tells how long a turn has to be. A long call is timed once, and that is the second one.

    Args:
        call: What is timed.
        clock: Seconds from any origin.
    """
    gc.collect()
    gc.disable()
    try:
        call()
        once = turn(call, 1, clock)
        if once >= LONGEST:
            return once
        count = math.ceil(SHORTEST / once) if once > 0 else 1
        times: list[float] = []
        while len(times) < MOST and count * sum(times) < LONGEST:
            times.append(turn(call, count, clock))
        return statistics.median(times)
    finally:
        gc.enable()


def turn(call: Call, count: int, clock: Callable[[], float]) -> float:
    start = clock()
    for _ in range(count):
        call()
    return (clock() - start) / count


def saved_bytes(forward: Call, inputs: list[torch.Tensor]) -> int:
    """What `forward` keeps in memory for backward besides its inputs and parameters."""
    known = {tensor.untyped_storage().data_ptr() for tensor in inputs}
    kept: dict[int, int] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in known:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with saved_tensors_hooks(pack, lambda tensor: tensor):
        output = forward()  # alive until here, so that no address is used twice
    del output
    return sum(kept.values())


def peak_bytes(call: Call) -> int:
    """The most bytes of tensors that `call` has allocated at one time, its result included."""
    with torch.profiler.profile(
        activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True
    ) as profile:
        result = call()
    del result
    events = profile.profiler.kineto_results.events()
    steps = sorted((e.start_ns(), e.nbytes()) for e in events if e.name() == "[memory]")
    held = np.cumsum([0, *(step for _, step in steps)])
    return int(held.max())
