import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.entries import names


@pytest.mark.parametrize(
    "name", ["数据队", "A1", "Équipe 7", "深圳·鹏城 AI", "<b>bold</b>", "O'Neill & Sons", "=1+1", "Ünï çödé"]
)
def test_readable_names_stand(name: str):
    assert names.fault(name, "name") is None


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "characters"),
        ("x", "characters"),
        ("x" * 41, "characters"),
        ("ﷺ" * 20, "characters"),
        ("data\u202eatad", "cannot be seen"),
        ("a\u200bb", "cannot be seen"),
        ("a\x00b", "cannot be seen"),
        ("da\ue000ta", "cannot be seen"),
        ("ab\u3164", "cannot be seen"),
        ("…!?", "letter or a digit"),
        ("z\u0300\u0301\u0302a", "marks"),
    ],
)
def test_what_cannot_be_read_is_refused(name: str, said: str):
    fault = names.fault(name, "team_name")
    assert fault is not None
    assert fault.field == "team_name"
    assert said in fault.message.format(**fault.params)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Data Team", "data  TEAM"),
        ("Ｄａｔａ", "data"),
        ("é1", "e\u03011"),
        ("ﬁn", "FIN"),
        ("Straße", "STRASSE"),
        ("２队", "2队"),
    ],
)
def test_names_that_look_the_same_share_a_key(one: str, other: str):
    assert names.name_key(one) == names.name_key(other)


@given(st.text(max_size=60))
def test_the_key_is_stable_under_everything_it_ignores(name: str):
    key = names.name_key(name)
    assert names.name_key(key) == key
    assert names.name_key(unicodedata.normalize("NFD", name)) == key
    assert names.name_key(f"  {name}\n") == key


@given(st.text(max_size=60))
def test_a_name_that_stands_is_one_visible_line(name: str):
    if names.fault(name, "name") is None:
        assert names.cleaned(name).isprintable()
