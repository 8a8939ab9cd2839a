"""The form of a demand: from what was typed to what it says, and back. `written(values(w))` gives `w` again.

Every box and line has a name of its own, so that the form works in any browser and comes back as it was typed.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from challenges.facets import MODALITIES, SECTORS
from challenges.findings import Finding
from leaderboard.core.errors import FieldError
from leaderboard.core.i18n import LOCALES, N_, translate
from leaderboard.datasets.typed import Typed, shown
from leaderboard.exchange.demands.content import TEXTS, Written
from leaderboard.terms import demand as terms
from leaderboard.terms.demand import Demand, FieldWanted, Floor, GradeFloor, MeasureFloor, RankFloor
from leaderboard.terms.forms import TermsRefused
from leaderboard.terms.messages import MESSAGES
from leaderboard.terms.words import (
    ACTIONS,
    DELIVERIES,
    DUTIES,
    FACTORS,
    FIELD_TYPES,
    GRADES,
    MUSTS,
    PURPOSES,
    SIZES,
)

Values = dict[str, str]
MOST_ROWS: Final = terms.MOST_FLOORS
SPARE_ROWS: Final = 3
BOXES: Final[Mapping[str, Collection[str]]] = {
    "sector": SECTORS,
    "modality": MODALITIES,
    "must": MUSTS,
    "action": ACTIONS,
    "purpose": PURPOSES,
    "duty": DUTIES,
    "delivery": DELIVERIES,
    "required": DELIVERIES,
}
_PARTS: Final = ("least", "ideal", "most")
_MUST_WORDS: Final = frozenset({"must", "required", "必须", "必需"})
_NICE_WORDS: Final = frozenset({"welcome", "optional", "可选", "最好"})
_PLACES: Final = {
    "sizes": "size-rows-least",
    "budget": "budget_high",
    "period": "period_first",
    "usage": "usage_regions",
    "usage.until": "usage_until",
    "delivery": "delivery-download",
    "floors": "floor-0-measure",
    "indicators": "indicator-0-measure",
    "weights": "weight-relevance",
    "musts": "must-modality",
    "sectors": "sector-scientific-research",
    "modalities": "modality-table",
}


def written(form: Mapping[str, str]) -> tuple[Written, list[FieldError]]:
    """What the form says, and what of its facts is wrong; where something is, its part is as if it had been left empty."""
    typed = Typed(form)
    document = _document(typed)
    said = replace(texts(form), document=document, invited=typed.words("invited"))
    return said, typed.faults


def texts(form: Mapping[str, str]) -> Written:
    """Only the texts of a form, for its first step."""
    typed = Typed(form)
    title_zh, title_en, need_zh, need_en = map(typed.text, TEXTS)
    return Written(title_zh=title_zh, title_en=title_en, need_zh=need_zh, need_en=need_en)


def _document(typed: Typed) -> Demand:
    said = {name: part for name, part in _parts(typed).items() if part is not None}
    try:
        return terms.read(json.dumps(said, default=date.isoformat))
    except TermsRefused as refused:
        for finding in refused.findings:
            typed.wrong(place(finding), MESSAGES[finding.id], **finding.params)
        return Demand()


def place(finding: Finding) -> str:
    """The field of the form that a finding is about."""
    key = finding.key or ""
    head = key.partition(".")[0]
    return _PLACES.get(key) or _PLACES.get(head, head)


def _parts(typed: Typed) -> dict[str, Any]:
    boxes = {name: typed.boxes(name, keys) for name, keys in BOXES.items()}
    return {
        "kind": typed.text("kind") or None,
        "sectors": boxes["sector"],
        "task": typed.text("task") or None,
        "modalities": boxes["modality"],
        "languages": typed.words("languages"),
        "regions": typed.words("regions", upper=True),
        "period": {"first": typed.day("period_first"), "last": typed.day("period_last")},
        "sizes": list(_sizes(typed)),
        "fields": list(_fields(typed)),
        "floors": [floor for _, floor in _floors(typed, "floor")],
        "certificate": typed.ticked("certificate"),
        "usage": {
            "actions": boxes["action"],
            "purposes": boxes["purpose"],
            "regions": typed.words("usage_regions", upper=True),
            "industries": boxes["sector"] if typed.ticked("own_sectors") else [],
            "since": typed.day("usage_since"),
            "until": typed.day("usage_until"),
            "cannot": boxes["duty"],
        },
        "region": typed.text("region").upper() or None,
        "security": typed.text("security") or None,
        "personal": typed.text("personal") or None,
        "exclusive": typed.ticked("exclusive"),
        "budget": _budget(typed),
        "delivery": {"any_of": boxes["delivery"], "required": boxes["required"]},
        "deadline": typed.day("deadline"),
        "indicators": [
            {"floor": floor, "note": typed.text(f"indicator-{at}-note")} for at, floor in _floors(typed, "indicator")
        ],
        "visibility": typed.text("visibility") or None,
        "musts": boxes["must"],
        "weights": dict(_weights(typed)),
    }


def _sizes(typed: Typed) -> Iterator[dict[str, Any]]:
    for unit in SIZES:
        amounts = {part: typed.amount(f"size-{unit}-{part}") for part in _PARTS}
        if any(amount is not None for amount in amounts.values()):
            yield {"unit": unit, **amounts}


def _budget(typed: Typed) -> dict[str, Any] | None:
    low, high = typed.amount("budget_low"), typed.amount("budget_high")
    hidden = typed.ticked("budget_hidden")
    if low is None and high is None and not hidden:
        return None
    return {"low": low, "high": high, "currency": typed.text("currency") or "CNY", "hidden": hidden}


def _weights(typed: Typed) -> Iterator[tuple[str, float]]:
    for factor in FACTORS:
        weight = typed.amount(f"weight-{factor}")
        if weight is not None and weight != terms.USUAL_WEIGHT:
            yield factor, weight


def _fields(typed: Typed) -> Iterator[dict[str, Any]]:
    """One a line: name, type, unit, must or welcome; commas of both languages. A field that says neither is a must."""
    for line in typed.text("fields").split("\n"):
        parts = [part.strip() for part in re.split(r"[,，]", line)]
        if not parts[0]:
            continue
        said: dict[str, Any] = {"name": parts[0], "type": None, "unit": None, "must": True}
        for part in filter(None, parts[1:]):
            word = part.casefold()
            if word in _MUST_WORDS or word in _NICE_WORDS:
                said["must"] = word in _MUST_WORDS
            elif word in _TYPES and said["type"] is None:
                said["type"] = _TYPES[word]
            elif said["unit"] is None:
                said["unit"] = part
            else:
                typed.wrong(
                    "fields",
                    N_("The line of “{name}” has more than a type, a unit, and must or welcome"),
                    name=parts[0],
                )
                break
        yield said


_TYPES: Final = {
    name.casefold(): key
    for key, label in FIELD_TYPES.items()
    for name in (key, *(translate(locale, label) for locale in LOCALES))
}


def _floors(typed: Typed, kind: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows that are filled in, with their number. A share may be written with a per cent sign."""
    for at in range(MOST_ROWS):
        measure, limit = typed.text(f"{kind}-{at}-measure"), typed.text(f"{kind}-{at}-limit")
        if not measure and not limit:
            continue
        if not measure or not limit:
            typed.wrong(
                f"{kind}-{at}-{'limit' if measure else 'measure'}",
                N_("Choose what is measured, and say how good it must be"),
            )
        elif measure == "grade":
            if limit.upper() in GRADES:
                yield at, {"kind": "grade", "grade": limit.upper()}
            else:
                typed.wrong(f"{kind}-{at}-limit", N_("Write a grade: {grades}"), grades=", ".join(reversed(GRADES)))
        else:
            number = typed.limit(f"{kind}-{at}-limit")
            if number is not None and measure == "rank":
                yield at, {"kind": "rank", "limit": number}
            elif number is not None:
                yield at, {"kind": "measure", "measure": measure, "limit": number}


# And back


def values(said: Written) -> Values:
    """The form that says this; boxes that are not ticked and lines that are empty are left out."""
    demand = said.document
    ticked: dict[str, Sequence[str]] = {
        "sector": demand.sectors,
        "modality": demand.modalities,
        "must": demand.musts,
        "action": demand.usage.actions,
        "purpose": demand.usage.purposes,
        "duty": demand.usage.cannot,
        "delivery": demand.delivery.any_of,
        "required": demand.delivery.required,
    }
    found = {f"{name}-{key}": "yes" for name, keys in ticked.items() for key in keys}
    found |= {name: getattr(said, name) for name in TEXTS}
    found |= {name: text for name, text in _single(said).items() if text}
    for size in demand.sizes:
        found |= {f"size-{size.unit}-{part}": shown(getattr(size, part)) for part in _PARTS}
    for at, floor in enumerate(demand.floors):
        found |= _row("floor", at, floor)
    for at, one in enumerate(demand.indicators):
        found |= _row("indicator", at, one.floor) | {f"indicator-{at}-note": one.note}
    found |= {f"weight-{factor}": shown(demand.weight(factor)) for factor in FACTORS}
    return found


def _single(said: Written) -> dict[str, str]:
    demand, budget = said.document, said.document.budget
    return {
        "kind": demand.kind,
        "task": demand.task or "",
        "languages": ", ".join(demand.languages),
        "regions": ", ".join(demand.regions),
        "period_first": _iso(demand.period.first),
        "period_last": _iso(demand.period.last),
        "fields": "\n".join(_line(field) for field in demand.fields),
        "certificate": "yes" if demand.certificate else "",
        "usage_regions": ", ".join(demand.usage.regions),
        "own_sectors": "yes" if demand.usage.industries else "",
        "usage_since": _iso(demand.usage.since),
        "usage_until": _iso(demand.usage.until),
        "region": demand.region,
        "security": demand.security or "",
        "personal": demand.personal or "",
        "exclusive": "yes" if demand.exclusive else "",
        "budget_low": shown(budget.low) if budget else "",
        "budget_high": shown(budget.high) if budget else "",
        "currency": budget.currency if budget else "",
        "budget_hidden": "yes" if budget and budget.hidden else "",
        "deadline": _iso(demand.deadline),
        "visibility": demand.visibility,
        "invited": "\n".join(said.invited),
    }


def _row(kind: str, at: int, floor: Floor) -> Values:
    match floor:
        case GradeFloor():
            measure, limit = "grade", str(floor.grade)
        case RankFloor():
            measure, limit = "rank", shown(floor.limit)
        case MeasureFloor():
            measure, limit = floor.measure, shown(floor.limit)
    return {f"{kind}-{at}-measure": measure, f"{kind}-{at}-limit": limit}


def _line(field: FieldWanted) -> str:
    return ", ".join(filter(None, (field.name, field.type, field.unit, "must" if field.must else "welcome")))


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
