"""What the pages of listings show, as frozen objects."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Final

from markupsafe import Markup
from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Organization
from leaderboard.accounts.organizations import organization_by_slug
from leaderboard.core.work import Work
from leaderboard.datasets import audit_pages, usage
from leaderboard.datasets.audit_pages import AuditRow
from leaderboard.datasets.described import embedded
from leaderboard.datasets.models import Dataset
from leaderboard.datasets.usage import Clause
from leaderboard.datasets.wording import Said
from leaderboard.exchange.listings import described, service, showing
from leaderboard.exchange.listings.deeds import CONFIRM_AFTER
from leaderboard.exchange.listings.models import ListingRow, ListingVersion
from leaderboard.exchange.listings.service import Offer
from leaderboard.exchange.listings.sheet import FACTS, changed
from leaderboard.exchange.listings.showing import EvidenceRow, Fact
from leaderboard.exchange.listings.signals import Rating
from leaderboard.exchange.listings.states import EDITABLE, LABELS, MOVES, NEXT, State
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.terms.listing import FieldOffered
from leaderboard.terms.words import FIELD_TYPES, KINDS
from leaderboard.ui.forms import Form

CONFIRM_FROM: Final = timedelta(days=30)
"""A word younger than this need not be repeated."""


@dataclass(frozen=True)
class FieldRow:
    """One column as it is offered."""

    name: str
    type: Phrase | None
    unit: str


@dataclass(frozen=True)
class Told:
    """What one version of a listing says."""

    title: Said
    summary: Said
    source: Said
    kind: Phrase
    is_data: bool
    facts: tuple[Fact, ...]
    fields: tuple[FieldRow, ...]
    licence: str
    clauses: tuple[Clause, ...]
    duties: tuple[Phrase, ...]
    evidence: tuple[EvidenceRow, ...]
    audits: tuple[AuditRow, ...]
    dataset_slug: str | None


@dataclass(frozen=True)
class VersionRow:
    """One version that was shown, since when, and what was new in it; nothing of the first one."""

    number: int
    since: datetime
    news: tuple[Phrase, ...]


@dataclass(frozen=True)
class ListingPage:
    """A listing. ``waiting``: the number of a change that waits for review; ``confirm_by``: then it leaves the list.

    ``is_own``: of an organization of the viewer's; ``can_ask``: others may show interest in it.
    """

    key: str
    state: State
    label: Phrase
    next: Phrase
    told: Told
    scenario: Said
    organization: str
    organization_slug: str
    verified: int
    rating: Rating | None
    listed_at: datetime | None
    confirmed_at: datetime | None
    confirm_by: datetime | None
    waiting: int | None
    note: str
    versions: tuple[VersionRow, ...]
    linked: Markup
    is_own: bool
    can_ask: bool
    may_edit: bool
    may_withdraw: bool
    may_submit: bool
    may_confirm: bool
    may_resume: bool
    may_suspend: bool
    on_desk: bool
    form: Form


@dataclass(frozen=True)
class MineRow:
    """One listing of the viewer's organizations, and what comes next."""

    key: str
    title: Words
    kind: Phrase
    organization: str
    state: State
    label: Phrase
    next: Phrase
    waiting: int | None
    version: int
    changed_at: datetime
    confirmed_at: datetime | None
    may_submit: bool
    may_confirm: bool


@dataclass(frozen=True)
class OfferRow:
    """One listing of an organization, as others see it."""

    key: str
    title: Words
    summary: Words
    kind: Phrase


@dataclass(frozen=True)
class OffersPage:
    """All that an organization offers."""

    organization: str
    slug: str
    rows: tuple[OfferRow, ...]


@dataclass(frozen=True)
class MinePage:
    """``organizations``: of the viewer; without one there is nothing to offer for."""

    rows: tuple[MineRow, ...]
    organizations: tuple[tuple[int, str], ...]


def listing(work: Work, actor: Actor, key: str, locale: str, form: Form | None = None) -> ListingPage:
    """The card of a listing. Raises NotFound, Gone."""
    row = service.shown(work, actor, key)
    offer = service.offer(work, service.current_version(work, row).id or 0)
    version = service.current_version(work, row)
    unit = work.session.get_one(Organization, row.organization_id)
    edits, reviews = service.may(actor, row, "listing.edit"), service.may(actor, row, "exchange.review")
    inside, own = edits or reviews, row.organization_id in actor.organization_ids
    return ListingPage(
        key=key,
        state=row.state,
        label=Phrase(LABELS[row.state]),
        next=Phrase(NEXT[row.state]),
        told=told(work, offer, version, locale),
        scenario=said(Words(row.scenario_en, row.scenario_zh), locale),
        organization=unit.name,
        organization_slug=unit.slug,
        verified=unit.verified,
        rating=service.ratings(work, {row.organization_id}).get(row.organization_id),
        listed_at=row.listed_at,
        confirmed_at=row.confirmed_at,
        confirm_by=row.confirmed_at + CONFIRM_AFTER if row.confirmed_at else None,
        waiting=row.proposed if inside else None,
        note=row.review_note if inside else "",
        versions=versions(service.versions(work, row), of_card=row.dataset_id is not None),
        linked=embedded(described.document(offer, address(work, key, locale), locale)),
        is_own=own,
        can_ask=not own and row.state in service.SHOWN,
        may_edit=edits and row.state in EDITABLE,
        may_withdraw=service.may(actor, row, "listing.withdraw") and State.DELISTED in MOVES[row.state],
        may_submit=edits and State.SUBMITTED in MOVES[row.state],
        may_confirm=edits and _may_confirm(work, row),
        may_resume=reviews and row.state == State.SUSPENDED,
        may_suspend=reviews and (State.SUSPENDED in MOVES[row.state] or row.held_by == "card"),
        on_desk=reviews and (row.proposed is not None or row.state in {State.SUBMITTED, State.IN_REVIEW}),
        form=form or Form(),
    )


def _may_confirm(work: Work, row: ListingRow) -> bool:
    if row.confirmed_at is None or row.state not in service.SHOWN:
        return False
    return row.state == State.STALE or row.confirmed_at + CONFIRM_FROM < work.now


def address(work: Work, key: str, locale: str) -> str:
    """Where the card of a listing is."""
    return f"{work.settings.base_url.rstrip('/')}/{locale}/listings/{key}"


def told(work: Work, offer: Offer, version: ListingVersion, locale: str) -> Told:
    """What a version says, for its card and for the review desk."""
    document = offer.document
    return Told(
        title=said(offer.title, locale),
        summary=said(offer.summary, locale),
        source=said(Words(version.source_en, version.source_zh), locale),
        kind=Phrase(KINDS[document.kind]),
        is_data=document.kind == "dataset",
        facts=showing.facts(document),
        fields=tuple(map(_field, document.fields)),
        licence=document.policy.licence or "",
        clauses=usage.clauses(document.policy),
        duties=usage.duties(document.policy),
        evidence=showing.evidence(document),
        audits=audit_pages.of_card(work, offer.dataset_slug, locale) if offer.dataset_slug else (),
        dataset_slug=offer.dataset_slug,
    )


def _field(field: FieldOffered) -> FieldRow:
    return FieldRow(field.name, Phrase(FIELD_TYPES[field.type]) if field.type else None, field.unit or "")


def said(words: Words, locale: str) -> Said:
    """A text in the reader's language, or in the other one where there is only that."""
    own, other = (words.zh, words.en) if locale == "zh" else (words.en, words.zh)
    away = "en" if locale == "zh" else "zh"
    return Said(own, locale, other=False) if own or not other else Said(other, away, other=True)


def versions(known: Sequence[ListingVersion], *, of_card: bool) -> tuple[VersionRow, ...]:
    """Those that were shown, the newest first, each against the one shown before it. ``known``: the newest first."""
    shown = [one for one in known if one.holds_from is not None]
    return tuple(
        VersionRow(one.number, one.holds_from, news(old, one, of_card=of_card) if old is not None else ())
        for one, old in zip_longest(shown, shown[1:])
        if one.holds_from is not None
    )


def news(before: ListingVersion, after: ListingVersion, *, of_card: bool) -> tuple[Phrase, ...]:
    """What one version says that another did not, by name."""
    return tuple(Phrase(FACTS[key]) for key in changed(before, after, of_card=of_card))


def of_organization(work: Work, actor: Actor, slug: str) -> OffersPage:
    """What an organization offers, the newest first. Raises NotFound."""
    unit = organization_by_slug(work, actor, slug)
    own = service.offers(work, col(ListingRow.organization_id) == unit.id)
    rows = (OfferRow(one.key, one.title, one.summary, Phrase(KINDS[one.document.kind])) for one in reversed(own))
    return OffersPage(unit.name, unit.slug, tuple(rows))


def mine(work: Work, actor: Actor) -> MinePage:
    """The listings of the viewer's organizations, the latest first. Raises SignInNeeded."""
    actor.demand("exchange.save")
    units = select(Organization).where(col(Organization.id).in_(actor.organization_ids))
    names = {unit.id or 0: unit.name for unit in work.session.exec(units.order_by(col(Organization.name)))}
    query = (
        select(ListingRow, ListingVersion)
        .join(ListingVersion, col(ListingVersion.listing_id) == col(ListingRow.id))
        .where(
            col(ListingRow.organization_id).in_(actor.organization_ids),
            col(ListingVersion.number) == col(ListingRow.version),
        )
        .order_by(col(ListingRow.id).desc())
    )
    rows = (_mine(work, row, version, names[row.organization_id]) for row, version in work.session.exec(query))
    return MinePage(rows=tuple(rows), organizations=tuple(names.items()))


def _mine(work: Work, row: ListingRow, version: ListingVersion, organization: str) -> MineRow:
    return MineRow(
        key=row.key,
        title=Words(version.title_en or version.title_zh or row.key, version.title_zh),
        kind=Phrase(KINDS[row.kind]),
        organization=organization,
        state=row.state,
        label=Phrase(LABELS[row.state]),
        next=Phrase(NEXT[row.state]),
        waiting=row.proposed,
        version=row.version,
        changed_at=version.created_at,
        confirmed_at=row.confirmed_at,
        may_submit=State.SUBMITTED in MOVES[row.state],
        may_confirm=_may_confirm(work, row),
    )


def mine_table(page: MinePage, locale: str) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
    """My listings as a header and rows for CSV."""
    names = ("key", "title", "kind", "organization", "state", "version", "waiting", "changed_at", "confirmed_at")
    return names, [
        (
            row.key, row.title.said(locale), row.kind.said(locale), row.organization, str(row.state), row.version, row.waiting,
            row.changed_at, row.confirmed_at,
        )
        for row in page.rows
    ]  # fmt: skip


def offers_table(offers: Sequence[Offer], locale: str) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
    """What is offered as a header and rows for CSV; the grade is that of the file that is offered."""
    names = (
        "key", "title", "kind", "organization", "sector", "task", "modalities", "languages", "rows", "bytes", "hours", "images",
        "regions", "updated", "deliveries", "price_model", "price_low", "price_high", "currency", "licence", "security",
        "personal", "grade", "dataset", "listed_at",
    )  # fmt: skip
    return names, [_offer_row(offer, locale) for offer in offers]


def _offer_row(offer: Offer, locale: str) -> Sequence[object]:
    facts, sizes = offer.document, offer.document.sizes
    price = facts.price
    grades = [one.grade.value for one in facts.fresh_evidence if one.grade]
    return (
        offer.key, offer.title.said(locale), facts.kind, offer.organization, facts.sector, facts.task, " ".join(facts.modalities),
        " ".join(facts.languages), sizes.get("rows"), sizes.get("bytes"), sizes.get("hours"), sizes.get("images"),
        " ".join(facts.regions), facts.updated, " ".join(facts.deliveries), price.model if price else None,
        price.low if price else None, price.high if price else None, price.currency if price else None,
        facts.policy.licence, facts.security, facts.personal, grades[0] if grades else None, offer.dataset_slug, offer.listed_at,
    )  # fmt: skip


def card_state(work: Work, row: ListingRow) -> str:
    """The state of the card that a listing is about; empty: there is none."""
    return work.session.get_one(Dataset, row.dataset_id).state if row.dataset_id is not None else ""
