"""The last line of `make test` says what passed, and nothing passes that did not run."""

import sys

import check
import pytest

SKIPS = "import pytest\ndef test_one(): pytest.skip('no browser')"
TESTS = {
    "passes": ("def test_one(): pass\ndef test_two(): pass", "passed", "2 passes"),
    "fails": ("def test_one(): pass\ndef test_two(): assert 0", "failed", "2 (1 failed) fails"),
    "skips one": (f"{SKIPS}\ndef test_two(): pass", "passed", "2 (1 skipped) skips one"),
    "skips all": (SKIPS, "skipped", "skips all (no browser)"),
    "is empty": ("", "failed", "0 is empty"),
    "does not start": ("import nothing_of_that_name", "failed", "1 (1 failed) does not start"),
}


@pytest.mark.parametrize("name", TESTS)
def test_a_step_with_pytest_counts_its_tests(name, tmp_path, monkeypatch):
    text, status, line = TESTS[name]
    monkeypatch.setattr(check, "REPORTS", tmp_path)
    (tmp_path / "test_it.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"]
    monkeypatch.chdir(tmp_path)
    assert check.run(name, command) == (status, line)


@pytest.mark.parametrize(("code", "status"), [("0", "passed"), ("3", "failed")])
def test_another_step_passes_if_it_exits_with_0(code, status):
    command = [sys.executable, "-c", f"raise SystemExit({code})"]
    assert check.run("style", command) == (status, "style")


def test_one_failing_step_fails_the_whole_and_the_others_still_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    steps = {name: [sys.executable, "-c", f"raise SystemExit({name == 'b'})"] for name in "abc"}
    monkeypatch.setattr(check, "STEPS", steps)
    assert check.main() == 1
    assert capsys.readouterr().out.endswith("\nFAILED: b\n")
    assert check.main(["c"]) == 0
    assert capsys.readouterr().out.endswith("\nAll passed: c\n")
    del steps["b"]
    assert check.main() == 0
    assert capsys.readouterr().out.endswith("\nAll passed: a, c\n")


def test_what_was_skipped_is_no_success(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(check, "STEPS", {"a": [], "b": []})
    results = iter([("passed", "3 a"), ("skipped", "b (no browser)")])
    monkeypatch.setattr(check, "run", lambda name, command: next(results))
    assert check.main() == 0
    assert capsys.readouterr().out.endswith("\nAll passed: 3 a; SKIPPED: b (no browser)\n")
