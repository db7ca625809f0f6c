"""The last line of `make test` says what passed, and nothing passes that did not run."""

import sys

import check
import pytest

TESTS = {
    "passes": ("def test_one(): pass\ndef test_two(): pass", True, "2 passes"),
    "fails": ("def test_one(): pass\ndef test_two(): assert 0", False, "2 (1 failed) fails"),
    "skips": ("import pytest\ndef test_one(): pytest.skip('no')", True, "1 (1 skipped) skips"),
    "is empty": ("", False, "0 is empty"),
    "does not start": ("import nothing_of_that_name", False, "1 (1 failed) does not start"),
}


@pytest.mark.parametrize("name", TESTS)
def test_a_step_with_pytest_counts_its_tests(name, tmp_path, monkeypatch):
    text, passed, line = TESTS[name]
    monkeypatch.setattr(check, "REPORTS", tmp_path)
    (tmp_path / "test_it.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"]
    monkeypatch.chdir(tmp_path)
    assert check.run(name, command) == (passed, line)


@pytest.mark.parametrize(("code", "passed"), [("0", True), ("3", False)])
def test_another_step_passes_if_it_exits_with_0(code, passed):
    command = [sys.executable, "-c", f"raise SystemExit({code})"]
    assert check.run("style", command) == (passed, "style")


def test_one_failing_step_fails_the_whole_and_the_others_still_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    steps = {name: [sys.executable, "-c", f"raise SystemExit({name == 'b'})"] for name in "abc"}
    monkeypatch.setattr(check, "STEPS", steps)
    assert check.main() == 1
    assert capsys.readouterr().out.endswith("\nFAILED: b\n")
    del steps["b"]
    assert check.main() == 0
    assert capsys.readouterr().out.endswith("\nAll passed: a, c\n")
