"""Sort, pages and forms by address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.core.errors import FieldError, Forbidden, Malformed
from leaderboard.ui.forms import Form
from leaderboard.ui.paging import Sort, decode_cursor, encode_cursor

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
)


@given(st.lists(scalars, min_size=1, max_size=5).map(tuple))
def test_a_cursor_comes_back_as_it_went(values):
    text = encode_cursor(values)
    assert decode_cursor(text, len(values)) == values
    assert text.replace("-", "").replace("_", "").isalnum(), "goes into an address as it is"


@given(st.text(max_size=700))
def test_no_text_is_read_as_a_cursor_by_accident(text):
    try:
        found = decode_cursor(text, 2)
    except Malformed:
        return
    assert len(found) == 2


@pytest.mark.parametrize("text", ["", "e30", "W10", "WzFd", "W1sxXSwyXQ", "!!", "W" * 6000, "[" * 90])
def test_a_damaged_cursor_is_refused(text):
    with pytest.raises(Malformed):
        decode_cursor(text, 2)


def test_sorting_is_read_written_and_toggled():
    default = Sort("place")
    assert Sort.parse("-score", {"score", "place"}, default) == Sort("score", descending=True)
    assert Sort.parse(None, {"score"}, default) is default
    assert str(Sort("score", descending=True)) == "-score"
    assert Sort("score", descending=True).toggled("score") == "score"
    assert Sort("score").toggled("team") == "team"
    assert Sort("score").toggled("entries", descending_first=True) == "-entries"
    assert Sort("score").aria("score") == "ascending"
    assert Sort("score").aria("team") is None


def test_an_unknown_column_is_named_with_those_that_exist():
    with pytest.raises(Malformed) as refused:
        Sort.parse("-password", {"team", "score"}, Sort("score"))
    assert refused.value.params == {"key": "password", "allowed": "score, team"}


def test_a_refused_form_keeps_what_was_typed_but_no_secrets():
    error = Malformed("x", "Some are wrong.", fields=[FieldError("email", "No mail address.")])
    form = Form.refused({"email": "a@", "password": "hush", "token": "t", "file": object()}, error)
    assert form.values == {"email": "a@"}
    assert form.error("email").message == "No mail address."
    assert form.error("name") is None


def test_an_error_without_fields_stands_for_the_form():
    form = Form.refused({}, Forbidden("x", "Not {what}.", what="now"))
    assert [(fault.field, fault.message, fault.params) for fault in form.errors] == [
        ("", "Not {what}.", {"what": "now"})
    ]


def test_a_default_is_no_answer_once_the_form_was_sent():
    assert Form().value("news", "yes") == "yes"
    assert Form({"email": "a@b.example"}).value("news", "yes") == "", "an unticked box was left unticked"
