"""From what was typed in a form to the body of a move, and from terms back to what stands in their form."""

import re
from collections.abc import Mapping
from typing import Any, Final

from leaderboard.core.errors import Malformed
from leaderboard.core.i18n import N_
from leaderboard.datasets import usage_form
from leaderboard.datasets.typed import Typed, shown
from leaderboard.exchange.deals.offers import MOST_INDICATORS, Terms
from leaderboard.terms.demand import GradeFloor, MeasureFloor
from leaderboard.terms.policy import Policy
from leaderboard.terms.words import CURRENCIES, DELIVERIES, GRADES
from scoring.quality.checks import CHECKS

SPARE_ROWS: Final = 3
"""Empty lines for indicators in the form, where there is room for more."""
PROPOSALS: Final = frozenset({"request", "offer"})
_NUMBERS: Final = frozenset({"rows", "days", "sample", "described", "punctual", "spoken"})
_TEXTS: Final = frozenset({"text", "note", "reason", "sha256", "organization", "findings", "address", "purpose"})
_LIMIT: Final = re.compile(r"(\d{1,12}(?:\.\d{1,12})?)(%?)")


def body(move: str, form: Mapping[str, str]) -> dict[str, Any]:
    """The body of a move as a form says it. Raises Malformed where terms cannot be read."""
    said: dict[str, Any] = {name: form[name] for name in _TEXTS if name in form}
    said |= {name: _number(form[name]) for name in _NUMBERS if name in form}
    if move in PROPOSALS:
        return {"terms": terms(form), "note": form.get("note", "")}
    return said


def seen(form: Mapping[str, str]) -> int | None:
    """Which version of the deal the form was made for."""
    number = _number(form.get("seen", ""))
    return number if isinstance(number, int) else None


def _number(text: str) -> int | str:
    """A number, or what stands there instead, which the deed refuses by its name."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text


def terms(form: Mapping[str, str]) -> dict[str, Any]:
    """Terms as JSON. Raises Malformed with every fault."""
    typed = Typed(form)
    price = typed.amount("price")
    if price is None and not typed.text("price"):
        typed.wrong("price", N_("Say what it costs; 0 is free"))
    said = {
        "price": price,
        "currency": typed.one("currency", CURRENCIES) or "CNY",
        "policy": usage_form.read(typed).model_dump(mode="json"),
        "delivery": typed.one("delivery", DELIVERIES),
        "indicators": _indicators(typed),
        "sha256": typed.text("sha256").lower(),
        "deliver_by": _day(typed, "deliver_by"),
        "valid_until": _day(typed, "valid_until"),
    }
    for name, message in (
        ("delivery", N_("Choose how it is delivered")),
        ("valid_until", N_("Say until when this holds")),
    ):
        if said[name] is None and not typed.text(name):
            typed.wrong(name, message)
    if typed.faults:
        raise Malformed("deals.terms", N_("The terms cannot be read as they are; see below."), fields=typed.faults)
    return said


def _day(typed: Typed, name: str) -> str | None:
    day = typed.day(name)
    return None if day is None else day.isoformat()


def _indicators(typed: Typed) -> list[dict[str, Any]]:
    found = []
    for at in range(MOST_INDICATORS):
        measure, limit = typed.text(f"indicator-{at}-measure"), typed.text(f"indicator-{at}-limit")
        note = typed.text(f"indicator-{at}-note")
        if not measure and not limit:
            continue
        floor = _floor(measure, limit)
        if floor is None:
            typed.wrong(f"indicator-{at}-limit", N_("Choose what is measured, and say how good it must be"))
        else:
            found.append({"floor": floor, "note": note})
    return found


def _floor(measure: str, limit: str) -> dict[str, Any] | None:
    if measure == "grade":
        return {"kind": "grade", "grade": limit.upper()} if limit.upper() in GRADES else None
    number = _LIMIT.fullmatch(limit.replace("％", "%"))
    if number is None or (measure not in CHECKS and measure != "rank"):
        return None
    value = float(number[1]) / 100 if number[2] else float(number[1])
    if measure == "rank":
        return {"kind": "rank", "limit": value}
    return {"kind": "measure", "measure": measure, "limit": value}


def values(terms: Terms, locale: str) -> dict[str, str]:
    """Terms as they stand in the form, but for the day until which they hold: that is chosen anew."""
    found = usage_form.values(terms.policy, locale) | {
        "price": shown(terms.price),
        "currency": terms.currency,
        "delivery": terms.delivery,
        "sha256": terms.sha256,
        "deliver_by": terms.deliver_by.isoformat() if terms.deliver_by else "",
    }
    for at, one in enumerate(terms.indicators):
        floor = one.floor
        measure = floor.measure if isinstance(floor, MeasureFloor) else floor.kind
        limit = floor.grade if isinstance(floor, GradeFloor) else shown(floor.limit)
        found |= {f"indicator-{at}-measure": measure, f"indicator-{at}-limit": limit, f"indicator-{at}-note": one.note}
    return found


def indicator_rows(*shown: Mapping[str, str]) -> range:
    """The lines for indicators: as many as any of these forms holds, and some that are free."""
    used = [at + 1 for form in shown for at in range(MOST_INDICATORS) if form.get(f"indicator-{at}-measure")]
    return range(min(MOST_INDICATORS, max(used, default=0) + SPARE_ROWS))


def first_values(policy: Policy, price: float | None, currency: str, delivery: str, locale: str) -> dict[str, str]:
    """The form before anybody has named terms: what the listing says."""
    return usage_form.values(policy, locale) | {
        "price": shown(price),
        "currency": currency,
        "delivery": delivery,
    }
