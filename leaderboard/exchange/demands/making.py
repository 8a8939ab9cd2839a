"""What its organization does with a demand: write it, hand it in, change it while it is open, withdraw it, close it.

A version is never changed: every save that says something new appends one. While a demand waits for the operator it stays as it
was handed in; to change it, it is taken back first.
"""

import secrets
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import col, delete, select

from challenges.findings import Finding
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.locks import alone
from leaderboard.accounts.models import Organization
from leaderboard.core.errors import FieldError, Malformed, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.exchange.demands import content, service
from leaderboard.exchange.demands.content import Written
from leaderboard.exchange.demands.models import DemandInvitation, DemandRow, DemandVersion
from leaderboard.exchange.demands.signals import DemandChanged
from leaderboard.exchange.demands.states import ACTIVE, MET, OVER, REASONS, WAITING
from leaderboard.terms.contradictions import contradictions
from leaderboard.terms.demand import Demand

EXPIRE_JOB: Final = "demand.expire"
LONGEST_NOTE: Final = 500
MOST_INVITED: Final = 100
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are taken for each other."""
_KEY_LENGTH: Final = 10


def organizations(work: Work, actor: Actor) -> Sequence[Organization]:
    """For whom the actor may write demands: the organizations that they belong to, by name."""
    query = select(Organization).where(col(Organization.id).in_(actor.organization_ids))
    return work.session.exec(query.order_by(col(Organization.name), col(Organization.id))).all()


def unit_of(work: Work, actor: Actor, slug: str) -> int:
    """The id of the actor's organization with this address, without one of the only one; else `service.NO_ORGANIZATION`."""
    units = [unit for unit in organizations(work, actor) if slug in {"", unit.slug}]
    return (units[0].id or 0) if len(units) == 1 else service.NO_ORGANIZATION


def create(
    work: Work,
    actor: Actor,
    organization_id: int,
    written: Written,
    *,
    read: bool = True,
    faults: Sequence[FieldError] = (),
) -> DemandRow:
    """A draft with the facts that its texts say, or without ``read`` with its own. The same draft once more makes one.

    ``faults``: what the caller has found already, to be said with all the rest. Raises Malformed.
    """
    actor.demand("demand.create")
    stranger = FieldError("organization", N_("Choose an organization that you belong to"))
    ids, wrong = _guests(work, written)
    refuse((*([] if organization_id in actor.organization_ids else [stranger]), *written.faults(), *faults, *wrong))
    return _draft(work, actor, organization_id, written.drafted(today(work)) if read else written, ids)


def renew(work: Work, actor: Actor, key: str) -> DemandRow:
    """A draft that asks once more for what a demand asked for that is over; a deadline that has passed is left out. Twice makes one.

    Raises NotFound, Refused (it is not over).
    """
    row = service.demand_for(work, actor, key, "demand.edit", lock=True)
    if row.state not in OVER:
        raise Refused("demands.not_over", N_("This demand is not over: there is no need to ask again."))
    version = service.current_version(work, row)
    document = service.document(version)
    if document.deadline is not None and document.deadline < today(work):
        document = document.model_copy(update={"deadline": None})
    said = Written.of(version, document, invited(work, row))
    return _draft(work, actor, row.organization_id, said, _guests(work, said)[0])


def _draft(work: Work, actor: Actor, organization_id: int, said: Written, guests: set[int]) -> DemandRow:
    alone(work.session, f"demands:{organization_id}")
    known = _twin(work, organization_id, said)
    if known is not None:
        return known
    _demand_room(work, organization_id)
    key = "".join(secrets.choice(_LETTERS) for _ in range(_KEY_LENGTH))
    row = DemandRow(key=key, organization_id=organization_id, version=0, created_at=work.now)
    work.session.add(row)
    work.session.flush()
    _append(work, actor, row, said)
    _invite(work, row, guests)
    service.record(work, actor, "demand.create", row)
    return row


def _demand_room(work: Work, organization_id: int) -> None:
    query = select(func.count()).select_from(DemandRow)
    count = work.session.exec(
        query.where(DemandRow.organization_id == organization_id, DemandRow.state == "draft")
    ).one()
    if count >= work.settings.organization_drafts:
        raise Refused(
            "demands.many_drafts",
            N_(
                "Your organization keeps {count} drafts of demands, and no more are taken. Hand one in or withdraw it first."
            ),
            count=count,
        )


def _twin(work: Work, organization_id: int, drafted: Written) -> DemandRow | None:
    query = (
        select(DemandRow)
        .join(DemandVersion, col(DemandVersion.demand_id) == col(DemandRow.id))
        .where(
            DemandRow.organization_id == organization_id,
            DemandRow.state == "draft",
            DemandVersion.number == DemandRow.version,
            DemandVersion.sha256 == drafted.sha256,
        )
    )
    return work.session.exec(query.order_by(col(DemandRow.id))).first()


def edit(
    work: Work,
    actor: Actor,
    key: str,
    written: Written,
    *,
    base: int,
    reread: bool = False,
    faults: Sequence[FieldError] = (),
) -> DemandRow:
    """Saves what was written on top of version `base`; ``reread``: with the facts that its texts say now. Twice is once.

    ``faults``: what the caller has found already, to be said with all the rest.

    Raises NotFound, Malformed (also where an open demand would contradict itself), Refused (it waits or is over, or somebody
    saved another version since `base`).
    """
    row = service.demand_for(work, actor, key, "demand.edit", lock=True)
    _demand_editable(row)
    ids, wrong = _guests(work, written)
    refuse([*written.faults(), *faults, *wrong])
    said = written.drafted(today(work)) if reread else written
    is_new = said.sha256 != service.current_version(work, row).sha256
    if base != row.version and (is_new or {*written.invited} != {*invited(work, row)}):
        raise Refused(
            "demands.stale",
            N_(
                "Somebody saved version {version} while you wrote on version {base}. What you typed is below; look at theirs, then save again."
            ),
            version=row.version,
            base=base,
        )
    if row.state in ACTIVE:
        refuse_contradictions(said.document, today(work))
    invites = _invite(work, row, ids)
    if is_new:
        _append(work, actor, row, said)
    if is_new or invites:
        service.record(work, actor, "demand.edit", row, version=row.version)
        schedule_end(work, row, said.document)
        work.emit(DemandChanged(row.id or 0))
    return row


def _demand_editable(row: DemandRow) -> None:
    if row.state in WAITING:
        raise Refused("demands.waits", N_("This demand is with the operator. Take it back before you change it."))
    if row.state != "draft" and row.state not in ACTIVE:
        raise Refused("demands.over", N_("This demand is closed; nothing of it can be changed any more."))


def _append(work: Work, actor: Actor, row: DemandRow, said: Written) -> None:
    row.version += 1
    row.visibility = said.document.visibility  # type: ignore[assignment]  # the same list of words
    row.card = service.card_of(said.document).fingerprint
    work.session.add(row)
    version = DemandVersion(
        demand_id=row.id or 0,
        number=row.version,
        **{name: getattr(said, name) for name in content.TEXTS},
        document=said.document.model_dump(mode="json"),
        understood=content.kept(content.read(said, today(work))),
        sha256=said.sha256,
        created_at=work.now,
        created_by=actor.person_id,
    )
    work.session.add(version)
    work.session.flush()


# Who is invited


def invited(work: Work, row: DemandRow) -> tuple[str, ...]:
    """Addresses of the organizations that the demander has invited, in alphabetical order."""
    query = (
        select(Organization.slug)
        .join(DemandInvitation, col(DemandInvitation.organization_id) == col(Organization.id))
        .where(DemandInvitation.demand_id == row.id, col(DemandInvitation.by_interest).is_(False))
    )
    return tuple(work.session.exec(query.order_by(col(Organization.slug))))


def _guests(work: Work, written: Written) -> tuple[set[int], list[FieldError]]:
    """The organizations that shall be invited, and what is wrong with their addresses."""
    if len(written.invited) > MOST_INVITED:
        return set(), [FieldError("invited", N_("At most {most} organizations"), {"most": MOST_INVITED})]
    query = select(Organization.slug, Organization.id).where(col(Organization.slug).in_(written.invited))
    known = dict(work.session.exec(query).all())
    message = N_("There is no organization with the address “{slug}”")
    faults = [FieldError("invited", message, {"slug": slug}) for slug in written.invited if slug not in known]
    return {id for id in known.values() if id is not None}, faults


def _invite(work: Work, row: DemandRow, ids: set[int]) -> bool:
    """Makes these the demander's guests, itself left out; whether anything changed."""
    query = select(DemandInvitation).where(DemandInvitation.demand_id == row.id)
    known = {one.organization_id: one.by_interest for one in work.session.exec(query)}
    leave = {id for id, by_interest in known.items() if not by_interest and id not in ids}
    work.session.execute(
        delete(DemandInvitation).where(
            col(DemandInvitation.demand_id) == row.id, col(DemandInvitation.organization_id).in_(leave)
        )
    )
    come = sorted(ids - known.keys() - {row.organization_id})
    work.session.add_all(DemandInvitation(demand_id=row.id or 0, organization_id=id) for id in come)
    work.session.flush()
    return bool(leave or come)


# Its way


def submit(work: Work, actor: Actor, key: str) -> DemandRow:
    """Hands a draft in for vetting. Raises NotFound, Malformed (all contradictions at once), Refused (no draft any more)."""
    row = service.demand_for(work, actor, key, "demand.edit", lock=True)
    if row.state in WAITING:
        return row
    refuse_contradictions(service.need_of(work, row).document, today(work))
    service.move(work, actor, row, "submitted")
    row.note = ""
    return row


def take_back(work: Work, actor: Actor, key: str) -> DemandRow:
    """Makes a draft again of what waits for the operator. Raises NotFound, Refused."""
    row = service.demand_for(work, actor, key, "demand.edit", lock=True)
    service.move(work, actor, row, "draft")
    return row


def withdraw(work: Work, actor: Actor, key: str) -> DemandRow:
    """Takes a demand off for good, whatever the operator may be doing with it. Raises NotFound, Refused (contracted, over)."""
    row = service.demand_for(work, actor, key, "demand.withdraw", lock=True)
    service.move(work, actor, row, "withdrawn")
    return row


def close(work: Work, actor: Actor, key: str, *, reason: str, note: str = "") -> DemandRow:
    """Ends an open or contracted demand as met or not, as the reason says. Raises NotFound, Malformed (no reason), Refused."""
    row = service.demand_for(work, actor, key, "demand.edit", lock=True)
    faults = []
    if reason not in REASONS:
        faults.append(FieldError("reason", N_("Choose a reason")))
    if len(note) > LONGEST_NOTE:
        faults.append(FieldError("note", N_("At most {most} characters"), {"most": LONGEST_NOTE}))
    refuse(faults)
    service.move(work, actor, row, "fulfilled" if reason in MET else "unmet")
    row.outcome, row.outcome_note = reason, note
    work.session.add(row)
    work.session.flush()
    return row


def schedule_end(work: Work, row: DemandRow, document: Demand) -> None:
    """Lets an open demand expire when its last day is over."""
    if row.state not in ACTIVE or document.deadline is None:
        return
    over = datetime.combine(document.deadline, time(), ZoneInfo(work.settings.zone)) + timedelta(days=1)
    key = f"{EXPIRE_JOB}:{row.id}:{document.deadline.isoformat()}"
    work.enqueue(EXPIRE_JOB, key, payload={"demand_id": row.id}, delay=max(over - work.now, timedelta(0)))


# What is asked of every demand that others shall answer to


def today(work: Work) -> date:
    """The day at the installation."""
    return work.now.astimezone(ZoneInfo(work.settings.zone)).date()


def blocking(document: Demand, day: date) -> list[Finding]:
    """The contradictions for which a demand cannot be opened."""
    return [finding for finding in contradictions(document, day) if finding.level == "error"]


def refuse_contradictions(document: Demand, day: date) -> None:
    """Raises Malformed with every contradiction as a finding."""
    found = blocking(document, day)
    if found:
        raise Malformed(
            "demands.contradiction",
            N_("What the demand asks for cannot be had at once. It stays a draft until that is changed."),
            findings=found,
        )


def refuse(faults: Sequence[FieldError]) -> None:
    """Raises Malformed with every fault at once; returns when there is none."""
    if faults:
        raise Malformed("demands.form", N_("Some of what was entered cannot be used."), fields=faults)
