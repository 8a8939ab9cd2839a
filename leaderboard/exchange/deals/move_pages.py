"""What the pages of single moves and of agreements show, as frozen objects."""

from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_hex
from typing import Any

from markupsafe import Markup

from challenges.quality import QualityReport
from leaderboard.accounts.actor import Actor
from leaderboard.core.errors import NotFound
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.exchange.deals import agreements as ndas
from leaderboard.exchange.deals import (
    deliveries,
    lookup,
    offers,
    pages,
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
from leaderboard.exchange.deals.states import REASONS, Side, open_to
from leaderboard.exchange.demands import pages as demand_pages
from leaderboard.exchange.listings import service as listings
from leaderboard.exchange.listings.models import ListingRow
from leaderboard.exchange.listings.policy_form import ANSWERS
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.terms import words
from leaderboard.terms.licences import POLICIES
from leaderboard.ui import markdown
from leaderboard.ui.forms import Form

Pairs = tuple[tuple[str, str], ...]
Named = tuple[tuple[str, Phrase], ...]


@dataclass(frozen=True)
class MovePage:
    """The form of one move. ``how``: file or address; ``values``: what stands in it first."""

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
    reasons: Pairs = tuple(REASONS.items())
    deliveries: Pairs = tuple(words.DELIVERIES.items())
    currencies: tuple[str, ...] = words.CURRENCIES
    actions: Pairs = tuple(words.ACTIONS.items())
    purposes: Named = tuple((key, Phrase(text)) for key, text in words.PURPOSES.items())
    duties: Named = tuple((key, Phrase(text)) for key, text in words.DUTIES.items())
    answers: Pairs = tuple(ANSWERS.items())
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
    found = service.deal_for(work, actor, key, "deal.act")
    side = lookup.own_side(actor, found)
    if (
        move in pages.NO_BODY
        or move not in open_to(side, found.state, found.turn)
        or not pages.makes_sense(work, found, side, move)
    ):
        raise NotFound("deals.no_form", N_("This cannot be done now. Go back to the deal to see where it stands."))
    agreement = sign_off.latest(work, found)
    every = terms_view.of_deal(work, found) if move in forms.PROPOSALS else ()
    values = _first_values(work, found, locale) if move in forms.PROPOSALS else {}
    nda = ndas.texts(work, found) if move == "sign_nda" else None
    asked = (
        next((one for one in samples.of_deal(work, found) if one.id == sample), None)
        if move in pages.OF_A_SAMPLE
        else None
    )
    return MovePage(
        key=key,
        move=move,
        label=Phrase(said.MOVES[move]),
        title=lookup.title(work, found),
        side=side,
        form=form or Form(),
        message_id=f"{token_hex(8)}-{move}",
        version=moves_of.version(work, found),
        how=how,
        values=values,
        sha256=nda.sha256 if nda else agreement.sha256 if agreement else "",
        texts=tuple((one, _rendered(text)) for one, text in (("zh", nda.zh), ("en", nda.en))) if nda else (),
        offer=every[0] if every else None,
        agreement=agreement if move in {"sign_off", "return", "verify"} else None,
        sample=pages.sample(work, found, asked, side) if asked else None,
        kept_elsewhere=move == "approve_sample" and samples.source_of(work, found) is None,
        most=most_bytes(work, move),
        indicator_rows=forms.indicator_rows(values, form.values if form else {}),
    )


def most_bytes(work: Work, move: str) -> int:
    """The largest file that may come with a move."""
    return talks.MOST_ATTACHED if move == "write" else work.settings.upload_max_mb * 1_000_000


def _rendered(text: str) -> Markup:
    return markdown.render(text, files="", table_label="")


def _first_values(work: Work, deal: Deal, locale: str) -> dict[str, str]:
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
    """A frozen agreement to be read: everything is taken from its document."""

    key: str
    title: Words
    document: dict[str, Any]
    sha256: str
    terms: terms_view.OfferView
    at: datetime
    signed_at: datetime | None


def agreement(work: Work, actor: Actor, key: str) -> AgreementPage:
    """The agreement that counts. Raises NotFound where none has been made."""
    found = service.deal_for(work, actor, key, "deal.read")
    made = sign_off.latest(work, found)
    if made is None:
        raise NotFound("deals.no_agreement", N_("There is no agreement in this deal yet."))
    offer = work.session.get_one(DealOffer, made.offer_id)
    terms = terms_view.view(work, found, offer, None)
    return AgreementPage(key, lookup.title(work, found), made.document, made.sha256, terms, made.at, made.signed_at)


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
