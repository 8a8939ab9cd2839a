"""What the pages of single moves and of agreements show, as frozen objects."""

from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_hex
from typing import Any, Final

from markupsafe import Markup
from sqlmodel import col, select

from challenges.quality import QualityReport
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Organization
from leaderboard.core.errors import NotFound
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.datasets.usage_form import TermsForm
from leaderboard.exchange.deals import agreements as ndas
from leaderboard.exchange.deals import (
    deliveries,
    lookup,
    offers,
    pages,
    quotas,
    said,
    samples,
    service,
    sign_off,
    talks,
    terms_view,
)
from leaderboard.exchange.deals import (
    form as forms,
)
from leaderboard.exchange.deals import moves as moves_of
from leaderboard.exchange.deals.models import (
    Deal,
    DealAgreement,
    DealOffer,
)
from leaderboard.exchange.deals.states import REASONS, Side, reasons
from leaderboard.exchange.demands import pages as demand_pages
from leaderboard.exchange.listings import service as listings
from leaderboard.exchange.listings.models import ListingRow
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.terms import words
from leaderboard.terms.licences import POLICIES
from leaderboard.ui import markdown
from leaderboard.ui.forms import Form

MOST_SUGGESTED: Final = 200
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class MovePage:
    """The form of one move. ``how``: file or address; ``values``: what stands in it first; ``room``: for files."""

    key: str
    move: str
    label: Phrase
    title: Words
    side: Side
    form: Form
    message_id: str
    version: int
    how: str
    values: dict[str, str]
    sha256: str = ""
    texts: tuple[tuple[str, Markup], ...] = ()
    offer: terms_view.OfferView | None = None
    agreement: DealAgreement | None = None
    sample: pages.SampleRow | None = None
    kept_elsewhere: bool = False
    most: int = talks.MOST_ATTACHED
    room: quotas.Room | None = None
    reasons: Pairs = ()
    units: Pairs = ()
    deliveries: Pairs = tuple(words.DELIVERIES.items())
    currencies: tuple[str, ...] = words.CURRENCIES
    usage: TermsForm = field(default_factory=TermsForm)
    licences: Pairs = (("", N_("No licence")), *((key, key) for key in POLICIES))
    indicator_rows: range = range(0)
    floors: Any = field(default_factory=demand_pages.floors)


def move(
    work: Work,
    actor: Actor,
    key: str,
    move: str,
    locale: str,
    *,
    how: str = "",
    sample: int = 0,
    form: Form | None = None,
) -> MovePage:
    """The form of a move that the reader may make now. Raises NotFound for any other."""
    side = lookup.own_side(actor, found := service.deal_for(work, actor, key, "deal.act"))
    asked = _about(work, found, side, move, sample)
    agreement, room = sign_off.latest(work, found), quotas.room(work, found, side)
    values = _first_values(work, found, side, move, locale)
    nda = ndas.texts(work, found) if move == "sign_nda" else None
    return MovePage(
        key=key,
        move=move,
        label=said.label(move, found, side),
        title=lookup.title(work, found),
        side=side,
        form=form or Form(),
        message_id=f"{token_hex(8)}-{move}",
        version=moves_of.version(work, found),
        how=how,
        values=values,
        sha256=nda.sha256 if nda else agreement.sha256 if agreement else "",
        texts=tuple((one, _rendered(text)) for one, text in (("zh", nda.zh), ("en", nda.en))) if nda else (),
        offer=next(iter(terms_view.of_deal(work, found)), None) if move in forms.PROPOSALS else None,
        agreement=agreement if move in {"sign_off", "return", "verify"} else None,
        reasons=tuple((one, REASONS[one]) for one in reasons(found.state)),
        units=_auditors(work, found) if move == "name_auditor" else (),
        sample=asked,
        kept_elsewhere=move == "approve_sample" and samples.source_of(work, found) is None,
        most=min(most_bytes(work, move), room.left),
        room=room,
        indicator_rows=forms.indicator_rows(values, form.values if form else {}),
    )


def _about(work: Work, deal: Deal, side: Side, move: str, sample: int) -> pages.SampleRow | None:
    """The sample that a move is about, if it is about one. Raises NotFound for what this side cannot do now."""
    about = next((one for one in samples.of_deal(work, deal) if one.id == sample), None)
    asked = pages.sample(work, deal, about, side) if about and move in pages.OF_A_SAMPLE else None
    made_now = pages.sensible(work, deal, side) if move not in pages.OF_A_SAMPLE else asked.moves if asked else ()
    if move in pages.NO_BODY or move not in made_now:
        raise NotFound("deals.no_form", N_("This cannot be done now. Go back to the deal to see where it stands."))
    return asked


def _named_across(work: Work, deal: Deal, side: Side) -> str:
    """What the other side named as auditor, as it is typed: the deal needs the same of both."""
    id = deal.auditor_of_demander if side == "supplier" else deal.auditor_of_supplier
    if id is None:
        return ""
    return work.session.get_one(Organization, id).slug if id else sign_off.NOBODY


def _auditors(work: Work, deal: Deal) -> Pairs:
    """(address, name) of verified organizations that are no party: a help for typing, any other may be named too."""
    query = select(Organization.slug, Organization.name).where(
        Organization.verified > 0, col(Organization.id).not_in((deal.supplier_id, deal.demander_id))
    )
    return tuple(work.session.exec(query.order_by(col(Organization.name)).limit(MOST_SUGGESTED)))


def most_bytes(work: Work, move: str) -> int:
    """The largest file that may come with a move."""
    return talks.MOST_ATTACHED if move == "write" else work.settings.upload_max_mb * 1_000_000


def _rendered(text: str) -> Markup:
    return markdown.render(text, files="", table_label="")


def _first_values(work: Work, deal: Deal, side: Side, move: str, locale: str) -> dict[str, str]:
    """What stands in the form of a move at first."""
    if move == "name_auditor":
        return {"organization": _named_across(work, deal, side)}
    if move not in forms.PROPOSALS:
        return {}
    known = offers.of_deal(work, deal)
    if known:
        return forms.values(offers.terms(known[0]), locale)
    document = listings.document(listings.current_version(work, work.session.get_one(ListingRow, deal.listing_id)))
    price = document.price
    return forms.first_values(
        document.policy,
        price.low if price else None,
        price.currency if price else "CNY",
        document.deliveries[0] if document.deliveries else "",
        locale,
    )


@dataclass(frozen=True)
class AgreementPage:
    """A frozen agreement to be read: everything is taken from its document. ``signed_by``: the organization whose side signed."""

    key: str
    title: Words
    document: dict[str, Any]
    sha256: str
    terms: terms_view.OfferView
    at: datetime
    signed_at: datetime | None
    signed_by: str | None
    findings: str


def agreement(work: Work, actor: Actor, key: str) -> AgreementPage:
    """The agreement that counts. Raises NotFound where none has been made."""
    found = service.deal_for(work, actor, key, "deal.read")
    made = sign_off.latest(work, found)
    if made is None:
        raise NotFound("deals.no_agreement", N_("There is no agreement in this deal yet."))
    offer = work.session.get_one(DealOffer, made.offer_id)
    terms = terms_view.agreed(work, found, offer)
    signer: Side = "demander" if found.auditor_id is None else "auditor"
    return AgreementPage(
        key=key,
        title=lookup.title(work, found),
        document=made.document,
        sha256=made.sha256,
        terms=terms,
        at=made.at,
        signed_at=made.signed_at,
        signed_by=lookup.name_of(work, found, signer, lookup.own_side(actor, found)) if made.signed_at else None,
        findings=made.findings,
    )


def report(work: Work, actor: Actor, key: str, number: int) -> QualityReport:
    """What was measured of a delivery, for both parties. Raises NotFound."""
    found = service.deal_for(work, actor, key, "deal.read")
    made = next((one for one in deliveries.of_deal(work, found) if one.number == number), None)
    measured = (
        deliveries.report_of(work, made) if made is not None and lookup.own_side(actor, found) != "auditor" else None
    )
    if measured is None:
        raise NotFound("deals.no_report", N_("There is no report on this delivery."))
    return measured
