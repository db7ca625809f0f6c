"""Faults are planted one at a time, those that tests catch are told from the others, and kept."""

import ast
import json
import subprocess

import mutate
import pytest
from mutations import mutants

CODE = '''"""Arithmetic."""

def scaled(x: int, factor=2):
    """x times the factor, at most 10."""
    if x < 0:
        raise ValueError(f"x must be {0 + 0} or more, got {x + 0}")
    return min(x * factor, 10)

def said(x):
    print(x, sep="", end="!", flush=True)
    return not x
'''
TESTS = """
from package.code import said, scaled

def test_scaled():
    assert [scaled(x) for x in (0, 1, 3)] == [0, 2, 6]

def test_said(capsys):
    assert said(1) is False
    assert capsys.readouterr().out == "1!"
"""
WING = mutate.Wing("package", ("tests",))
FAULTS = {
    "scaled: x < 0 -> (x <= 0)",
    "scaled: x < 0 -> (not (x < 0))",
    "scaled: 0 -> 1",
    "scaled: 2 -> 3",
    "scaled: x * factor -> (x / factor)",
    "scaled: 10 -> 11",
    "scaled: return min(x * factor, 10) -> return None",
    'said: print(x, sep="", end="!", flush=True) -> pass',
    'said: print(x, sep="", end="!", flush=True) -> print(x, end=\'!\', flush=True)',
    'said: print(x, sep="", end="!", flush=True) -> print(x, sep=\'\', flush=True)',
    "said: print(x, sep=\"\", end=\"!\", flush=True) -> print(x, sep='', end='!')",
    "said: True -> False",
    "said: return not x -> return None",
    "said: not x -> (x)",
}
MISSED = {
    "scaled: 10 -> 11",
    'said: print(x, sep="", end="!", flush=True) -> print(x, end=\'!\', flush=True)',
    "said: print(x, sep=\"\", end=\"!\", flush=True) -> print(x, sep='', end='!')",
    "said: True -> False",
}


@pytest.fixture
def project(tmp_path):
    for path, text in {
        "package/__init__.py": "",
        "package/code.py": CODE,
        "tests/test_code.py": TESTS,
        "tests/test_other.py": "def test_nothing():\n    assert True\n",
        ".gitignore": "_build\n",
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    return tmp_path


def test_all_faults_of_a_file(project):
    made = mutants(project, "package/code.py")
    assert {str(fault).removeprefix("package/code.py ") for fault in made} == FAULTS
    assert len({fault.key for fault in made}) == len(made)
    for fault in made:
        ast.parse(fault.source)
        assert fault.source.splitlines()[fault.line - 1] != CODE.splitlines()[fault.line - 1]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a <= b", "(a < b)"),
        ("a is b", "(a is not b)"),
        ("a not in b", "(a in b)"),
        ("a and b", "(a or b)"),
        ("a // b", "(a * b)"),
        ("a ** b", "(a * b)"),
        ("-a", "(a)"),
        ("a if b else c", "a if (not b) else c"),
        ("é + a", "(é - a)"),
    ],
)
def test_one_fault(tmp_path, before, after):
    (tmp_path / "code.py").write_text(f"x = {before}\n")
    (fault,) = mutants(tmp_path, "code.py")
    assert ast.unparse(ast.parse(fault.source)) == ast.unparse(ast.parse(f"x = {after}"))


def test_equal_faults_have_names_of_their_own(tmp_path):
    (tmp_path / "code.py").write_text("x = 1, 1\nx += y\n")
    assert [str(fault) for fault in mutants(tmp_path, "code.py")] == [
        "code.py module: 1 -> 2",
        "code.py module (2): 1 -> 2",
        "code.py module: x += y -> x -= y",
    ]


def test_what_no_test_catches_is_named_and_tried_again(project):
    found = mutate.score(project, WING, 99, 2, ())
    missed = {fault.removeprefix("package/code.py ") for fault in found["not caught"]}
    assert missed == MISSED
    assert (found["faults"], found["tried"], found["caught"]) == (14, 14, 10)
    assert found["score"] == 0.714
    assert (project / "package/code.py").read_text() == CODE
    (project / "tests/test_other.py").write_text(
        "from package.code import scaled\n\ndef test_most():\n    assert scaled(9) == 10\n"
    )
    tried = []
    survivors = mutate.survivors
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mutate, "survivors", lambda *a: tried.extend(a[2]) or survivors(*a))
        again = mutate.score(project, WING, 99, 1, ())
    assert {str(fault) for fault in tried} == set(found["not caught"])
    assert again["caught"] == 11


def test_equivalent_ones_are_left_out_and_samples_are_kept(project):
    every = [str(fault) for fault in mutate.every_fault(project, WING)]
    equivalent = [fault for fault in every if fault.removeprefix("package/code.py ") in MISSED]
    found = mutate.score(project, WING, 4, 1, equivalent)
    assert (found["tried"], found["caught"], found["not caught"]) == (4, 4, [])
    (project / "package/code.py").write_text("# moved\n\n" + CODE)
    assert [str(fault) for fault in mutate.every_fault(project, WING)] == every


SHARED = """
import pytest
from package.code import scaled

@pytest.fixture(scope="module")
def two():
    return scaled(1)

def test_two(two):
    assert two == 2

def test_nothing(tmp_path):
    assert tmp_path
"""


def test_the_tests_that_run_a_function_are_known_and_files_where_they_share_a_fixture(project):
    (project / "tests/test_shared.py").write_text(SHARED)
    data = mutate.reached_by(project, WING)
    found = {}
    for fault in mutate.every_fault(project, WING):
        found.setdefault(fault.place, set()).update(mutate.reaching(data, project, fault))
    assert found == {
        "scaled": {"tests/test_code.py::test_scaled", "tests/test_shared.py"},
        "said": {"tests/test_code.py::test_said"},
    }


def test_a_fault_that_hangs_is_caught(project):
    (project / "package/code.py").write_text("x = 3\nwhile x > 0:\n    x -= 1\n")
    (project / "tests/test_code.py").write_text(
        "import package.code\n\ndef test_x():\n    assert package.code.x == 0\n"
    )
    (hangs,) = [fault for fault in mutate.every_fault(project, WING) if fault.after == "x += 1"]
    assert mutate.survivors(project, WING, [hangs], 1) == []


def test_tests_that_fail_without_a_fault_are_refused(project):
    (project / "tests/test_other.py").write_text("def test_nothing():\n    assert False\n")
    with pytest.raises(SystemExit, match="tests must pass before a fault is planted"):
        mutate.score(project, WING, 99, 1, ())
    assert not list((project / "_build").rglob("*"))


def test_tests_of_the_same_name_come_first():
    files = mutate.test_files(mutate.ROOT, mutate.WINGS["layers"], "dropoutbook/layers/standout.py")
    assert files[0] == "tests/layers/test_standout.py"
    assert "tests/layers/test_dropout.py" in files
    files = mutate.test_files(mutate.ROOT, mutate.WINGS["layers"], "layers/parts/block_mask.py")
    assert files[0] == "tests/layers/test_drop_block.py"


def test_an_unknown_wing(capsys):
    with pytest.raises(SystemExit):
        mutate.main(["roof"])
    assert "derive, layers, models, lab, site; got roof" in capsys.readouterr().err


def test_saved_scores_reach_the_goal():
    scores = json.loads((mutate.ROOT / "audit/mutants.json").read_text())
    assert scores.keys() == mutate.WINGS.keys()
    for score in scores.values():
        assert score["tried"] == mutate.SAMPLE
        assert score["caught"] / score["tried"] >= mutate.GOAL
        assert len(score["not caught"]) == score["tried"] - score["caught"]
