"""Buttons that lead to the repository are there if it is known, and not before."""

from types import SimpleNamespace

from bookpages.repository import LAUNCH, add_buttons


def options(**given):
    add_buttons(None, SimpleNamespace(html_theme_options=given))
    return given


def test_without_an_address_there_are_no_buttons():
    assert options(repository_url="") == {"repository_url": ""}
    assert options() == {}


def test_an_address_brings_buttons_to_launch_edit_and_report():
    found = options(repository_url="https://example.org/book", repository_branch="main")
    assert found.pop("launch_buttons") == LAUNCH
    buttons = {name for name, value in found.items() if value is True}
    assert buttons == {f"use_{name}_button" for name in ("repository", "edit_page", "issues")}
    assert found["repository_branch"] == "main"
