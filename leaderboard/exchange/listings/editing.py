"""The pages on which a listing is made and edited."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlmodel import col, select

from challenges.facets import MODALITIES, SECTORS, TASKS
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Organization
from leaderboard.accounts.organizations import VERIFICATIONS
from leaderboard.core.errors import FieldError
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.datasets import listing as cards
from leaderboard.datasets import usage_form
from leaderboard.datasets.models import Dataset
from leaderboard.datasets.usage_form import TermsForm
from leaderboard.exchange.listings import listing_form, service
from leaderboard.exchange.listings.sheet import LONGEST, Sheet, Wording
from leaderboard.exchange.listings.states import LABELS, NEXT, PASSED, State
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.terms import words
from leaderboard.terms.licences import POLICIES
from leaderboard.ui.forms import Form

Options = tuple[tuple[str, str], ...]
_CHOOSE = (("", N_("Choose")),)
_UNSAID = (("", N_("Not said")),)

SECTIONS: Options = (
    ("about", N_("What it is")),
    ("scenario", N_("What it is for")),
    ("content", N_("What is in it")),
    ("service", N_("What you can do")),
    ("price", N_("Delivery and price")),
    ("compliance", N_("Source and compliance")),
    ("terms", N_("Terms of use")),
    ("buyers", N_("Who may have it")),
)
"""The sections of the form, by anchor; a dataset has no capacity, a service no content."""


@dataclass(frozen=True)
class OwnCard:
    """A dataset card of the viewer's. ``organization`` None: a team's, to be offered by one of theirs."""

    slug: str
    title: Words
    state: str
    organization: int | None


@dataclass(frozen=True)
class NewPage:
    """Where a listing begins: from a card in one click, or with a kind and a title."""

    form: Form
    cards: tuple[OwnCard, ...]
    organizations: Options
    kinds: Options = tuple(words.KINDS.items())
    longest: Mapping[str, int] = field(default_factory=lambda: LONGEST)


@dataclass(frozen=True)
class EditPage:
    """The long form. ``seen``: the number of the newest version; ``missing``: what it needs before it is handed in."""

    key: str
    title: str
    is_data: bool
    state: State
    label: Phrase
    next: Phrase
    note: str
    passed: bool
    card: str | None
    seen: int
    form: Form
    missing: tuple[FieldError, ...]
    sections: Options
    sectors: Options = (*_CHOOSE, *SECTORS.items())
    tasks: Options = (*_UNSAID, *TASKS.items())
    modalities: Options = tuple(MODALITIES.items())
    units: Options = tuple(words.SIZES.items())
    capacity_units: Options = (*_CHOOSE, *words.SIZES.items())
    types: Options = tuple(words.FIELD_TYPES.items())
    deliveries: Options = tuple(words.DELIVERIES.items())
    prices: Options = (*_CHOOSE, *words.PRICES.items())
    currencies: Options = tuple((key, key) for key in words.CURRENCIES)
    exclusivities: Options = (*_UNSAID, *words.EXCLUSIVITIES.items())
    securities: Options = (*_UNSAID, *words.SECURITIES.items())
    personal: Options = (*_UNSAID, *words.PERSONAL.items())
    crossings: Options = tuple(words.CROSSINGS.items())
    licences: Options = (("", N_("No licence: terms of our own")), *((key, key) for key in POLICIES))
    usage: TermsForm = field(default_factory=TermsForm)
    buyers: Options = (
        ("0", N_("Every organization")),
        *((str(key), text) for key, text in VERIFICATIONS.items() if key),
    )
    longest: Mapping[str, int] = field(default_factory=lambda: LONGEST)


def new_page(work: Work, actor: Actor, form: Form | None = None) -> NewPage:
    """Raises SignInNeeded."""
    actor.demand("exchange.save")
    units = select(Organization).where(col(Organization.id).in_(actor.organization_ids))
    names = [(str(unit.id), unit.name) for unit in work.session.exec(units.order_by(col(Organization.name)))]
    own = cards.of_actor(work, actor)
    owners = select(col(Dataset.slug), col(Dataset.organization_id)).where(col(Dataset.slug).in_([c.slug for c in own]))
    units_of = dict(work.session.exec(owners).all())
    return NewPage(
        form=form or Form(),
        cards=tuple(OwnCard(card.slug, card.title, card.state, units_of[card.slug]) for card in own),
        organizations=tuple(names),
    )


def edit_page(
    work: Work,
    actor: Actor,
    key: str,
    locale: str,
    *,
    typed: Mapping[str, str] | None = None,
    errors: tuple[FieldError, ...] = (),
) -> EditPage:
    """The form of a listing as its newest version has it, or as it was ``typed``. Raises NotFound."""
    row = service.listing_for(work, actor, key, "listing.edit")
    version = service.newest_version(work, row)
    content = Sheet(Wording.of(row, version), service.document(version))
    shown = listing_form.values(content.words, content.listing, locale)
    away = "content" if row.kind != "dataset" else "service"
    return EditPage(
        key=key,
        title=Words(version.title_en, version.title_zh).said(locale) or key,
        is_data=row.kind == "dataset",
        state=row.state,
        label=Phrase(LABELS[row.state]),
        next=Phrase(NEXT[row.state]),
        note=row.review_note,
        passed=row.state in PASSED,
        card=work.session.get_one(Dataset, row.dataset_id).slug if row.dataset_id is not None else None,
        seen=version.number,
        form=Form(typed if typed is not None else shown, errors),
        missing=tuple(content.missing()),
        sections=tuple(section for section in SECTIONS if section[0] != away),
    )


def filled_page(work: Work, actor: Actor, key: str, locale: str, typed: Mapping[str, str]) -> EditPage:
    """The form as it was typed, with the terms of the chosen licence in place of those that stood there."""
    return edit_page(work, actor, key, locale, typed=usage_form.filled(typed, locale))
