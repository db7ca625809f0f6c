"""What is stored of a study is what its code does: the toy plan gives the numbers that it gave."""

import json

import pytest

from studies.record import FOLDER, HASHES, code, module, names, rounded, rows

STUDIES = [name for name in names() if (FOLDER / f"{name}.json").exists()]  # carried out
CLOSE = 1e-3  # relative; other CPUs round otherwise, and a changed mask moves more than that


def stored(name):
    return json.loads((FOLDER / f"{name}.json").read_text("utf8"))


def same(found, kept):
    """Equal, with numbers as close as another CPU brings them; seconds are nobody's business."""
    if isinstance(found, dict):
        keys = set(found) - {"seconds"}
        return keys == set(kept) - {"seconds"} and all(same(found[k], kept[k]) for k in keys)
    if isinstance(found, list):
        return len(found) == len(kept) and all(map(same, found, kept))
    return found == (pytest.approx(kept, rel=CLOSE) if isinstance(kept, float) else kept)


@pytest.mark.parametrize("name", STUDIES)
def test_results_are_those_of_the_code(name, tmp_path):
    assert stored(name)["code"] == code(name), f"make study STUDY={name}"
    assert stored(name)["protocol"] == module(name).__doc__
    toy = rows(name, "TOY", tmp_path)
    assert toy
    assert same(toy, stored(name)["toy"]), f"make study STUDY={name}"


@pytest.mark.parametrize("name", STUDIES)
def test_results_have_every_network_once(name):
    content, data = stored(name), module(name).DATA
    seconds = sum(row["seconds"] for row in content["rows"])
    assert content["data"] == json.loads(json.dumps({each: HASHES[each] for each in data}))
    assert content["seconds"] == pytest.approx(seconds, rel=0.01)
    assert all(content["rows"].count(row) == 1 for row in content["rows"])


def test_a_changed_number_is_seen():
    kept = {"seed": 0, "error": [1.0, 2.0], "seconds": 3.0}
    assert same({"seed": 0, "error": [1.0, 2.0 + 1e-6], "seconds": 5.0}, kept)
    assert not same({"seed": 0, "error": [1.0, 2.01], "seconds": 3.0}, kept)
    assert not same({"seed": 1, "error": [1.0, 2.0], "seconds": 3.0}, kept)
    assert not same({"seed": 0, "error": [1.0], "seconds": 3.0}, kept)


def test_numbers_are_kept_with_five_digits_and_names_as_text():
    assert rounded({1: (0.1234567, True, "a", 12)}) == {"1": [0.12346, True, "a", 12]}
