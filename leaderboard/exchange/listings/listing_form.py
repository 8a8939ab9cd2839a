"""The form of a listing: from what was typed to a sheet, with every fault at its field, and back."""

import re
from collections.abc import Mapping
from typing import Any, Final

from challenges.facets import MODALITIES, SECTORS, TASKS
from challenges.findings import Finding
from leaderboard.core.errors import FieldError
from leaderboard.core.i18n import N_, translate
from leaderboard.datasets import usage_form
from leaderboard.datasets.typed import Typed, shown, spelled
from leaderboard.exchange.listings.sheet import Sheet, Wording
from leaderboard.terms import words
from leaderboard.terms.forms import TermsRefused
from leaderboard.terms.listing import Capacity, FieldOffered, Listing, Period, Price, read
from leaderboard.terms.messages import MESSAGES

LANGUAGE: Final = r"[a-z]{2,3}"
LONGEST_NAME: Final = 200
MOST_FIELDS: Final = 1000
MOST_LINES_WRONG: Final = 20
"""So many wrong lines are named; whoever has more will look at the whole list."""
UNSAID: Final = "-"
"""In place of key and supplier, until the listing has them."""
_FIELDS: Final[Mapping[str, str]] = {
    "period": "period_last", "price": "price_model", "sizes": "size-rows", "capacity": "capacity", "policy": "licence",
}  # fmt: skip
"""Where a fault of the whole document is shown, if not at the field of the same name."""


def sheet(form: Mapping[str, str], kind: str) -> Sheet:
    """What was typed about a listing of this kind, with all faults."""
    typed = Typed(form)
    facts = _facts(typed, kind)
    wording = Wording.typed(form)
    blank = Listing(key=UNSAID, version="", supplier=UNSAID, kind=kind)
    if typed.faults:
        return Sheet(wording, blank, tuple(typed.faults))
    try:
        return Sheet(wording, read(blank.model_copy(update=facts).model_dump_json()))
    except TermsRefused as refused:
        return Sheet(wording, blank, tuple(map(_fault, refused.findings)))


def _fault(finding: Finding) -> FieldError:
    part = (finding.key or "fields").split(".")[0]
    return FieldError(_FIELDS.get(part, part), MESSAGES[finding.id], finding.params)


def _facts(typed: Typed, kind: str) -> dict[str, Any]:
    facts = {
        "sector": typed.one("sector", SECTORS),
        "task": typed.one("task", TASKS),
        "modalities": typed.boxes("modality", MODALITIES),
        "languages": typed.codes(
            "languages", LANGUAGE, N_("Write codes such as zh, en or yue, with commas between them")
        ),
        "regions": typed.codes("regions", usage_form.REGION, usage_form.REGION_WRONG, upper=True),
        "deliveries": typed.boxes("delivery", words.DELIVERIES),
        "price": _price(typed),
        "exclusivity": typed.one("exclusivity", words.EXCLUSIVITIES),
        "security": typed.one("security", words.SECURITIES),
        "personal": typed.one("personal", words.PERSONAL),
        "cross_border": typed.one("cross_border", words.CROSSINGS) or "unknown",
        "policy": usage_form.read(typed),
        "receives_from": typed.count("receives_from", 3) or 0,
    }
    if kind != "dataset":
        return facts | {"capacity": _capacity(typed)}
    sizes = {unit: typed.amount(f"size-{unit}") for unit in words.SIZES}
    return facts | {
        "sizes": {unit: amount for unit, amount in sizes.items() if amount is not None},
        "fields": fields(typed),
        "period": _period(typed),
        "updated": typed.day("updated"),
    }


def _period(typed: Typed) -> Period:
    first, last = typed.day("period_first"), typed.day("period_last")
    if first is not None and last is not None and first > last:
        typed.wrong("period_last", N_("The period ends before it begins"))
    return Period(first=first, last=last)


def _price(typed: Typed) -> Price | None:
    model, low, high = typed.one("price_model", words.PRICES), typed.amount("price_low"), typed.amount("price_high")
    currency = typed.one("currency", words.CURRENCIES) or "CNY"
    given = (low is not None, high is not None)
    if model is None:
        if any(given):
            typed.wrong("price_model", N_("There is an amount, so say what kind of price it is"))
        return None
    if model == "fixed" and given != (True, False):
        typed.wrong("price_low", N_("A fixed price has one amount, in the first field"))
    elif model == "range" and given != (True, True):
        typed.wrong("price_low", N_("A price from – to has both amounts"))
    elif model in {"free", "on-request"} and any(given):
        typed.wrong("price_low", N_("What is free or on request has no amount"))
    elif low is not None and high is not None and low > high:
        typed.wrong("price_high", N_("The higher price is below the lower one"))
    else:
        return Price(model=model, low=low, high=high, currency=currency)
    return None


def _capacity(typed: Typed) -> Capacity | None:
    weekly, unit = typed.amount("capacity"), typed.one("capacity_unit", words.SIZES)
    if weekly is None:
        return None
    if unit is None:
        typed.wrong("capacity_unit", N_("Say in which unit the capacity is counted"))
        return None
    return Capacity(weekly=weekly, unit=unit)


def fields(typed: Typed) -> tuple[FieldOffered, ...]:
    """One field a line: name, type, unit; type and unit may be left out, and a type may be named in either language."""
    types = {
        spelled(name): key for key, label in words.FIELD_TYPES.items() for name in (key, label, translate("zh", label))
    }
    found: dict[str, FieldOffered] = {}
    before = len(typed.faults)
    for number, line in typed.lines("fields"):
        name, kind, unit = [part.strip() for part in _parts(line)]
        if not name or len(name) > LONGEST_NAME or len(unit) > LONGEST_NAME:
            typed.wrong("fields", N_("Line {line}: write a name first, then a type and a unit"), line=number)
        elif kind and spelled(kind) not in types:
            typed.wrong("fields", N_("Line {line}: “{value}” is no type of field"), line=number, value=kind[:60])
        elif name in found:
            typed.wrong(
                "fields", N_("Line {line}: the field “{value}” stands there already"), line=number, value=name[:60]
            )
        else:
            found[name] = FieldOffered(name=name, type=types.get(spelled(kind)), unit=unit or None)
        if len(typed.faults) - before == MOST_LINES_WRONG:
            break
    if len(found) > MOST_FIELDS:
        typed.wrong("fields", N_("At most {most} fields"), most=MOST_FIELDS)
    return tuple(found.values())


def _parts(line: str) -> list[str]:
    """Name, type and unit, parted by ``|`` where there is one, since names may hold commas, and else by commas."""
    parts = line.split("|", 2) if "|" in line else re.split("[,，]", line, maxsplit=2)
    return parts + [""] * (3 - len(parts))


def values(wording: Wording, listing: Listing, locale: str) -> dict[str, str]:
    """Words and facts as they stand in the form, names in the reader's language."""
    price, period, capacity = listing.price, listing.period, listing.capacity
    found = {name: getattr(wording, name) for name in Wording.__slots__} | {
        "sector": listing.sector or "",
        "task": listing.task or "",
        "languages": ", ".join(listing.languages),
        "regions": ", ".join(listing.regions),
        "period_first": period.first.isoformat() if period.first else "",
        "period_last": period.last.isoformat() if period.last else "",
        "updated": listing.updated.isoformat() if listing.updated else "",
        "price_model": price.model if price else "",
        "price_low": shown(price.low if price else None),
        "price_high": shown(price.high if price else None),
        "currency": price.currency if price else "CNY",
        "exclusivity": listing.exclusivity or "",
        "security": listing.security or "",
        "personal": listing.personal or "",
        "cross_border": listing.cross_border,
        "receives_from": str(listing.receives_from),
        "capacity": shown(capacity.weekly if capacity else None),
        "capacity_unit": capacity.unit if capacity else "",
        "fields": "\n".join(_line(field, locale) for field in listing.fields),
    }
    found |= {f"size-{unit}": shown(amount) for unit, amount in listing.sizes.items()}
    found |= {f"modality-{key}": "yes" for key in listing.modalities}
    found |= {f"delivery-{key}": "yes" for key in listing.deliveries}
    return found | usage_form.values(listing.policy, locale)


def _line(field: FieldOffered, locale: str) -> str:
    kind = translate(locale, words.FIELD_TYPES[field.type]) if field.type else ""
    parts = (field.name, kind, field.unit or "")
    if any(sign in field.name for sign in ",，|"):
        return " | ".join(parts).rstrip()
    return ", ".join(parts if parts[2] else filter(None, parts))
