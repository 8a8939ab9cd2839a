"""What the owner of a file says of its columns: which plays which part, what they mean, in which unit.

The types of a file that is here are derived from it and are not asked for: a wish would be held against the values, and a wish that
follows from the values is met by all of them. Of a file that is kept elsewhere the owner says all, a line for each column.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Final

from leaderboard.core.errors import FieldError
from leaderboard.core.i18n import LOCALES, N_, translate
from leaderboard.datasets.typed import Typed, spelled
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
MOST: Final = 1_000
"""Columns of a file that is kept elsewhere."""
MOST_WRONG: Final = 20
"""So many wrong lines are named; whoever has more will look at all of them."""
LONGEST_NAME: Final = 200
LONGEST_UNIT: Final = 40
LONGEST_ABOUT: Final = 300
HAN: Final = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. ``type`` is a key of `TYPES`, "" where nobody said; ``role`` one of `ROLES`, "" for none that is known."""

    name: str
    type: str = ""
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


# Of a file that is kept elsewhere


def lines(columns: Sequence[Column], locale: str) -> str:
    """The columns as they stand in the form: name, type, unit and meanings of each, the type in the reader's language."""
    return "\n".join(_line(column, locale) for column in columns)


def _line(column: Column, locale: str) -> str:
    kind = translate(locale, TYPES[column.type]) if column.type else ""
    parts = (column.name, kind, column.unit, *filter(None, (column.about_zh, column.about_en)))
    return " | ".join(part.replace("|", "/") for part in parts).rstrip(" |")


def of_lines(typed: Typed, name: str) -> tuple[Column, ...]:
    """One column a line: name, type, unit, meaning in one language or both; all but the name may be left out.

    They are parted by ``|`` where there is one, since names may hold commas, and else by commas. Faults are with ``typed``.
    """
    kinds = {spelled(word): key for key, label in TYPES.items() for word in (key, *_in_both(label))}
    found: dict[str, Column] = {}
    wrong = 0
    for number, line in typed.lines(name):
        column = _of_line(line, kinds)
        fault = _fault_of_line(column, found, kinds)
        if fault is None:
            found[column.name] = column
            continue
        typed.wrong(name, fault, line=number, value=column.name[:60], kind=column.type[:60])
        wrong += 1
        if wrong == MOST_WRONG:
            break
    if len(found) > MOST:
        typed.wrong(name, N_("At most {most} columns"), most=MOST)
    return tuple(found.values())


def _in_both(label: str) -> tuple[str, ...]:
    return tuple(translate(locale, label) for locale in LOCALES)


def _of_line(line: str, kinds: Mapping[str, str]) -> Column:
    """A type that is none stays as it was written, to be complained of."""
    parts = line.split("|") if "|" in line else re.split("[,，]", line, maxsplit=3)
    name, kind, unit, *rest = [part.strip() for part in parts] + [""] * 3
    abouts: dict[str, list[str]] = {"zh": [], "en": []}
    for text in filter(None, rest):
        abouts["zh" if HAN.search(text) else "en"].append(text)
    said = {locale: " ".join(texts) for locale, texts in abouts.items()}
    return Column(name=name, type=kinds.get(spelled(kind), kind), unit=unit, about_zh=said["zh"], about_en=said["en"])


def _fault_of_line(column: Column, found: Mapping[str, Column], kinds: Mapping[str, str]) -> str | None:
    if not column.name or len(column.name) > LONGEST_NAME or len(column.unit) > LONGEST_UNIT:
        return N_("Line {line}: write a name first, then a type and a unit")
    if max(len(column.about_zh), len(column.about_en)) > LONGEST_ABOUT:
        return N_("Line {line}: the meaning of “{value}” is too long")
    if column.type and column.type not in kinds.values():
        return N_("Line {line}: “{kind}” is no type of column")
    return N_("Line {line}: the column “{value}” stands there already") if column.name in found else None
