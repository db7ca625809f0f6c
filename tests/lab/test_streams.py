"""No two purposes or seeds share a stream."""

from itertools import combinations

import numpy as np
import pytest

from dropoutbook.lab import streams
from dropoutbook.lab.streams import PURPOSES, stream
from tests.checks import assert_refused

SEEDS = (0, 1, 5, 2**32, 2**32 + 1, 2**64)


def apart():
    """Whether the first draws of every purpose of every seed, and of plain seeds, all differ."""
    rngs = [stream(seed, purpose) for seed in SEEDS for purpose in PURPOSES]
    rngs += [np.random.default_rng(seed) for seed in SEEDS]
    draws = [rng.integers(2**63, size=4) for rng in rngs]
    return all(set(one).isdisjoint(other) for one, other in combinations(draws, 2))


def test_no_two_streams_share_a_draw():
    assert apart()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda seed, *, spawn_key: np.random.SeedSequence([seed, *spawn_key]),  # pads with 0
        lambda seed, *, spawn_key: np.random.SeedSequence(seed + spawn_key[0]),
        lambda seed, *, spawn_key: np.random.SeedSequence(seed),
    ],
)
def test_shared_streams_are_caught(monkeypatch, wrong):
    right = np.random.SeedSequence
    monkeypatch.setattr(
        streams.np.random,
        "SeedSequence",
        lambda seed, **options: wrong(seed, **options) if options else right(seed),
    )
    assert not apart()


def test_a_stream_is_the_same_each_time():
    assert stream(3, "order").random() == stream(3, "order").random()


def test_an_unknown_purpose_is_refused():
    assert_refused(lambda: stream(0, "noise"), ValueError, "purpose", "labels", "'noise'")
