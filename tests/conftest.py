"""Settings of every test: property-based tests repeat exactly and leave no files behind."""

from hypothesis import settings

settings.register_profile("book", derandomize=True, database=None, deadline=None, max_examples=60)
settings.load_profile("book")
