"""Settings of every test: each repeats exactly, whatever ran before it, and leaves no files."""

import pytest
import torch
from hypothesis import settings

settings.register_profile("book", derandomize=True, database=None, deadline=None, max_examples=60)
settings.load_profile("book")


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)
