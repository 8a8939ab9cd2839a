"""An installation with many offers, and demands where they are asked for, written in bulk: what the benchmarks of the exchange look at.

Titles, summaries, sectors, tasks and fields are given; what else a listing says is drawn at random, seeded, of the words that
facets know. A third of the demands name their sector and kind of data, the others are looked for by their words.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import Any, Final

from sqlalchemy import insert
from sqlmodel import Session

from challenges.facets import MODALITIES, SECTORS, TASKS
from leaderboard import wiring
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Membership, Organization, Person
from leaderboard.core.database import migrate
from leaderboard.core.i18n import translate
from leaderboard.core.settings import Settings
from leaderboard.core.work import Resources
from leaderboard.exchange.demands.models import DemandRow, DemandVersion
from leaderboard.exchange.listings.models import ListingRow, ListingVersion
from leaderboard.exchange.listings.states import State
from leaderboard.exchange.matches.models import ListingChange
from leaderboard.exchange.relevance import Text
from leaderboard.terms import words
from leaderboard.terms.demand import DeliveryWanted, Demand, SizeWanted
from leaderboard.terms.licences import POLICIES
from leaderboard.terms.listing import FieldOffered, Listing, Price
from leaderboard.terms.regions import REGIONS

NOON: Final = datetime(2026, 11, 15, 4, tzinfo=UTC)
UNITS: Final = 300
DEMANDER: Final = UNITS
"""Its demands are looked at by the others; it offers nothing."""
SUPPLIER: Final = Actor(person_id=1, name="O", organization_ids=frozenset({1}))
TOGETHER: Final = 5000
_KEYS: Final = {
    (language, translate(language, name)): key
    for names in (SECTORS, TASKS, MODALITIES)
    for key, name in names.items()
    for language in ("zh", "en")
}


def build(settings: Settings, said: Sequence[Text], needs: Sequence[Text] = ()) -> Resources:
    """Migrates and fills the database; listing n is of organization n modulo `UNITS` - 1, 1 based, its key the text's own."""
    migrate(settings.database_address)
    resources = wiring.build(settings)
    with resources.database.write() as session:
        session.add(Person(id=1, email="o@example.org", name="O", password_hash="-", created_at=NOON))
        session.add_all(
            Organization(id=n, slug=f"unit-{n}", name=f"Unit {n}", verified=n % 4, created_at=NOON)
            for n in range(1, UNITS + 1)
        )
        session.flush()
        session.add(Membership(organization_id=1, person_id=1, role="owner", joined_at=NOON))
        _insert(session, _listings(said), (ListingRow, ListingVersion, ListingChange))
        _insert(session, _demands(needs), (DemandRow, DemandVersion))
    return resources


def _insert(session: Session, rows: Iterator[tuple[dict[str, Any], ...]], tables: Sequence[Any]) -> None:
    while some := list(islice(rows, TOGETHER)):
        for table, values in zip(tables, zip(*some, strict=True), strict=True):
            session.execute(insert(table), list(values))


def _listings(said: Sequence[Text]) -> Iterator[tuple[dict[str, Any], ...]]:
    rng = random.Random(7)
    for id, text in enumerate(said, 1):
        unit, at = 1 + id % (UNITS - 1), NOON - timedelta(minutes=rng.randrange(500_000))
        row = {"id": id, "key": text.key, "organization_id": unit, "kind": "dataset", "state": State.LISTED}
        row |= {"version": 1, "created_at": at, "listed_at": at, "registered_at": at, "confirmed_at": at}
        version = {
            "id": id,
            "listing_id": id,
            "number": 1,
            "document": _listing(rng, text, f"unit-{unit}").model_dump(mode="json", exclude={"evidence"}),
            "sha256": sha256(text.key.encode()).hexdigest(),
            "created_at": at,
        }
        yield row, version | _told(text, "summary"), {"id": id, "listing_id": id}


def _told(text: Text, name: str) -> dict[str, str]:
    empty = {f"{part}_{language}": "" for part in ("title", name) for language in ("en", "zh")}
    return empty | {f"title_{text.language}": text.title, f"{name}_{text.language}": text.summary}


def _listing(rng: random.Random, text: Text, supplier: str) -> Listing:
    low = float(rng.randrange(1, 500) * 1000)
    return Listing(
        key=text.key,
        version=sha256(text.key.encode()).hexdigest(),
        supplier=supplier,
        kind="dataset",
        sector=_KEYS[text.language, text.sector],
        task=_KEYS[text.language, text.task],
        modalities=tuple(dict.fromkeys((_KEYS[text.language, text.modality], rng.choice(list(MODALITIES))))),
        sizes={"rows": float(rng.randrange(1000, 1_000_000))},
        fields=tuple(FieldOffered(name=name) for name in dict.fromkeys(text.fields)),
        regions=tuple(rng.sample(list(REGIONS), 2)),
        updated=date(2026, 10, 1) - timedelta(days=rng.randrange(900)),
        deliveries=tuple(rng.sample(list(words.DELIVERIES), 2)),
        price=Price(model="fixed", low=low) if rng.random() < 0.7 else Price(model="on-request"),
        security=rng.choice(list(words.SECURITIES)),
        personal="none",
        cross_border="no",
        policy=POLICIES[rng.choice(list(POLICIES))],
    )


def _demands(needs: Sequence[Text]) -> Iterator[tuple[dict[str, Any], ...]]:
    for id, text in enumerate(needs, 1):
        named = id % 3 == 0
        document = Demand(
            sectors=(_KEYS[text.language, text.sector],) if named else (),
            modalities=(_KEYS[text.language, text.modality],) if named else (),
            musts=("modality", "personal") if named else ("personal",),
            sizes=(SizeWanted(unit="rows", least=1000.0, ideal=1000.0),),
            regions=("CN",),
            delivery=DeliveryWanted(any_of=tuple(words.DELIVERIES)),
        )
        row = {"id": id, "key": f"n{id}", "organization_id": DEMANDER, "state": "open", "visibility": "public"}
        row |= {"card": "", "version": 1, "vetted_version": 1, "missing": [], "created_at": NOON, "opened_at": NOON}
        version = {
            "id": id,
            "demand_id": id,
            "number": 1,
            "document": document.model_dump(mode="json"),
            "understood": {},
            "sha256": sha256(f"n{id}".encode()).hexdigest(),
            "created_at": NOON,
        }
        yield row, version | _told(text, "need")
