"""The form of a demand: from what was typed to what it says, and back. `written(values(w))` gives `w` again.

Every box and line has a name of its own, so that the form works in any browser and comes back as it was typed.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from challenges.facets import MODALITIES, SECTORS
from challenges.findings import Finding
from leaderboard.core.errors import FieldError
from leaderboard.core.i18n import LOCALES, N_, translate
from leaderboard.exchange.demands.content import TEXTS, Written
from leaderboard.submissions.service import plain
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
BOXES: Final[Mapping[str, Iterable[str]]] = {
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
_NUMBER: Final = re.compile(r"(\d{1,19}(?:\.\d{1,12})?)(%?)")
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


class Refusals(list[FieldError]):
    """What is wrong with what was typed, in the order of the form."""

    def add(self, field: str, message: str, **params: Any) -> None:
        self.append(FieldError(field, message, params))


def written(form: Mapping[str, str]) -> tuple[Written, list[FieldError]]:
    """What the form says, and what of its facts is wrong; where something is, its part is as if it had been left empty."""
    wrong = Refusals()
    document = _document(form, wrong)
    said = replace(texts(form), document=document, invited=tuple(dict.fromkeys(_words(form, "invited"))))
    return said, wrong


def line(form: Mapping[str, str], name: str) -> str:
    """One text of a form."""
    return _text(form, name)


def texts(form: Mapping[str, str]) -> Written:
    """Only the texts of a form, for its first step."""
    title_zh, title_en, need_zh, need_en = (_text(form, name) for name in TEXTS)
    return Written(title_zh=title_zh, title_en=title_en, need_zh=need_zh, need_en=need_en)


def _document(form: Mapping[str, str], wrong: Refusals) -> Demand:
    said = {name: part for name, part in _parts(form, wrong).items() if part is not None}
    try:
        return terms.read(json.dumps(said))
    except TermsRefused as refused:
        for finding in refused.findings:
            wrong.add(place(finding), MESSAGES[finding.id], **finding.params)
        return Demand()


def place(finding: Finding) -> str:
    """The field of the form that a finding is about."""
    key = finding.key or ""
    head = key.partition(".")[0]
    return _PLACES.get(key) or _PLACES.get(head, head)


def _parts(form: Mapping[str, str], wrong: Refusals) -> dict[str, Any]:
    boxes = {name: [key for key in keys if form.get(f"{name}-{key}")] for name, keys in BOXES.items()}
    return {
        "kind": _text(form, "kind") or None,
        "sectors": boxes["sector"],
        "task": _text(form, "task") or None,
        "modalities": boxes["modality"],
        "languages": list(dict.fromkeys(_words(form, "languages"))),
        "regions": list(dict.fromkeys(word.upper() for word in _words(form, "regions"))),
        "period": {"first": _day(form, "period_first", wrong), "last": _day(form, "period_last", wrong)},
        "sizes": list(_sizes(form, wrong)),
        "fields": list(_fields(form, wrong)),
        "floors": [floor for _, floor in _floors(form, "floor", wrong)],
        "certificate": bool(form.get("certificate")),
        "usage": {
            "actions": boxes["action"],
            "purposes": boxes["purpose"],
            "regions": list(dict.fromkeys(word.upper() for word in _words(form, "usage_regions"))),
            "industries": boxes["sector"] if form.get("own_sectors") else [],
            "since": _day(form, "usage_since", wrong),
            "until": _day(form, "usage_until", wrong),
            "cannot": boxes["duty"],
        },
        "region": _text(form, "region").upper() or None,
        "security": _text(form, "security") or None,
        "personal": _text(form, "personal") or None,
        "exclusive": bool(form.get("exclusive")),
        "budget": _budget(form, wrong),
        "delivery": {"any_of": boxes["delivery"], "required": boxes["required"]},
        "deadline": _day(form, "deadline", wrong),
        "indicators": [
            {"floor": floor, "note": _text(form, f"indicator-{at}-note")}
            for at, floor in _floors(form, "indicator", wrong)
        ],
        "visibility": _text(form, "visibility") or None,
        "musts": boxes["must"],
        "weights": dict(_weights(form, wrong)),
    }


def _sizes(form: Mapping[str, str], wrong: Refusals) -> Iterator[dict[str, Any]]:
    for unit in SIZES:
        amounts = {part: _number(form, f"size-{unit}-{part}", wrong) for part in _PARTS}
        if any(amount is not None for amount in amounts.values()):
            yield {"unit": unit, **amounts}


def _budget(form: Mapping[str, str], wrong: Refusals) -> dict[str, Any] | None:
    low, high = _number(form, "budget_low", wrong), _number(form, "budget_high", wrong)
    hidden = bool(form.get("budget_hidden"))
    if low is None and high is None and not hidden:
        return None
    return {"low": low, "high": high, "currency": _text(form, "currency") or "CNY", "hidden": hidden}


def _weights(form: Mapping[str, str], wrong: Refusals) -> Iterator[tuple[str, float]]:
    for factor in FACTORS:
        weight = _number(form, f"weight-{factor}", wrong)
        if weight is not None and weight != terms.USUAL_WEIGHT:
            yield factor, weight


def _fields(form: Mapping[str, str], wrong: Refusals) -> Iterator[dict[str, Any]]:
    """One a line: name, type, unit, must or welcome; commas of both languages. A field that says neither is a must."""
    for line in _text(form, "fields").split("\n"):
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
                wrong.add(
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


def _floors(form: Mapping[str, str], kind: str, wrong: Refusals) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows that are filled in, with their number. A share may be written with a per cent sign."""
    for at in range(MOST_ROWS):
        measure, limit = _text(form, f"{kind}-{at}-measure"), _text(form, f"{kind}-{at}-limit")
        if not measure and not limit:
            continue
        if not measure or not limit:
            wrong.add(
                f"{kind}-{at}-{'limit' if measure else 'measure'}",
                N_("Choose what is measured, and say how good it must be"),
            )
        elif measure == "grade":
            if limit.upper() in GRADES:
                yield at, {"kind": "grade", "grade": limit.upper()}
            else:
                wrong.add(f"{kind}-{at}-limit", N_("Write a grade: {grades}"), grades=", ".join(reversed(GRADES)))
        else:
            number = _number(form, f"{kind}-{at}-limit", wrong)
            if number is not None and measure == "rank":
                yield at, {"kind": "rank", "limit": number}
            elif number is not None:
                yield at, {"kind": "measure", "measure": measure, "limit": number}


def _number(form: Mapping[str, str], name: str, wrong: Refusals) -> float | None:
    text = re.sub(r"[\s,，_]", "", _text(form, name)).replace("％", "%")
    if not text:
        return None
    found = _NUMBER.fullmatch(text)
    if found is None:
        wrong.add(name, N_("Write a number such as 50000 or 0.02, or leave it empty"))
        return None
    return round(float(found[1]) / 100, 12) if found[2] else float(found[1])


def _day(form: Mapping[str, str], name: str, wrong: Refusals) -> str | None:
    text = _text(form, name)
    if not text:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        wrong.add(name, N_("Write a day such as 2027-03-31, or leave it empty"))
        return None


def _words(form: Mapping[str, str], name: str) -> list[str]:
    return re.findall(r"[^\s,，、;；]+", _text(form, name))


def _text(form: Mapping[str, str], name: str) -> str:
    return plain(form.get(name, "").replace("\r\n", "\n")).strip()


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


def shown(amount: float | None) -> str:
    """A number as a form shows it: whole ones without a point.

    >>> shown(50000.0), shown(0.02), shown(None)
    ('50000', '0.02', '')
    """
    if amount is None:
        return ""
    return str(int(amount)) if amount == int(amount) else f"{amount:.12f}".rstrip("0")
