"""Who has not seen what yet, and the mail that says so: at most one an hour for a person, however much happens.

A mail says in how many deals there is news and nothing else, so that it gives nobody's name away.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Membership, Person
from leaderboard.core.database import dialect_of, upsert
from leaderboard.core.i18n import N_, ngettext, translate
from leaderboard.core.jobs import Leased
from leaderboard.core.mail import post
from leaderboard.core.work import Resources, Work
from leaderboard.exchange.deals import lookup
from leaderboard.exchange.deals.models import Deal, DealDigest, DealReader, DealStep
from leaderboard.exchange.deals.states import AUDITED, Side

DIGEST_JOB: Final = "deal-digest"
PAUSE: Final = timedelta(hours=1)
"""Between two mails to one person."""
FIRST_WAIT: Final = timedelta(minutes=5)
"""So much is gathered before the first mail."""
LONG_AGO: Final = timedelta(days=36500)


def tell(work: Work, deal: Deal, *, but: Side | None = None) -> None:
    """Has the people of all sides but one written to, those who have seen everything by then excepted."""
    sides: tuple[Side, ...] = ("supplier", "demander", "auditor")
    units = {
        lookup.unit_of(deal, side) for side in sides if side != but and (side != "auditor" or deal.state not in AUDITED)
    } - {lookup.NO_ORGANIZATION}
    people = select(Membership.person_id).where(col(Membership.organization_id).in_(units)).distinct()
    for person_id in work.session.exec(people.order_by(col(Membership.person_id))).all():
        sent = work.session.get(DealDigest, person_id)
        wait = FIRST_WAIT if sent is None else max(FIRST_WAIT, sent.sent_at + PAUSE - work.now)
        work.enqueue(DIGEST_JOB, f"{DIGEST_JOB}:{person_id}", payload={"person": person_id}, delay=wait)


def send_digest(held: Resources, job: Leased) -> None:
    """The job: one mail to one person, where there is something that they have not seen. Twice sends one."""
    with held.write() as work:
        person = work.session.get_one(Person, job.payload["person"])
        sent = work.session.get(DealDigest, person.id, with_for_update=True)
        if person.closed_at is not None or (sent is not None and sent.sent_at + PAUSE > work.now):
            return
        units = select(Membership.organization_id).where(Membership.person_id == person.id)
        since = work.now - LONG_AGO if sent is None else sent.sent_at
        count = len(_with_news(work, person.id or 0, frozenset(work.session.exec(units)), since))
        if not count:
            return
        work.session.merge(DealDigest(person_id=person.id or 0, sent_at=work.now))
        _post(work, person, count)


def _post(work: Work, person: Person, count: int) -> None:
    address = f"{work.settings.base_url.rstrip('/')}/{person.locale}/me/deals"
    news = ngettext(person.locale, "There is news in {count} deal", "There is news in {count} deals", count)
    text = translate(
        person.locale,
        N_("{news}. See what it is:\n\n{address}\n\nYou get at most one such mail an hour."),
        news=news,
        address=address,
    )
    post(work, to=person.email, name=person.name, subject=news, text=text)


def see(work: Work, actor: Actor, deal: Deal) -> None:
    """The actor has seen everything that there is in a deal."""
    seen = {"deal_id": deal.id, "person_id": actor.id, "seen_at": work.now}
    look = upsert(dialect_of(work.session), DealReader).values(seen)
    again = look.on_conflict_do_update(index_elements=["deal_id", "person_id"], set_={"seen_at": work.now})
    work.session.execute(again)  # two looks at once are one


def _with_news(work: Work, person_id: int, units: frozenset[int], since: datetime) -> set[int]:
    """The deals of these organizations in which somebody else did something after ``since`` that the person has not seen."""
    query = (
        select(DealStep.deal_id)
        .join(Deal, col(Deal.id) == col(DealStep.deal_id))
        .outerjoin(
            DealReader,
            (col(DealReader.deal_id) == col(DealStep.deal_id)) & (col(DealReader.person_id) == person_id),
        )
        .where(
            col(Deal.supplier_id).in_(units)
            | col(Deal.demander_id).in_(units)
            | (col(Deal.auditor_id).in_(units) & col(Deal.state).not_in(AUDITED)),
            col(DealStep.person_id).is_distinct_from(person_id),
            DealStep.at > since,
            col(DealReader.seen_at).is_(None) | (col(DealStep.at) > col(DealReader.seen_at)),
        )
        .distinct()
    )
    return set(work.session.exec(query).all())
