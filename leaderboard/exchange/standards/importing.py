"""A description that somebody else wrote becomes a draft card, and a draft listing with it: through the form, where a person completes
both, or at once by the API.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Organization
from leaderboard.core.errors import FieldError, Malformed
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.datasets import columns, making, usage_form
from leaderboard.datasets import pages as made
from leaderboard.datasets.fields import CardWords, Reference
from leaderboard.datasets.models import Dataset
from leaderboard.datasets.standards.reading.notes import Understood
from leaderboard.datasets.standards.reading.understood import understood
from leaderboard.exchange.listings import drafting
from leaderboard.exchange.listings.models import ListingRow
from leaderboard.ui.forms import Form

OWN = "organization:"


@dataclass(frozen=True)
class ImportPage:
    """The form that takes a description."""

    form: Form


@dataclass(frozen=True, kw_only=True)
class ImportedPage(made.EditPage):
    """The form of a new dataset, filled in from a description, and what became of each of its properties.

    found           None: the form was sent and refused, and what was read of the description was said before
    organizations   in whose name a listing can be drafted with it
    """

    found: Understood | None
    organizations: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, page: made.EditPage, found: Understood | None, organizations: tuple[tuple[str, str], ...]) -> Self:
        kept = {one.name: getattr(page, one.name) for one in fields(page)}
        return cls(**kept, found=found, organizations=organizations)


def import_page(actor: Actor, form: Form | None = None) -> ImportPage:
    """The form. Raises SignInNeeded."""
    actor.demand("dataset.refer")
    return ImportPage(form or Form())


def imported_page(work: Work, actor: Actor, found: Understood, locale: str) -> ImportedPage:
    """The draft to be completed and saved, with a listing if the reader belongs to an organization. Raises SignInNeeded."""
    organizations = _organizations(work, actor)
    first = f"{OWN}{organizations[0][0]}" if organizations else ""
    values = typed(found, locale) | {"owner": first, "listing": "yes" if organizations else ""}
    return ImportedPage.of(made.new_page(work, actor, Form(values)), found, organizations)


def refused_page(work: Work, actor: Actor, form: Form) -> ImportedPage:
    """The same as it was sent, with what is wrong. Raises SignInNeeded."""
    return ImportedPage.of(made.new_page(work, actor, form), None, _organizations(work, actor))


def _organizations(work: Work, actor: Actor) -> tuple[tuple[str, str], ...]:
    units = select(Organization).where(col(Organization.id).in_(actor.organization_ids))
    return tuple((str(unit.id), unit.name) for unit in work.session.exec(units.order_by(col(Organization.id))))


def read(description: bytes, field: str) -> Understood:
    """What a person pasted or chose. Raises Malformed with the fault beside ``field``, where it came from."""
    try:
        return understood(description)
    except Malformed as error:
        fault = FieldError(field, error.message, error.params)
        raise Malformed(error.id, error.message, fields=(fault,), **error.params) from None


def typed(found: Understood, locale: str) -> dict[str, str]:
    """A draft as the form of a new dataset would send it."""
    words = found.words
    texts = {name: value for name in words.__slots__ if isinstance(value := getattr(words, name), str)}
    return {
        **texts,
        **usage_form.ruled(words.own, locale),
        **{f"modality-{key}": "yes" for key in words.modalities},
        "languages": ", ".join(words.languages),
        "address": found.address,
        "sha256": found.sha256,
        "media_type": found.media_type,
        "size": "" if found.size is None else str(found.size),
        "columns": columns.lines(found.columns, locale),
    }


def save(work: Work, actor: Actor, form: Mapping[str, str]) -> tuple[Dataset, ListingRow | None]:
    """The completed form as a draft card and, where ``listing`` is ticked, a draft listing of it: one is not kept without the other.

    ``organization`` is in whose name a team's dataset is offered; that of an organization is offered in its own.
    Raises Malformed, Refused.
    """
    owner = form.get("owner", "")
    words, reference = CardWords.typed(form), Reference.typed(form)
    card = making.create_by_reference(work, actor, owner=owner, words=words, reference=reference)
    return card, _listed(work, actor, card, form.get("organization", "")) if form.get("listing") else None


def _listed(work: Work, actor: Actor, card: Dataset, organization: str) -> ListingRow:
    unit = card.organization_id
    if unit is None and organization:
        known = organization.isascii() and organization.isdigit() and len(organization) < 10
        unit = int(organization) if known else 0
    return drafting.create_from_card(work, actor, organization_id=unit, slug=card.slug)


def create(
    work: Work, actor: Actor, data: bytes, *, owner: str, said: Mapping[str, str], listing: bool, organization: str
) -> tuple[Dataset, ListingRow | None, Understood]:
    """A draft card out of a description, and a draft listing if ``listing``.

    said           address, sha256 and media_type where they are known better, or are missing in it
    organization   in whose name a team's dataset is offered, ``organization:7``; empty: of the only one of the actor's

    Raises Malformed: for what is no description, and for what a version needs and nobody said.
    """
    actor.demand("dataset.refer")
    found = understood(data)
    given = {name: text for name, text in said.items() if text}
    reference = Reference.typed(typed(found, "en") | given)
    card = making.create_by_reference(work, actor, owner=owner, words=found.words, reference=reference)
    if not listing:
        return card, None, found
    if organization and not organization.startswith(OWN):
        fault = FieldError("organization", N_("Choose an organization that you belong to"))
        raise Malformed("listings.form", N_("Some of what was entered cannot be used."), fields=[fault])
    return card, _listed(work, actor, card, organization.removeprefix(OWN)), found
