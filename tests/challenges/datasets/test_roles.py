"""Which column is what: said, or guessed with caution."""

import polars as pl
import pytest

from challenges.datasets.roles import NAMES, WORDS, Roles, guess
from tests.challenges.datasets.handed import the


def guessed(**columns):
    return guess(Roles(), pl.DataFrame(columns))


@pytest.mark.parametrize(
    ("columns", "role", "name"),
    [
        ({"ID": ["1", "2"]}, "id", "ID"),
        ({"记录编号": ["1", "2"]}, "id", "记录编号"),
        ({"id": ["1", "1"]}, "id", None),
        ({"id": [[1], [2]]}, "id", None),
        ({"Label ": ["a", "b"]}, "label", "Label "),
        ({"label": ["a", "b"], "target": ["c", "d"]}, "label", None),
        ({"labels_are_here": ["a", "b"]}, "label", None),
        ({"评论": ["好", "差"]}, "text", "评论"),
        ({"text": [1, 2]}, "text", None),
        ({"content": ["a.png", "b.png"]}, "text", None),
        ({"file_name": ["a.png", "b.JPG", None, ""]}, "image", "file_name"),
        ({"file_name": ["a.png", "b.wav"]}, "image", None),
        ({"file-name": ["a.wav", "b.wav"]}, "audio", "file-name"),
        ({"image": ["", None]}, "image", None),
        ({"采集时间": ["2026-01-01", ""]}, "time", "采集时间"),
        ({"split": ["train", "test"] * 3}, "split", "split"),
        ({"usage": [str(number) for number in range(30)]}, "split", None),
        ({"patient_id": ["1", "1"]}, "group", "patient_id"),
        ({"标注员": ["甲", "乙"]}, "annotator", "标注员"),
        ({"Lat": [1.5, 2.5]}, "latitude", "Lat"),
        ({"经度": [1.5, 2.5]}, "longitude", "经度"),
        ({"altitude_ft": [1000, 1200]}, "altitude", "altitude_ft"),
    ],
)
def test_guesses(columns, role, name):
    roles = guessed(**columns)
    assert getattr(roles, role) == name
    assert (role in roles.guessed) == (name is not None)


def test_one_column_has_one_role():
    roles = guessed(key=["1", "2"], file=["a.png", "b.png"], label=["x", "y"])
    named = [getattr(roles, role) for role in NAMES if getattr(roles, role)]
    assert len(named) == len(set(named)) == 3
    known = guess(Roles(text="label"), pl.DataFrame({"label": ["a", "b"], "class": ["c", "d"]}))
    assert (known.text, known.label, known.guessed) == ("label", "class", frozenset({"label"}))


def test_words_are_written_as_they_are_compared():
    assert set(WORDS) == {*NAMES} - {"boxes"}
    for words in WORDS.values():
        assert all(word == word.casefold() and not set(word) & set(" _-.") for word in words)


def test_the_card_is_believed(counter):
    files = {"a.csv": "id,label,b\n1,x,p\n2,y,p\n", "dataset.toml": '[roles]\nlabel = "b"\nid = "label"\n'}
    roles = counter.open(files).roles
    assert (roles.label, roles.id, roles.guessed) == ("b", "label", frozenset())
    findings = counter.refused({**files, "dataset.toml": '[roles]\nlabel = "lable"\n'})
    finding = the(findings, "package.no_such_column_near")
    assert (finding.place, finding.params["nearest"]) == ('dataset.toml:2 roles.label = "lable"', "label")
