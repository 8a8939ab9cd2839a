"""What a single value in a `challenge.toml` may be: one validator per form, each refusing with a message id and its params.

The validators are used by `challenges.definition` only. A refusal is a `PydanticCustomError` whose type is the message id.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import Any, LiteralString
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import JsonValue, ValidationInfo
from pydantic_core import PydanticCustomError

from challenges.facets import MODALITIES, ROLES, SECTORS, TASKS
from challenges.licences import LICENCES

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
VERSION = re.compile(r"(?:0|[1-9]\d{0,5})(?:\.(?:0|[1-9]\d{0,5})){2}")
LONGEST_SLUG, LONGEST_NAME, LONGEST_PATH, LONGEST_WORDS = 60, 100, 200, 600
LATER_TYPES = ("labels", "boxes", "mask")
YEARS = range(1970, 9999)
"""Years whose dates can be told in every zone."""
SHANGHAI = ZoneInfo("Asia/Shanghai")


def refusal(message: LiteralString, **params: str | float) -> PydanticCustomError:
    """A refusal that carries a message id and params instead of a sentence."""
    return PydanticCustomError(message, message, params)


def nearest(word: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    """The known word most like `word`, or an empty string when none is."""
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.6)), "")


def guess(message: str, word: str, known: Mapping[str, object] | tuple[str, ...]) -> tuple[str, dict[str, JsonValue]]:
    """The message for a word that is not among the known ones, with what was perhaps meant: `<id>_near` if there is such."""
    near = nearest(word, known)
    params: dict[str, JsonValue] = {"name": word, "nearest": near, "known": ", ".join(known)}
    return f"{message}_near" if near else message, params


def slug(value: str) -> str:
    """Small letters, digits and single hyphens; it becomes part of addresses and file names."""
    if not SLUG.fullmatch(value) or len(value) > LONGEST_SLUG:
        raise refusal("package.not_a_slug", longest=LONGEST_SLUG)
    return value


def version(value: str) -> str:
    """MAJOR.MINOR.PATCH without leading zeros."""
    if not VERSION.fullmatch(value):
        raise refusal("package.not_a_version")
    return value


def words(value: str) -> str:
    """A line of text for people: not blank, no control characters, not endless."""
    if not value.strip():
        raise refusal("package.blank")
    if len(value) > LONGEST_WORDS:
        raise refusal("package.too_long", longest=LONGEST_WORDS, length=len(value))
    if not value.replace("\n", " ").isprintable():
        raise refusal("package.unprintable")
    return value


def name(value: str) -> str:
    """The name of a column: printable, not blank, no space at either end."""
    if not value or value != value.strip() or not value.isprintable():
        raise refusal("package.not_a_name")
    if len(value) > LONGEST_NAME:
        raise refusal("package.too_long", longest=LONGEST_NAME, length=len(value))
    return value


def path(value: str) -> str:
    """A path inside the package, written with forward slashes: never absolute, never upward."""
    bare = value.removesuffix("/")
    if not is_inner_path(bare):
        raise refusal("package.not_a_path", longest=LONGEST_PATH)
    return value


def is_inner_path(value: str) -> bool:
    """Whether `value` names something inside a folder, the same thing on every system."""
    parts = PurePosixPath(value).parts
    return bool(
        value
        and len(value) <= LONGEST_PATH
        and value.isprintable()
        and not set(value) & set('\\:*?"<>|')
        and not value.startswith("/")
        and ".." not in parts
        and "/".join(parts) == value
        and not any(part.endswith((" ", ".")) or part.startswith(" ") for part in parts)
    )


def one_or_many(value: Any) -> Any:
    """A single name stands for a list of one."""
    return (value,) if isinstance(value, str) else value


def label(value: Any) -> Any:
    """A class may be written as a whole number; it is text from then on."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def share(value: float) -> float:
    """A part of the rows: neither none nor all of them."""
    if not 0 < value < 1:
        raise refusal("package.not_a_share")
    return value


def gate(value: Any) -> Any:
    """The limit of a gate on a share, or false: the gate is off."""
    if value is False:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise refusal("package.not_a_gate")
    return float(value)


def column_type(value: Any) -> Any:
    """A type that the format knows but this version cannot score is said to be so, instead of unknown."""
    if isinstance(value, str) and value in LATER_TYPES:
        raise refusal("package.type_not_yet", type=value)
    return value


def instant(value: Any, info: ValidationInfo) -> Any:
    """A moment with an offset. Without one it is refused, showing what it would mean in the two likely zones."""
    if isinstance(value, str) and info.mode == "json":
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise refusal("package.not_a_date") from None
    if isinstance(value, str):
        raise refusal("package.date_quoted", written=value[:40])
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time.min)
    if not isinstance(value, datetime) or value.year not in YEARS:
        raise refusal("package.not_a_date")
    if value.tzinfo is None:
        in_shanghai = value.replace(tzinfo=SHANGHAI)
        raise refusal(
            "package.date_no_offset",
            as_utc=utc(value.replace(tzinfo=UTC)),
            as_shanghai=utc(in_shanghai),
            written_utc=f"{value.isoformat()}+00:00",
            written_shanghai=in_shanghai.isoformat(),
        )
    return value


def utc(moment: datetime) -> str:
    """The instant as people compare it: `2026-12-01 01:00:00 UTC`.

    >>> utc(datetime.fromisoformat("2026-12-01T09:00:00+08:00"))
    '2026-12-01 01:00:00 UTC'
    """
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def zone(value: str) -> str:
    """A time zone of the IANA list."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise refusal("package.not_a_zone") from None
    return value


def licence(value: str) -> str:
    """An SPDX identifier of the list, or "custom"."""
    return _listed(value, ("custom", *LICENCES), "package.licence_unknown")


def sector(value: str) -> str:
    return _listed(value, SECTORS, "package.not_listed")


def task(value: str) -> str:
    return _listed(value, TASKS, "package.not_listed")


def modality(value: str) -> str:
    return _listed(value, MODALITIES, "package.not_listed")


def role(value: str) -> str:
    return _listed(value, ROLES, "package.not_listed")


def _listed(value: str, known: Mapping[str, object] | tuple[str, ...], message: str) -> str:
    if value not in known:
        message, params = guess(message, value, known)
        raise PydanticCustomError(message, message, params)
    return value
