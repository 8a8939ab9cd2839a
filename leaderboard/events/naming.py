"""Which party is called what, before whom. A blind demander is a number until it is agreed otherwise.

Demands that are blind, or for invited suppliers only, hide their organization: from everybody until the timetable is published,
then from all but those it meets, unless it agreed to be named to all. The host plans with numbers too, unless it may know. Demands
for verified suppliers hide it from all others. Suppliers and demanders of public demands have their names.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from sqlmodel import col, func, select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Organization
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.events.models import Event, MeetingRow, Registration
from leaderboard.events.service import hosts
from leaderboard.events.states import STANDING
from leaderboard.exchange.demands.models import DemandRow
from leaderboard.exchange.demands.service import LEAST_VERIFIED
from leaderboard.seasons.signals import Phrase, Words

HIDING: Final = ("blind", "invited")
"""Visibilities of demands that hide whose they are, from everybody."""


@dataclass(frozen=True)
class Names:
    """Registration id → how it is called here. ``hidden``: those that are a number here."""

    of: Mapping[int, Words | Phrase]
    hidden: frozenset[int]

    def __getitem__(self, registration_id: int) -> Words | Phrase:
        return self.of[registration_id]


@dataclass(frozen=True)
class _Viewer:
    """Whom names are told to; everybody, as on the display, has none of these."""

    hosts: bool = False
    level: int = 0
    organizations: frozenset[int] = frozenset()
    partners: frozenset[int] = frozenset()


def names(work: Work, actor: Actor | None, event: Event, rows: Collection[Registration]) -> Names:
    """How the parties are called before the actor; None: before everybody, as on the display."""
    hiding, known = _hiding(work, rows), _organizations(work, rows)
    viewer = _Viewer() if actor is None else _viewer(work, actor, event)
    called: dict[int, Words | Phrase] = {}
    hidden = set()
    for row in rows:
        if _may_know(viewer, event, row, hiding.get(row.id or 0, frozenset())):
            called[row.id or 0] = Words(known[row.organization_id], known[row.organization_id])
        else:
            called[row.id or 0] = Phrase(N_("Demander {number}"), {"number": row.number})
            hidden.add(row.id or 0)
    return Names(called, frozenset(hidden))


def _may_know(viewer: _Viewer, event: Event, row: Registration, hiding: frozenset[str]) -> bool:
    """``hiding``: the visibilities of what it brings that hide whose it is. Who lost its verification is a stranger again."""
    verified = viewer.level >= LEAST_VERIFIED
    if not hiding or row.organization_id in viewer.organizations or (hiding == {"verified"} and verified):
        return True
    if viewer.hosts and row.reveal in ("host", "public"):
        return True
    if event.run_id is None:
        return False
    trusted = viewer.level >= event.verified and (verified or "verified" not in hiding)
    return row.reveal == "public" or (row.id in viewer.partners and trusted)


def _viewer(work: Work, actor: Actor, event: Event) -> _Viewer:
    levels = select(func.max(Organization.verified)).where(col(Organization.id).in_(actor.organization_ids))
    return _Viewer(
        hosts=hosts(actor, event),
        level=work.session.exec(levels).one() or 0,
        organizations=actor.organization_ids,
        partners=_partners(work, actor, event),
    )


def _hiding(work: Work, rows: Collection[Registration]) -> Mapping[int, frozenset[str]]:
    """Registration → the visibilities of its demands that hide whose they are; those without one are missing."""
    wanted = {id for row in rows if row.side == "demander" for id in row.things}
    query = select(DemandRow.id, DemandRow.visibility).where(
        col(DemandRow.id).in_(wanted), col(DemandRow.visibility).in_((*HIDING, "verified"))
    )
    kinds = dict(work.session.exec(query).all())
    found = {
        row.id or 0: frozenset(kinds[id] for id in row.things if id in kinds) for row in rows if row.side == "demander"
    }
    return {id: hiding for id, hiding in found.items() if hiding}


def _organizations(work: Work, rows: Collection[Registration]) -> Mapping[int, str]:
    ids = {row.organization_id for row in rows}
    query = select(Organization.id, Organization.name).where(col(Organization.id).in_(ids))
    return {id: name for id, name in work.session.exec(query) if id is not None}


def _partners(work: Work, actor: Actor, event: Event) -> frozenset[int]:
    """The demanders whom the actor's organizations meet."""
    query = (
        select(MeetingRow.demander_id)
        .join(Registration, col(Registration.id) == col(MeetingRow.supplier_id))
        .where(
            MeetingRow.event_id == event.id,
            col(MeetingRow.state).in_(STANDING),
            col(Registration.organization_id).in_(actor.organization_ids),
        )
    )
    return frozenset(work.session.exec(query))
