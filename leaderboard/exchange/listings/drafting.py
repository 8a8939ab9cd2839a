"""How listings and their versions come to be: as a draft, from a dataset card, by editing, and when the card gets another file."""

import json
import re
import unicodedata
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.locks import alone
from leaderboard.accounts.models import Organization
from leaderboard.core.errors import FieldError, Malformed, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.datasets import service as datasets
from leaderboard.datasets.models import Dataset, DatasetVersion
from leaderboard.exchange.listings import card as cards
from leaderboard.exchange.listings import service
from leaderboard.exchange.listings.models import ListingRow, ListingVersion
from leaderboard.exchange.listings.sheet import Sheet, Wording, changed, needs_review
from leaderboard.exchange.listings.signals import ListingChanged
from leaderboard.exchange.listings.states import EDITABLE, PASSED, WAITING, State
from leaderboard.terms.listing import Listing

RESERVED: Final = frozenset({"new"})
"""Addresses that pages have."""
LONGEST_KEY: Final = 60
_ENDED: Final = (State.REJECTED, State.DELISTED)


def create(work: Work, actor: Actor, *, organization_id: int, sheet: Sheet) -> ListingRow:
    """A draft of a dataset without a card, or of a service. Raises Forbidden, Malformed."""
    _demand_own(actor, organization_id)
    sheet.demand_sound()
    return _create(work, actor, organization_id, None, sheet.words, sheet.listing)


def create_from_card(work: Work, actor: Actor, *, organization_id: int | None, slug: str) -> ListingRow:
    """A draft with all that a dataset card and its newest file know. Twice makes one, until that one has ended.

    ``organization_id`` None: of the organization that owns the card, or else of the only one of the actor's.

    Raises NotFound (not a card of the actor's), Forbidden, Malformed (the card is another organization's).
    """
    dataset = datasets.dataset_for(work, actor, slug, "dataset.edit")
    if organization_id is None:
        organization_id = dataset.organization_id or _only(actor)
    _demand_own(actor, organization_id)
    if dataset.organization_id not in {None, organization_id}:
        raise _wrong("organization", N_("This dataset belongs to another organization; offer it in its name"))
    alone(work.session, f"listings of dataset {dataset.id}")
    known = select(ListingRow).where(
        col(ListingRow.dataset_id) == dataset.id,
        col(ListingRow.organization_id) == organization_id,
        col(ListingRow.state).not_in(_ENDED),
    )
    found = work.session.exec(known.order_by(col(ListingRow.id))).first()
    if found is not None:
        return found
    blank = Listing(key="-", version="", supplier="-", kind="dataset", **cards.facts(dataset))
    return _create(work, actor, organization_id, dataset, cards.words(dataset), blank)


def _only(actor: Actor) -> int:
    if len(actor.organization_ids) != 1:
        raise _wrong("organization", N_("Choose an organization that you belong to"))
    return next(iter(actor.organization_ids))


def _demand_own(actor: Actor, organization_id: int) -> None:
    """An offer is its supplier's own word: not even the operator makes one for an organization that is not theirs."""
    actor.demand("listing.create")
    if not actor.is_system and organization_id not in actor.organization_ids:
        raise _wrong("organization", N_("Choose an organization that you belong to"))


def _wrong(field: str, message: str) -> Malformed:
    sentence = N_("Some of what was entered cannot be used.")
    return Malformed("listings.form", sentence, fields=[FieldError(field, message)])


def _create(
    work: Work, actor: Actor, organization_id: int, dataset: Dataset | None, words: Wording, listing: Listing
) -> ListingRow:
    _demand_room(work, organization_id)
    made = ListingRow(
        key="",
        organization_id=organization_id,
        dataset_id=dataset.id if dataset is not None else None,
        kind=listing.kind,
        scenario_en=words.scenario_en,
        scenario_zh=words.scenario_zh,
        created_at=work.now,
    )
    _name(work, made, words.title_en)
    file = cards.newest(work, dataset.id or 0) if dataset is not None else None
    if file is not None:
        listing = listing.model_copy(update=cards.measured(work, file, listing))
    _write(work, actor, made, words, listing, 1)
    service.record(work, actor, "listing.create", made, dataset=made.dataset_id)
    return made


def _demand_room(work: Work, organization_id: int) -> None:
    alone(work.session, f"drafts of listings of {organization_id}")
    query = select(func.count()).select_from(ListingRow)
    drafts = query.where(ListingRow.organization_id == organization_id, ListingRow.state == State.DRAFT)
    count = work.session.exec(drafts).one()
    if count >= work.settings.organization_drafts:
        raise Refused(
            "listings.many_drafts",
            N_(
                "Your organization keeps {count} drafts of listings, and no more are taken. Hand one in or withdraw it first."
            ),
            count=count,
        )


def edit(work: Work, actor: Actor, key: str, sheet: Sheet, *, seen: int) -> ListingRow:
    """Another version of a listing. ``seen``: the number of the newest one when the form was opened.

    Of a listing that has passed its review, a change of compliance facts waits for another review while the old ones stay;
    all else holds at once. What says nothing new makes no version. Raises NotFound, Malformed, Refused.
    """
    row = service.listing_for(work, actor, key, "listing.edit", lock=True)
    newest = service.newest_version(work, row)
    _demand_editable(row, newest, seen)
    sheet.demand_sound()
    if row.state in PASSED | WAITING:
        sheet.demand_complete()
    row.scenario_en, row.scenario_zh = sheet.words.scenario_en, sheet.words.scenario_zh
    work.session.add(row)
    listing = _bound(row, sheet.listing, newest)
    made = _write(work, actor, row, sheet.words, listing, newest.number + 1, unless_as=newest)
    if made is not newest:
        _put_in_force(work, row, made)
    service.record(work, actor, "listing.edit", row, number=made.number, proposed=row.proposed == made.number)
    return row


def _demand_editable(row: ListingRow, newest: ListingVersion, seen: int) -> None:
    if row.state == State.IN_REVIEW:
        raise Refused(
            "listings.in_review",
            N_(
                "The operator is reviewing this listing just now; it can be changed after the decision, or be withdrawn."
            ),
        )
    if row.state not in EDITABLE:
        raise Refused("listings.rejected", N_("This listing was rejected; make another one that answers the reason."))
    if newest.number != seen:
        raise Refused(
            "listings.changed_meanwhile",
            N_("This listing was changed meanwhile and is at version {number} now; look at it again."),
            number=newest.number,
        )


def _bound(row: ListingRow, listing: Listing, newest: ListingVersion) -> Listing:
    """The facts with the file that the newest version is about; of rows and bytes, the card knows better than the form."""
    if row.dataset_id is None:
        return listing
    before = service.document(newest)
    known = {unit: before.sizes[unit] for unit in ("rows", "bytes") if unit in before.sizes}
    return listing.model_copy(update={"version": before.version, "sizes": listing.sizes | known})


def _put_in_force(work: Work, row: ListingRow, made: ListingVersion) -> None:
    """Decides whether a new version holds or waits."""
    holding = service.current_version(work, row)
    if row.state in PASSED and needs_review(changed(holding, made, of_card=row.dataset_id is not None)):
        row.proposed, row.proposed_at = made.number, work.now
        work.session.add(row)
        work.session.flush()
        return
    row.proposed, row.proposed_at = None, None
    let_hold(work, row, made)


def let_hold(work: Work, row: ListingRow, version: ListingVersion) -> None:
    """From now on this version holds; told to whoever searches and matches, if the listing is listed."""
    row.version = version.number
    if row.state in service.SHOWN and version.holds_from is None:
        version.holds_from = work.now
        work.session.add(version)
    work.session.add(row)
    work.session.flush()
    if row.state == State.LISTED:
        work.emit(ListingChanged(row.id or 0))


def follow_card(work: Work, actor: Actor, row: ListingRow, file: DatasetVersion) -> bool:
    """Takes the facts of the card's newest file into the version that holds, and into one that waits for review.

    Whether there was anything new.
    """
    known = service.versions(work, row)
    number, renewed = known[0].number, False
    kept = dict.fromkeys(filter(None, (row.version, row.proposed)))
    for one in [version for version in reversed(known) if version.number in kept]:
        listing = service.document(one)
        if listing.version == file.sha256 and file.quality_key is None:
            continue
        fresh = listing.model_copy(update=cards.measured(work, file, listing))
        if fresh == listing:
            continue
        number, renewed = number + 1, True
        made = _write(work, actor, row, Wording.of(row, one), fresh, number)
        if one.number == row.proposed:
            row.proposed = number
        else:
            let_hold(work, row, made)
    if renewed:
        work.session.add(row)
        work.session.flush()
        service.record(work, actor, "listing.follow", row, number=number, file=file.number)
    return renewed


def _write(
    work: Work,
    actor: Actor,
    row: ListingRow,
    words: Wording,
    listing: Listing,
    number: int,
    *,
    unless_as: ListingVersion | None = None,
) -> ListingVersion:
    """Adds a version; ``unless_as``, where that says the very same."""
    unit = work.session.get_one(Organization, row.organization_id)
    own: dict[str, Any] = {"key": row.key, "supplier": unit.slug, "evidence": ()}
    if unit.region:
        own["home"] = unit.region
    document = listing.model_copy(update=own).model_dump(mode="json")
    if row.dataset_id is None:  # there is no file, so evidence could only be about these very facts
        document["version"] = _digest(words, {name: said for name, said in document.items() if name != "version"})
    digest = _digest(words, document)
    if unless_as is not None and unless_as.sha256 == digest:
        return unless_as
    made = ListingVersion(
        listing_id=row.id or 0,
        number=number,
        title_en=words.title_en,
        title_zh=words.title_zh,
        summary_en=words.summary_en,
        summary_zh=words.summary_zh,
        source_en=words.source_en,
        source_zh=words.source_zh,
        document=document,
        sha256=digest,
        created_at=work.now,
        created_by=actor.person_id,
    )
    work.session.add(made)
    work.session.flush()
    return made


def _digest(words: Wording, document: dict[str, Any]) -> str:
    said = {"words": words.versioned(), "document": document}
    return sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _name(work: Work, row: ListingRow, title: str) -> None:
    """Gives it an address, made from its English title where there is one; addresses never change."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain)[:LONGEST_KEY].strip("-") or "listing"
    for number in range(1, 10_000):
        key = base if number == 1 else f"{base}-{number}"
        if key in RESERVED or work.session.exec(select(ListingRow.id).where(col(ListingRow.key) == key)).first():
            continue
        row.key = key
        try:
            with work.session.begin_nested():
                work.session.add(row)
        except IntegrityError:  # somebody else took it since we looked (on PostgreSQL)
            continue
        return
    raise Refused("listings.no_address", N_("Ten thousand listings have this name; give it another title."))
