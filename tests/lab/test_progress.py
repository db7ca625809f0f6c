"""A bar that short runs do not show, and long ones do not leave behind."""

from dropoutbook.lab import progress as module


def test_a_bar_comes_late_and_goes_at_the_end(monkeypatch):
    asked = {}
    monkeypatch.setattr(module, "tqdm", lambda items, **options: asked.update(options) or items)
    assert module.progress([1, 2], "run", total=2) == [1, 2]
    assert asked == {"unit": "run", "delay": 3, "leave": False, "total": 2}
