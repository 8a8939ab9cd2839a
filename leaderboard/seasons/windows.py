"""Windows as an organizer writes them: local times read in a stated zone, checked together, all faults at once."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from challenges.definition import Definition
from leaderboard.core.errors import FieldError, Malformed
from leaderboard.core.i18n import N_
from leaderboard.seasons.models import Phase

MOST_PHASES: Final = 12
MOST_PER_DAY: Final = 100_000
MOST_TOTAL: Final = 1_000_000
MOST_PICKS: Final = 100
LONGEST_TITLE: Final = 80
DEFAULT_LENGTH: Final = timedelta(days=30)

_KEY: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_WRITTEN: Final = re.compile(r"(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2})?)\s*(Z|[+-]\d{2}:?\d{2})?")


@dataclass(frozen=True, slots=True)
class PhasePlan:
    """A window as it shall be. Instants are aware; ``per_day`` and ``total`` None: no limit."""

    key: str
    opens_at: datetime
    closes_at: datetime
    title_en: str = ""
    title_zh: str = ""
    per_day: int | None = None
    total: int | None = None
    zone: str = "Asia/Shanghai"
    picks: int = 2

    @classmethod
    def of(cls, phase: Phase) -> "PhasePlan":
        """The plan that a stored phase fulfils."""
        return cls(**{name: getattr(phase, name) for name in cls.__slots__})


def zone_known(zone: str) -> bool:
    """Whether this is a zone of the IANA list (not a path or a file beside it)."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return zone in available_timezones()


def read_local(text: str, zone: str, field: str) -> datetime | FieldError:
    """The instant, in UTC, that ``2026-12-01 09:00`` means in ``zone``, or what is wrong with it.

    An offset may follow and then decides. A time that the zone skips or has twice (its clocks change) is refused, with
    both readings, instead of guessed.
    """
    match = _WRITTEN.fullmatch(text.strip())
    try:
        written = datetime.fromisoformat(f"{match[1]}T{match[2]}") if match else None
        if written is not None and match is not None and match[3]:
            return datetime.fromisoformat(f"{match[1]}T{match[2]}{match[3]}").astimezone(UTC)
        if written is not None and written.year > 1:
            return _in_zone(written, zone, field)
    except (ValueError, OverflowError):
        pass  # a date that no calendar has: the sentence below says what is expected
    return FieldError(field, N_("“{value}” is no date and time. Write it like 2026-12-01 09:00."), {"value": text[:40]})


def _in_zone(written: datetime, zone: str, field: str) -> datetime | FieldError:
    first, second = (written.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    params = {"value": f"{written:%Y-%m-%d %H:%M}", "zone": zone}
    if first.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) != written:
        return FieldError(
            field, N_("{value} does not exist in {zone}: the clocks go forward then. Choose another time."), params
        )
    readings = {
        "first": first.isoformat(sep=" ", timespec="minutes"),
        "second": second.isoformat(sep=" ", timespec="minutes"),
    }
    return FieldError(
        field,
        N_("{value} comes twice in {zone}: the clocks go back then. Write {first} or {second}."),
        params | readings,
    )


def write_local(instant: datetime, zone: str) -> str:
    """How :func:`read_local` would want it: without an offset where that is clear."""
    local = instant.astimezone(ZoneInfo(zone))
    to = "seconds" if local.second else "minutes"
    plain = local.replace(tzinfo=None).isoformat(sep=" ", timespec=to)
    return plain if read_local(plain, zone, "") == instant else local.isoformat(sep=" ", timespec=to)


def planned(definition: Definition, now: datetime) -> list[PhasePlan]:
    """The windows that a package proposes; one of thirty days from the next full hour when it proposes none."""
    limits, picks = definition.limits, definition.board.final.picked
    if not definition.phases:
        opens = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        plan = PhasePlan(
            "open", opens, opens + DEFAULT_LENGTH, "", "", limits.per_day, limits.total, limits.zone, picks
        )
        return [plan]
    return [
        PhasePlan(
            key=phase.key,
            opens_at=phase.opens.astimezone(UTC),
            closes_at=phase.closes.astimezone(UTC),
            title_en=phase.title.en if phase.title else "",
            title_zh=phase.title.zh if phase.title else "",
            per_day=phase.per_day or limits.per_day,
            total=phase.total or limits.total,
            zone=limits.zone,
            picks=picks,
        )
        for phase in definition.phases
    ]


def checked(plans: Sequence[PhasePlan]) -> list[PhasePlan]:
    """The plans in order of time. Raises Malformed with a field error for everything that is wrong.

    Fields are named ``phases-<position>-<name>``, as in the form.
    """
    errors = list(_faults(plans))
    ordered = sorted(plans, key=lambda plan: plan.opens_at)
    for before, after in pairwise(ordered):
        if after.opens_at < before.closes_at:
            message = N_(
                "The phases “{first}” and “{second}” overlap. A phase begins when the one before it has ended."
            )
            params = {"first": before.key, "second": after.key}
            errors.append(FieldError(f"phases-{plans.index(after)}-opens", message, params))
    if errors:
        raise Malformed("seasons.phases", N_("Some of the phases cannot be as they are written."), fields=errors)
    return ordered


def _faults(plans: Sequence[PhasePlan]) -> Iterable[FieldError]:
    if not 1 <= len(plans) <= MOST_PHASES:
        yield FieldError("", N_("A challenge has 1 to {most} phases."), {"most": MOST_PHASES})
    keys: dict[str, int] = {}
    for position, plan in enumerate(plans):
        field = f"phases-{position}-{{}}".format
        if not _KEY.fullmatch(plan.key) or len(plan.key) > 40:
            yield FieldError(
                field("key"), N_("A phase's short name has small letters, digits and hyphens, such as open.")
            )
        elif keys.setdefault(plan.key, position) != position:
            yield FieldError(field("key"), N_("There are two phases with the short name {key}."), {"key": plan.key})
        if plan.closes_at <= plan.opens_at:
            yield FieldError(field("closes"), N_("A phase ends after it begins."))
        if not zone_known(plan.zone):
            yield FieldError(
                "zone", N_("“{value}” is no time zone. Write it like Asia/Shanghai."), {"value": plan.zone[:40]}
            )
        if max(len(plan.title_en), len(plan.title_zh)) > LONGEST_TITLE:
            yield FieldError(
                field("title_en"), N_("A phase's title has at most {most} characters."), {"most": LONGEST_TITLE}
            )
        yield from _quota_faults(plan, field)


def _quota_faults(plan: PhasePlan, field: Callable[[str], str]) -> Iterable[FieldError]:
    for name, value, most in (
        ("per_day", plan.per_day, MOST_PER_DAY),
        ("total", plan.total, MOST_TOTAL),
        ("picks", plan.picks, MOST_PICKS),
    ):
        if value is not None and not 1 <= value <= most:
            params = {"value": value, "most": most}
            yield FieldError(field(name), N_("{value} is outside 1 to {most}."), params)
    if plan.per_day is not None and plan.total is not None and plan.per_day > plan.total:
        yield FieldError(field("per_day"), N_("A day's quota cannot be larger than that of the whole phase."))


def from_form(values: Mapping[str, str], zone: str) -> list[PhasePlan]:
    """The plans in a sent form: fields ``phases-0-key``, ``-opens``, ``-closes``, ``-title_en``, … ``-remove``.

    A phase whose fields are all empty, or that is marked for removal, is left out. Raises Malformed with every fault.
    """
    if not zone_known(zone):
        fault = FieldError("zone", N_("“{value}” is no time zone. Write it like Asia/Shanghai."), {"value": zone[:40]})
        raise Malformed("seasons.phases", N_("Some of the phases cannot be as they are written."), fields=[fault])
    plans: list[PhasePlan] = []
    errors: list[FieldError] = []
    for position in range(MOST_PHASES + 1):
        row = {name: values.get(f"phases-{position}-{name}", "").strip() for name in _FORM_FIELDS}
        if row["remove"] or not any(row[name] for name in ("key", "opens", "closes")):
            continue
        plan, wrong = _from_row(row, zone, position)
        errors += wrong
        if plan is not None:
            plans.append(plan)
    if errors:
        raise Malformed("seasons.phases", N_("Some of the phases cannot be as they are written."), fields=errors)
    return plans


_FORM_FIELDS: Final = ("key", "title_en", "title_zh", "opens", "closes", "per_day", "total", "picks", "remove")


def _from_row(row: Mapping[str, str], zone: str, position: int) -> tuple[PhasePlan | None, list[FieldError]]:
    field = f"phases-{position}-{{}}".format
    found: dict[str, datetime | int | None] = {}
    errors: list[FieldError] = []
    for name in ("opens", "closes"):
        instant = read_local(row[name], zone, field(name))
        if isinstance(instant, FieldError):
            errors.append(instant)
        else:
            found[name] = instant
    for name in ("per_day", "total", "picks"):
        if not re.fullmatch(r"[0-9]{0,9}", row[name]) or (name == "picks" and not row[name]):
            errors.append(FieldError(field(name), N_("“{value}” is no whole number."), {"value": row[name][:40]}))
        else:
            found[name] = int(row[name]) if row[name] else None
    if errors:
        return None, errors
    plan = PhasePlan(
        key=row["key"],
        opens_at=found["opens"],  # type: ignore[arg-type]  # filled above, or errors is not empty
        closes_at=found["closes"],  # type: ignore[arg-type]
        title_en=row["title_en"],
        title_zh=row["title_zh"],
        per_day=found["per_day"],  # type: ignore[arg-type]
        total=found["total"],  # type: ignore[arg-type]
        zone=zone,
        picks=found["picks"],  # type: ignore[arg-type]
    )
    return plan, []
