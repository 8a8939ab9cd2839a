"""Who meets at the exchange: two suppliers, two demanders, an auditor and the operator, with listings made by the real verbs.

Only two things are written by hand: people, as everywhere in these tests, and what the sandbox would have measured of a file.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any

import pytest

from challenges.quality import QualityReport
from leaderboard.accounts import organizations
from leaderboard.accounts.actor import Actor
from leaderboard.core.clock import FixedClock
from leaderboard.core.work import Resources, Work
from leaderboard.datasets import evidence, making
from leaderboard.datasets import service as datasets
from leaderboard.datasets.fields import CardWords, Reference
from leaderboard.datasets.models import Dataset, DatasetVersion
from leaderboard.datasets.signals import DatasetChanged
from leaderboard.exchange.listings import deeds, drafting
from leaderboard.exchange.listings.deeds import CHECKLIST
from leaderboard.exchange.listings.sheet import Sheet, Wording
from leaderboard.terms.licences import POLICIES
from leaderboard.terms.listing import FieldOffered, Listing, Period, Price
from tests.seasons import factories


@dataclass(frozen=True)
class Party:
    """An organization and its owner, who acts for it."""

    actor: Actor
    id: int
    slug: str
    name: str


@dataclass(frozen=True)
class Scene:
    """`lake` and `bay` supply, `clinic` and `grid` need, `audit` signs off, `operator` reviews.

    `lake` is verified to level 2, `grid` and `clinic` to 1, `bay` to none.
    """

    resources: Resources
    clock: FixedClock
    operator: Actor
    lake: Party
    bay: Party
    clinic: Party
    grid: Party
    audit: Party


@pytest.fixture
def scene(resources: Resources, clock: FixedClock) -> Scene:
    return made(resources, clock)


def made(resources: Resources, clock: FixedClock) -> Scene:
    """The scene over an empty database."""
    with resources.write() as work:
        operator = factories.person(work, "Ou Yang", role="operator")
        found = {
            key: party(work, operator, name, slug, owner, verified, region)
            for key, name, slug, owner, verified, region in (
                ("lake", "Songshan Lake Data", "songshan-lake-data", "Lin Xiaolan", 2, "CN-44"),
                ("bay", "Bay Annotation", "bay-annotation", "Chen Bo", 0, ""),
                ("clinic", "Dinghu Clinic", "dinghu-clinic", "Zhao Min", 1, "CN-44"),
                ("grid", "Lingdong Grid", "lingdong-grid", "Wang Hao", 1, "CN-44"),
                ("audit", "Meiguan Law", "meiguan-law", "Gu Yu", 2, "CN-11"),
            )
        }
    return Scene(resources=resources, clock=clock, operator=operator, **found)


def party(
    work: Work,
    operator: Actor,
    name: str,
    slug: str,
    owner: str,
    verified: int = 0,
    region: str = "",
    posts: bool = False,
) -> Party:
    """An organization that its owner has founded and the operator has looked at."""
    person = factories.person(work, owner)
    unit = organizations.create_organization(work, person, name=name, slug=slug)
    organizations.vouch(work, operator, unit, posts=posts, audits=False, verified=str(verified), region=region)
    own = frozenset({unit.id or 0})
    return Party(replace(person, organization_ids=own, owned_ids=own), unit.id or 0, slug, name)


def colleague(work: Work, party: Party, name: str = "Xu Jing") -> Actor:
    """Another member of the party."""
    person = factories.person(work, name)
    unit = organizations.organization_by_slug(work, party.actor, party.slug)
    organizations.add_member(work, party.actor, unit, email=person.email, role="member")
    return replace(person, organization_ids=frozenset({party.id}))


# Listings


def sheet(kind: str = "dataset", *, title: str = "Flight delays of 2025", **facts: Any) -> Sheet:
    """A complete listing without a card; ``facts`` replace those of the document, words those of the same name."""
    words = {
        "title_en": title,
        "title_zh": f"{title}（中文）",
        "summary_en": "Departures and arrivals with weather, one row a flight.",
        "summary_zh": "航班起降与天气，每行一个航班。",
        "scenario_en": "To predict late arrivals.",
        "scenario_zh": "用于预测到达晚点。",
        "source_en": "Recorded by the airports; offered under their mandate.",
        "source_zh": "由机场记录，经其授权提供。",
    }
    said = {name: facts.pop(name) for name in tuple(facts) if name in words}
    document: dict[str, Any] = {
        "sector": "transport",
        "task": "binary-classification",
        "modalities": ("table",),
        "sizes": {"rows": 120_000.0},
        "languages": ("en",),
        "fields": (FieldOffered(name="distance", type="number", unit="km"), FieldOffered(name="late", type="boolean")),
        "regions": ("CN-44",),
        "period": Period(first=date(2025, 1, 1), last=date(2025, 12, 31)),
        "updated": date(2025, 12, 31),
        "deliveries": ("download",),
        "price": Price(model="fixed", low=20_000),
        "security": "general",
        "personal": "none",
        "cross_border": "no",
        "policy": POLICIES["CC-BY-4.0"],
    }
    if kind != "dataset":
        document = {"deliveries": ("on-site",), "price": Price(model="on-request"), "sector": "transport"}
    listing = Listing(key="-", version="", supplier="-", kind=kind, **(document | facts))
    return Sheet(Wording(**(words | said)), listing)


def drafted(work: Work, by: Party, content: Sheet | None = None) -> str:
    """The key of a draft."""
    return drafting.create(work, by.actor, organization_id=by.id, sheet=content or sheet()).key


def reviewed(work: Work, scene: Scene, by: Party, key: str, checked: Collection[str] = tuple(CHECKLIST)) -> str:
    """Hands a draft in and approves it; its key."""
    row = deeds.submit(work, by.actor, key)
    deeds.take_up(work, scene.operator, key)
    deeds.approve(work, scene.operator, key, number=row.version, checked=checked)
    return key


def listed(work: Work, scene: Scene, by: Party, content: Sheet | None = None) -> str:
    """The key of a listing that everybody can find."""
    return reviewed(work, scene, by, drafted(work, by, content))


# Cards


WORDS = CardWords(
    title_en="Bearing temperatures",
    title_zh="轴承温度",
    summary_en="Temperatures of bearings, one row a reading.",
    summary_zh="轴承温度，每行一次读数。",
    provenance_en="Read from the machines of our own plant.",
    provenance_zh="读自本厂设备。",
    sector="manufacturing",
    modalities=("table", "time-series"),
    languages=("zh-Hans",),
    licence="CC-BY-4.0",
)


def card(work: Work, by: Party, *, words: CardWords = WORDS, file: str = "first", publish: bool = True) -> Dataset:
    """A published card of the party, about a file that is kept elsewhere."""
    owner = f"organization:{by.id}"
    found = making.create_by_reference(work, by.actor, owner=owner, words=words, reference=reference(file))
    if publish:
        datasets.publish(work, by.actor, found.slug)
    return found


def reference(file: str) -> Reference:
    """The file that somebody calls so."""
    digest = sha256(file.encode()).hexdigest()
    address = f"https://data.example.org/{digest[:8]}.csv"
    return Reference(address=address, sha256=digest, media_type="text/csv", size=4096, rows=60)


def measured(work: Work, dataset: Dataset, report: QualityReport) -> DatasetVersion:
    """What the sandbox would write about the newest file of a card."""
    version = datasets.versions(work, dataset)[0]
    version.quality_key = evidence.keep(work, report, f"{dataset.slug}-v{version.number}")
    version.grade, version.composite = report.grade, report.composite.value
    version.low, version.high = report.composite.low, report.composite.high
    version.rows, version.measured_at = report.rows, work.now
    work.session.add(version)
    work.session.flush()
    work.emit(DatasetChanged(dataset.id or 0))
    return version
