"""A plugin of pytest under coverage.py, which then knows for each line the tests that ran it.

A test that shares a fixture with others stands for its whole file: the fixture ran for the first.
"""

from collections.abc import Iterator

import pytest
from coverage import Coverage


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    fixtures = [each for several in item._fixtureinfo.name2fixturedefs.values() for each in several]
    alone = all(each.scope == "function" for each in fixtures if each.baseid)  # pytest's have none
    Coverage.current().switch_context(item.nodeid if alone else item.nodeid.partition("::")[0])
    return (yield)
