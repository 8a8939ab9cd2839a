"""Descriptions in JSON and TOML: strict, placed, and never the end of the process."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from challenges.datasets.describing import Described, read_json, read_toml
from challenges.findings import Finding
from tests.challenges.datasets.handed import errors, said, the


@pytest.mark.parametrize(
    ("text", "message", "more"),
    [
        ('{\n "a": 1,\n "b" 2}', "dataset.json_damaged", {"line": 3}),
        ('{"a": 1, "b": {"c": 1, "c": 2}}', "dataset.json_twice", {"params": {"name": "c"}}),
        ('{"a": NaN}', "dataset.json_nan", {"params": {"word": "NaN"}}),
        ('{"a": -Infinity}', "dataset.json_nan", {"params": {"word": "-Infinity"}}),
        ("[" * 70 + "]" * 70, "dataset.json_deep", {}),
        ("[" * 100_000, "dataset.json_deep", {}),
        ("[" + "9" * 5000 + "]", "dataset.json_number", {}),
        ('["\\ud800"]', "dataset.json_half_character", {}),
        ("", "dataset.json_damaged", {"line": 1}),
    ],
)
def test_json_that_readers_would_disagree_on(text, message, more):
    found = read_json(text.encode(), "x.json")
    assert isinstance(found, Finding)
    assert (found.id, found.file) == (message, "x.json")
    assert more.items() <= found.model_dump().items()
    assert said(found)


def test_other_encodings_are_refused_with_the_line():
    found = read_json('{"a":\n "é"}'.encode("latin-1"), "x.json")
    assert isinstance(found, Finding)
    assert (found.id, found.line) == ("package.not_utf8", 2)


def test_what_is_written_is_read_with_its_place():
    found = read_json('\ufeff{"a": [{"b": "\\u732b", "n": 1e3}]}'.encode(), "x.json")
    assert isinstance(found, Described)
    finding = found.finding("x", ("a", 0, "b"))
    assert finding.place == 'x.json a[0].b = "猫"'
    assert found.at(("a", 1)) is None
    assert found.at(("a", "b", 0)) is None


def test_toml_knows_its_lines():
    found = read_toml(b'a = 1\n[roles]\n# comment\nlabel = "x"\n', "dataset.toml")
    assert isinstance(found, Described)
    assert found.finding("x", ("roles", "label")).place == 'dataset.toml:4 roles.label = "x"'
    assert found.unknown(("roles", "lable"), ("label", "id")).params["nearest"] == "label"


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("a = [\n1", "package.toml_unclosed", 2),
        ("a = 1\na = 2", "package.toml_twice", 2),
        ("a", "package.toml_no_equals", 1),
    ],
)
def test_toml_that_is_broken_is_placed_in_the_file(text, message, line):
    found = read_toml(text.encode(), "dataset.toml")
    assert isinstance(found, Finding)
    assert (found.id, found.file, found.line) == (message, "dataset.toml", line)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


@given(values)
def test_every_sound_value_comes_back(value):
    found = read_json(json.dumps(value).encode(), "x.json")
    if isinstance(found, Finding):
        assert found.id == "dataset.json_half_character"
    else:
        assert found.value == value


@given(st.binary(max_size=60))
def test_no_bytes_raise_anything(data):
    for found, file in ((read_json(data, "x.json"), "x.json"), (read_toml(data, "x.toml"), "x.toml")):
        assert not isinstance(found, Finding) or (found.level, found.file) == ("error", file)


@pytest.mark.parametrize("name", ["datapackage.json", "dataset.json", "schema.json"])
def test_descriptions_that_are_broken_refuse_the_dataset(counter, name):
    findings = counter.refused({name: '{"a": 1, "a": 2}', "a.csv": "id\n1\n2\n"})
    assert errors(findings) == ["dataset.json_twice"]
    assert the(findings, "dataset.json_twice").file == name
