"""Which party is called what, before whom. A blind demander is a number until it is agreed otherwise.

Demands that are blind, or for invited suppliers only, hide their organization: until the timetable is published to everybody,
then to all but those it meets, unless it agreed to be named to all. Suppliers and demanders of open demands have their names.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Organization
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.events.models import Event, MeetingRow, Registration
from leaderboard.events.service import hosts
from leaderboard.events.states import STANDING, WITH_TIMETABLE
from leaderboard.exchange.demands.models import DemandRow
from leaderboard.seasons.signals import Phrase, Words

HIDING: Final = ("blind", "invited")
"""Visibilities of demands that hide whose they are."""


@dataclass(frozen=True)
class Names:
    """Registration id → how it is called here. ``blind`` are those whose organization hides somewhere; for them `partners`."""

    of: Mapping[int, Words | Phrase]
    hidden: frozenset[int]

    def __getitem__(self, registration_id: int) -> Words | Phrase:
        return self.of[registration_id]


def names(work: Work, actor: Actor | None, event: Event, rows: Collection[Registration]) -> Names:
    """How the parties are called before the actor; None: before everybody, as on the display.

    The host knows all, an organization knows itself, and its partners once the timetable is published.
    """
    blind = blind_ones(work, rows)
    known = _organizations(work, rows)
    sees_all = actor is not None and hosts(actor, event)
    partners = _partners(work, actor, event) if actor is not None else frozenset()
    published = event.state in WITH_TIMETABLE
    called: dict[int, Words | Phrase] = {}
    hidden = set()
    for row in rows:
        own = actor is not None and row.organization_id in actor.organization_ids
        agreed = published and (row.reveal == "public" or row.id in partners)
        if row.id not in blind or sees_all or own or agreed:
            called[row.id or 0] = Words(known[row.organization_id], known[row.organization_id])
        else:
            called[row.id or 0] = Phrase(N_("Demander {number}"), {"number": row.number})
            hidden.add(row.id or 0)
    return Names(called, frozenset(hidden))


def blind_ones(work: Work, rows: Collection[Registration]) -> frozenset[int]:
    """Those that bring a demand which hides whose it is."""
    wanted = {id for row in rows if row.side == "demander" for id in row.things}
    query = select(DemandRow.id).where(col(DemandRow.id).in_(wanted), col(DemandRow.visibility).in_(HIDING))
    hiding = set(work.session.exec(query)) if wanted else set()
    return frozenset(row.id or 0 for row in rows if row.side == "demander" and hiding & set(row.things))


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
