"""What the operator does with demands: look at what was handed in, open it or return it, look again at what changed since."""

from collections.abc import Sequence
from typing import Final

from sqlmodel import col, or_, select

from leaderboard.accounts import letters
from leaderboard.accounts.actor import SYSTEM, Actor
from leaderboard.accounts.models import Membership, Person
from leaderboard.core.errors import FieldError, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.jobs import Leased
from leaderboard.core.work import Resources, Work
from leaderboard.exchange.demands import making, service
from leaderboard.exchange.demands.models import DemandRow
from leaderboard.exchange.demands.states import ACTIVE, WAITING

LONGEST_NOTE: Final = 1_000


def queue(work: Work, actor: Actor) -> Sequence[DemandRow]:
    """What waits for the operator, the longest first: handed in, or changed since it was let pass. Raises NotFound."""
    actor.demand("exchange.review")
    changed = (col(DemandRow.state).in_(ACTIVE)) & (col(DemandRow.version) > col(DemandRow.vetted_version))
    query = select(DemandRow).where(or_(col(DemandRow.state).in_(WAITING), changed))
    return work.session.exec(query.order_by(col(DemandRow.submitted_at), col(DemandRow.id))).all()


def take_up(work: Work, actor: Actor, key: str) -> DemandRow:
    """Says that the operator is looking at it. Raises NotFound, Refused."""
    row = _handed_in(work, actor, key)
    service.move(work, actor, row, "vetting")
    return row


def approve(work: Work, actor: Actor, key: str, *, version: int) -> DemandRow:
    """Opens what was handed in, or lets a change of an open demand pass. `version` is the one that the operator has read.

    Raises NotFound, Malformed (it contradicts itself by now), Refused (withdrawn, taken back or changed meanwhile).
    """
    row = _handed_in(work, actor, key)
    _demand_read(row, version)
    if row.state not in ACTIVE:
        need = service.need_of(work, row)
        making.refuse_contradictions(need.document, making.today(work))
        if row.state == "submitted":
            service.move(work, actor, row, "vetting")
        service.move(work, actor, row, "open")
        making.schedule_end(work, row, need.document)
        tell(work, row, "opened")
    row.vetted_version = version
    work.session.add(row)
    work.session.flush()
    service.record(work, actor, "demand.vet", row, version=version)
    return row


def send_back(work: Work, actor: Actor, key: str, *, version: int, note: str) -> DemandRow:
    """Returns what was handed in, with a note on what to change. Raises NotFound, Malformed (no note), Refused."""
    row = _handed_in(work, actor, key)
    faults = []
    if not note:
        faults.append(FieldError("note", N_("Say what has to be changed")))
    if len(note) > LONGEST_NOTE:
        faults.append(FieldError("note", N_("At most {most} characters"), {"most": LONGEST_NOTE}))
    making.refuse(faults)
    _demand_read(row, version)
    if row.state not in WAITING:
        raise Refused("demands.not_waiting", N_("This demand does not wait for a decision any more."))
    service.move(work, actor, row, "draft")
    row.note = note
    work.session.add(row)
    work.session.flush()
    tell(work, row, "returned")
    return row


def _handed_in(work: Work, actor: Actor, key: str) -> DemandRow:
    actor.demand("exchange.review")
    row = work.session.exec(select(DemandRow).where(col(DemandRow.key) == key).with_for_update()).one_or_none()
    if row is None:
        raise service.none_such()
    return row


def _demand_read(row: DemandRow, version: int) -> None:
    if row.version != version:
        raise Refused(
            "demands.not_read",
            N_("Its organization saved version {version} meanwhile; read that one before you decide."),
            version=row.version,
        )


def tell(work: Work, row: DemandRow, what: str) -> None:
    """Writes to everybody of the demander's organization what became of it: opened, returned, expired or linked."""
    need = service.need_of(work, row)
    members = select(Person).join(Membership, col(Membership.person_id) == col(Person.id))
    open_ones = members.where(
        Membership.organization_id == row.organization_id, col(Person.closed_at).is_(None)
    ).order_by(col(Person.id))
    for person in work.session.exec(open_ones):
        title = need.title.said(person.locale)
        path = f"/{person.locale}/demands/{row.key}"
        letters.post(work, person, "demand", what=what, title=title, note=row.note, path=path)


def expire(held: Resources, job: Leased) -> None:
    """A demand's last day is over: where it still waits for an answer, it ends. Twice is once."""
    with held.write() as work:
        query = select(DemandRow).where(DemandRow.id == job.payload["demand_id"]).with_for_update()
        row = work.session.exec(query).one_or_none()
        if row is None or row.state not in ACTIVE:
            return
        deadline = service.need_of(work, row).document.deadline
        if deadline is not None and deadline < making.today(work):
            service.move(work, SYSTEM, row, "expired")
            tell(work, row, "expired")
