"""Faults of fields are told in both languages, and no kind breaks the telling."""

from datetime import datetime
from typing import Annotated, Literal

import pytest
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from leaderboard.core.i18n import translate
from leaderboard.core.malformed import field_errors


class Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(min_length=2, max_length=4)] = "abc"
    count: Annotated[int, Field(ge=1, lt=10)] = 1
    kind: Literal["a", "b"] = "a"
    at: AwareDatetime | None = None
    when: datetime | None = None
    odd: Annotated[str, Field(pattern="^x{2}$")] = "xx"
    many: frozenset[int] = frozenset()


def told(locale: str, **values: object) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        Sent.model_validate(values)
    faults = [{**fault, "loc": ("body", *fault["loc"])} for fault in caught.value.errors()]
    return [(fault.field, translate(locale, fault.message, **dict(fault.params))) for fault in field_errors(faults)]


@pytest.mark.parametrize(
    ("values", "field", "english", "chinese"),
    [
        ({"name": "a"}, "name", "At least 2 characters are needed.", "至少需要2个字符。"),
        ({"name": "abcde"}, "name", "At most 4 characters fit.", "最多4个字符。"),
        ({"count": 0}, "count", "This must be at least 1.", "不得小于1。"),
        ({"count": 10}, "count", "This must be less than 10.", "必须小于10。"),
        ({"count": "x"}, "count", "This must be a whole number.", "此项应为整数。"),
        ({"kind": "c"}, "kind", "This must be one of: 'a', 'b'.", "只能是以下之一：'a', 'b'。"),
        ({"odd": "y"}, "odd", "This has another form than ^x{2}$.", "格式不符合^x{2}$。"),
        ({"more": 1}, "more", "There is no such field.", "没有这个字段。"),
    ],
)
def test_a_fault_is_told_in_both_languages(values, field, english, chinese):
    assert told("en", **values) == [(field, english)]
    assert told("zh", **values) == [(field, chinese)]


def test_every_fault_is_told_at_once():
    assert [field for field, _ in told("en", name="", count="x", kind=1)] == ["name", "count", "kind"]


def test_a_kind_without_a_sentence_of_ours_keeps_its_own():
    [(field, said)] = told("en", many="x{y}")
    assert field == "many"
    assert said.startswith("This cannot be read: ")
