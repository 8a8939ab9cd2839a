"""What the owner of a file says of its columns: which plays which part, what they mean, in which unit.

The types are derived from the file and are not asked for: a wish would be held against the values, and a wish that follows from the
values is met by all of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Final

from leaderboard.core.errors import FieldError
from leaderboard.core.i18n import N_
from leaderboard.submissions.service import plain

ROLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "id": N_("Names the record"),
        "label": N_("What models learn"),
        "text": N_("The text"),
        "time": N_("When the record was made"),
        "group": N_("What belongs together: a person, a device, a flight"),
        "annotator": N_("Who labelled"),
        "latitude": N_("Latitude"),
        "longitude": N_("Longitude"),
        "altitude": N_("Altitude"),
    }
)
"""The parts that a column may play, as `challenges.dataset_report` knows them."""
TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "string": N_("text"),
        "integer": N_("whole number"),
        "number": N_("decimal number"),
        "boolean": N_("true or false"),
        "date": N_("date"),
        "datetime": N_("moment"),
        "nested": N_("nested"),
    }
)
OF_KIND: Final[Mapping[str, str]] = MappingProxyType(
    {kind: kind for kind in TYPES} | {"unsigned": "integer", "text": "string"}
)
"""The type of a column by the kind that a quality report calls it."""
MOST_ASKED: Final = 60
"""Columns that the form asks about; further ones keep what was derived."""
LONGEST_UNIT: Final = 40
LONGEST_ABOUT: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. ``type`` is a key of `TYPES`; ``role`` one of `ROLES`, "" for none that is known."""

    name: str
    type: str
    role: str = ""
    unit: str = ""
    about_en: str = ""
    about_zh: str = ""


def read(kept: Sequence[Mapping[str, Any]]) -> tuple[Column, ...]:
    """As they are kept with a version."""
    return tuple(Column(**one) for one in kept)


def kept(columns: Sequence[Column]) -> list[dict[str, Any]]:
    """As a version keeps them."""
    return [asdict(column) for column in columns]


def roles_of(columns: Sequence[Column]) -> dict[str, str]:
    """Column by role."""
    return {column.role: column.name for column in columns if column.role}


def derived(found: Sequence[Mapping[str, Any]], before: Sequence[Column]) -> tuple[Column, ...]:
    """The columns that were found in a file. Those that an older version had keep what was said of them, and the parts they played
    unless another column plays them.
    """
    known = {column.name: column for column in before}
    kept_roles = {column.role for column in before if column.role and column.name in {one["name"] for one in found}}
    return tuple(_derived(one, known.get(one["name"]), kept_roles) for one in found)


def _derived(found: Mapping[str, Any], before: Column | None, kept_roles: set[str]) -> Column:
    role = found["role"] if found["role"] in ROLES and found["role"] not in kept_roles else ""
    if before is None:
        return Column(name=found["name"], type=found["type"], role=role)
    return Column(
        name=found["name"], type=found["type"], role=before.role or role,
        unit=before.unit, about_en=before.about_en, about_zh=before.about_zh,
    )  # fmt: skip


def typed(columns: Sequence[Column], form: Mapping[str, str]) -> tuple[Column, ...]:
    """The columns with what a form says of the first `MOST_ASKED`: ``role-3`` and so on, counted from 0."""
    return tuple(
        Column(
            name=column.name, type=column.type, role=_text(form, f"role-{place}"), unit=_text(form, f"unit-{place}"),
            about_en=_text(form, f"about_en-{place}"), about_zh=_text(form, f"about_zh-{place}"),
        )
        if place < MOST_ASKED else column
        for place, column in enumerate(columns)
    )  # fmt: skip


def faults(columns: Sequence[Column]) -> Iterator[FieldError]:
    """What is wrong with what was typed."""
    taken: dict[str, str] = {}
    for place, column in enumerate(columns):
        if column.role and column.role not in ROLES:
            yield FieldError(f"role-{place}", N_("Choose one of the parts"))
        elif column.role in taken:
            message = N_("The column “{name}” plays this part already; one column for each")
            yield FieldError(f"role-{place}", message, {"name": taken[column.role]})
        elif column.role and column.type == "nested":
            yield FieldError(f"role-{place}", N_("A column of lists or objects can play no part"))
        if column.role:
            taken.setdefault(column.role, column.name)
        for name, text, most in (
            ("unit", column.unit, LONGEST_UNIT),
            ("about_en", column.about_en, LONGEST_ABOUT),
            ("about_zh", column.about_zh, LONGEST_ABOUT),
        ):
            if len(text) > most:
                yield FieldError(f"{name}-{place}", N_("At most {most} characters"), {"most": most})


def _text(form: Mapping[str, str], name: str) -> str:
    return " ".join(plain(form.get(name, "")).split())
