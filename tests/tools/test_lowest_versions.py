"""The constraints of the job that installs the lowest versions."""

import tomllib

import lowest_versions
import pytest


def test_every_dependency_has_a_lowest_version():
    project = tomllib.loads(lowest_versions.PROJECT.read_text("utf8"))["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["book"]
    found = lowest_versions.lowest(wanted)
    assert [one.partition("==")[0] for one in found] == [
        one.split(">=")[0].partition("[")[0] for one in wanted
    ]
    assert "torch==2.8" in found


def test_a_requirement_without_a_lowest_version_is_an_error():
    with pytest.raises(ValueError, match="unpack"):
        lowest_versions.lowest(["torch"])
