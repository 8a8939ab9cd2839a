"""What the demo season's exchange consists of: `organizations.toml`, `listings.toml`, `demands.toml`, and `desk.toml` for the operator.

Documents there are those of the terms, with two liberties: a day such as "-14d" counts from the day of reading, so that the demo
does not age, and ``licence`` stands for the policy of that licence.
"""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources
from typing import Any, Final

from leaderboard.core.i18n import LOCALES
from leaderboard.exchange.demands.content import Written
from leaderboard.exchange.listings.sheet import Sheet, Wording
from leaderboard.terms import demand as demands
from leaderboard.terms import listing as listings
from leaderboard.terms.demand import Demand
from leaderboard.terms.licences import POLICIES
from leaderboard.terms.listing import Listing

_DAY: Final = re.compile(r"[+-]\d+d")


@dataclass(frozen=True, slots=True)
class Party:
    """An organization: `region` a code of ISO 3166, `verified` from 0 to 3; `person` signs in for it."""

    slug: str
    name: str
    region: str
    verified: int
    person: str


@dataclass(frozen=True, slots=True)
class Offered:
    """A listing as its supplier hands it in. `key` names it in these files only."""

    key: str
    supplier: str
    sheet: Sheet


@dataclass(frozen=True, slots=True)
class Needed:
    """A demand as its demander writes it. `expected`: keys of the listings it is meant to find, the best first.

    `measured`: keys of two siblings among `datasets.toml`, the one whose measured quality meets it, and the one whose does not.
    `outlet`: "propose" or "unmet", or empty; `challenge`: the shipped one that was made of it, or empty.
    """

    key: str
    organization: str
    written: Written
    expected: tuple[str, ...]
    measured: tuple[str, ...]
    outlet: str
    challenge: str


@dataclass(frozen=True, slots=True)
class Desk:
    """What waits for the operator's review, by key."""

    listings: Mapping[str, Offered]
    demands: Mapping[str, Needed]


@dataclass(frozen=True, slots=True)
class Content:
    """All of it, by slug and by key, in the order of the files. What is on the desk is in neither of the other two."""

    parties: Mapping[str, Party]
    listings: Mapping[str, Offered]
    demands: Mapping[str, Needed]
    desk: Desk


def read(today: date) -> Content:
    """The content as of `today`. Raises `terms.forms.TermsRefused` where a document cannot be read."""
    parties = {one["slug"]: Party(**one) for one in _file("organizations")["organization"]}
    desk = _file("desk")

    def offered(told: Sequence[Mapping[str, Any]]) -> dict[str, Offered]:
        return {one["key"]: _offered(one, parties, today) for one in told}

    def needed(told: Sequence[Mapping[str, Any]]) -> dict[str, Needed]:
        return {one["key"]: _needed(one, parties, today) for one in told}

    return Content(
        parties,
        offered(_file("listings")["listing"]),
        needed(_file("demands")["demand"]),
        Desk(offered(desk["listing"]), needed(desk["demand"])),
    )


def _file(name: str) -> Any:
    return tomllib.loads((resources.files(__package__) / f"{name}.toml").read_text(encoding="utf-8"))


def _offered(one: Mapping[str, Any], parties: Mapping[str, Party], today: date) -> Offered:
    said = {f"{part}_{locale}": text for locale in LOCALES for part, text in one[locale].items()}
    return Offered(one["key"], one["supplier"], Sheet(Wording(**said), _listing(one, parties, today)))


def _listing(one: Mapping[str, Any], parties: Mapping[str, Party], today: date) -> Listing:
    supplier = parties[one["supplier"]]
    own = {"key": one["key"], "version": one["key"], "supplier": supplier.slug, "home": supplier.region}
    if "licence" in one:
        own["policy"] = POLICIES[one["licence"]].model_dump(mode="json")
    return listings.read(json.dumps({"kind": "dataset", **_dated(one["document"], today), **own}))


def _needed(one: Mapping[str, Any], parties: Mapping[str, Party], today: date) -> Needed:
    said = {f"{part}_{locale}": text for locale in LOCALES for part, text in one[locale].items()}
    written = Written(**said, document=_demand(one, parties, today), invited=tuple(one.get("invited", ())))
    outlet, challenge = one.get("outlet", ""), one.get("challenge", "")
    expected, measured = tuple(one["expected"]), tuple(one.get("measured", ()))
    return Needed(one["key"], one["organization"], written, expected, measured, outlet, challenge)


def _demand(one: Mapping[str, Any], parties: Mapping[str, Party], today: date) -> Demand:
    asker = parties[one["organization"]]
    own = {"key": one["key"], "version": one["key"], "organization": asker.slug, "verified": asker.verified}
    return demands.read(json.dumps({**_dated(one["document"], today), **own}))


def _dated(value: Any, today: date) -> Any:
    """`value` with every day that is told from `today` as a date of ISO 8601."""
    if isinstance(value, dict):
        return {key: _dated(each, today) for key, each in value.items()}
    if isinstance(value, list):
        return [_dated(each, today) for each in value]
    if isinstance(value, str) and _DAY.fullmatch(value):
        return (today + timedelta(days=int(value[:-1]))).isoformat()
    return value
