"""Seconds a call, with all contestants taking turns, and bytes that a call holds."""

import gc
import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch.autograd.graph import saved_tensors_hooks

SHORTEST = 0.005  # seconds; shorter calls are timed several in a row
FEWEST = 3  # rounds, however long they take

Call = Callable[[], Any]


def take_turns(
    calls: Mapping[str, Call],
    rounds: int = 25,
    seconds: float = 12.0,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
    """Seconds a call in each round, by name.

    In each round every contestant has one turn, and a round begins with another contestant than
    the last. Before the first round each is called twice, untimed. A short call is made once
    before each turn, untimed, since it would pay for the memory that the one before it returned.

    Args:
        calls: What is timed, by name.
        rounds: How many rounds at most.
        seconds: No round begins later than this after the first, once there are FEWEST.
        clock: Seconds from any origin.
    """
    gc.collect()
    gc.disable()
    try:
        counts = {name: _calls_a_turn(call, clock) for name, call in calls.items()}
        times: dict[str, list[float]] = {name: [] for name in calls}
        names, start = list(calls), clock()
        for turn in range(rounds):
            if turn >= FEWEST and clock() - start > seconds:
                break
            first = turn % len(names)
            for name in names[first:] + names[:first]:
                if counts[name] > 1:
                    calls[name]()
                times[name].append(_turn(calls[name], counts[name], clock))
        return times
    finally:
        gc.enable()


def _calls_a_turn(call: Call, clock: Callable[[], float]) -> int:
    call()  # builds, compiles, fills caches
    once = _turn(call, 1, clock)
    return max(1, math.ceil(SHORTEST / once)) if once > 0 else 1


def _turn(call: Call, count: int, clock: Callable[[], float]) -> float:
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
