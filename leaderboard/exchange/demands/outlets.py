"""A demand proposed as a challenge: the draft brief, the organizers' list of proposals, and the challenge that came of one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.core.errors import FieldError, NotFound
from leaderboard.core.i18n import N_, translate
from leaderboard.core.work import Work
from leaderboard.exchange.demands import facts, making, service, showing, vetting
from leaderboard.exchange.demands.facts import Fact
from leaderboard.exchange.demands.models import DemandRow, DemandVersion, Tier
from leaderboard.exchange.demands.service import Need
from leaderboard.exchange.demands.states import ACTIVE
from leaderboard.seasons import service as seasons
from leaderboard.seasons.models import Challenge
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.terms.demand import Demand
from leaderboard.terms.words import ACTIONS

_TASK: Final = frozenset(
    {
        "What is wanted",
        "Sectors",
        "Task",
        "Kind of data",
        "Languages",
        "Geography",
        "Period of the data",
        "Size",
        "Fields",
    }
)
_TERMS: Final = frozenset({"Purposes", "Used in", "Time of use", "Duties that cannot be taken on", "Exclusivity"})


@dataclass(frozen=True)
class Proposal:
    """A demand in the organizers' list, as far as the reader may see it. ``title`` None: its text is not for them; then there are
    the facts of its blind card, and none where ``tier`` is "none". ``organization`` is empty where the demand hides it.
    ``challenge``: title and path.
    """

    key: str
    tier: Tier
    title: Words | None
    facts: tuple[Fact, ...]
    organization: str
    proposed_at: datetime
    challenge: tuple[Words, str] | None


def propose(work: Work, actor: Actor, key: str, *, in_full: bool = False) -> DemandRow:
    """Lays an open demand before the organizers as a challenge. One that is not public shows them what it shows everybody, its text
    only ``in_full``. Raises NotFound, Refused.
    """
    row = service.demand_for(work, actor, key, "demand.edit", lock=True)
    service.move(work, actor, row, "promoted")
    row.proposed_at = row.proposed_at or work.now
    if row.proposed_in_full != in_full:
        row.proposed_in_full = in_full
        service.record(work, actor, "demand.propose", row, in_full=in_full)
    work.session.add(row)
    work.session.flush()
    return row


def retract(work: Work, actor: Actor, key: str) -> DemandRow:
    """Takes a proposal back, as long as no challenge is linked to it. Raises NotFound, Refused."""
    row = service.demand_for(work, actor, key, "demand.edit", lock=True)
    if row.proposed_at is None or row.challenge_id is not None:
        return row
    if row.state == "promoted":
        service.move(work, actor, row, "open")
    row.proposed_at, row.proposed_in_full = None, False
    work.session.add(row)
    work.session.flush()
    service.record(work, actor, "demand.retract", row)
    return row


def link(work: Work, actor: Actor, key: str, slug: str) -> DemandRow:
    """Says which of the actor's challenges was made of a proposal. Raises NotFound, Forbidden, Malformed (no such challenge)."""
    row = _proposed(work, actor, key, lock=True)
    try:
        challenge = seasons.challenge_to_edit(work, actor, slug)
    except NotFound:
        making.refuse([FieldError(f"challenge-{key}", N_("You have no challenge with this address"))])
        raise
    if row.challenge_id != challenge.id:
        row.challenge_id = challenge.id
        work.session.add(row)
        work.session.flush()
        service.record(work, actor, "demand.link", row, challenge=challenge.id)
        vetting.tell(work, row, "linked")
    return row


def proposals(work: Work, actor: Actor) -> tuple[Proposal, ...]:
    """What was proposed and is still open, the latest first. Raises Forbidden."""
    actor.demand("challenge.create")
    query = service.rows_of(work, col(DemandRow.proposed_at).is_not(None), col(DemandRow.state).in_(ACTIVE))
    tiers = service.tiers(work, actor, [row for row, _, _ in query])
    found = [
        _proposal(work, *one, "full" if _in_full(one[0], tier) else tier)
        for one, tier in zip(query, tiers, strict=True)
    ]
    return tuple(sorted(found, key=lambda one: (-one.proposed_at.timestamp(), one.key)))


def _in_full(row: DemandRow, tier: Tier) -> bool:
    return tier == "full" or row.proposed_in_full


def _proposal(work: Work, row: DemandRow, version: DemandVersion, need: Need, tier: Tier) -> Proposal:
    challenge = work.session.get(Challenge, row.challenge_id) if row.challenge_id else None
    assert row.proposed_at is not None
    return Proposal(
        key=row.key,
        tier=tier,
        title=showing.blackened(version, "title") if tier == "full" else None,
        facts=facts.card_facts(service.card_of(need.document)) if tier == "card" else (),
        organization=need.organization if tier == "full" and row.visibility != "blind" else "",
        proposed_at=row.proposed_at,
        challenge=(Words(challenge.title_en, challenge.title_zh), f"/challenges/{challenge.slug}")
        if challenge
        else None,
    )


def _proposed(work: Work, actor: Actor, key: str, *, lock: bool = False) -> DemandRow:
    """A proposal that the actor may read."""
    actor.demand("challenge.create")
    query = select(DemandRow).where(col(DemandRow.key) == key, col(DemandRow.proposed_at).is_not(None))
    row = work.session.exec(query.with_for_update() if lock else query).one_or_none()
    if row is None or row.state not in ACTIVE or not _in_full(row, service.may_see(work, actor, row)):
        raise service.none_such()
    return row


# The brief


def own_brief(work: Work, actor: Actor, key: str, locale: str) -> str:
    """The draft brief as its demander reads it, with the budget as it is. Raises NotFound."""
    row = service.demand_for(work, actor, key, "demand.read_draft")
    need = service.need_of(work, row)
    return "\n".join(_brief(need, need.title, need.text, "exact", locale))


def proposed_brief(work: Work, actor: Actor, key: str, locale: str) -> str:
    """The draft brief as organizers read it: sums of money in bands. Raises NotFound, Forbidden."""
    row = _proposed(work, actor, key)
    version, need = service.current_version(work, row), service.need_of(work, row)
    title, text = showing.blackened(version, "title"), showing.blackened(version, "need")
    return "\n".join(_brief(need, title, text, "band", locale))


def _brief(need: Need, title: Words, text: Words, money: facts.Money, locale: str) -> Iterator[str]:
    document = need.document
    stated = facts.facts(document, money)

    def part(heading: str, lines: Iterable[str]) -> Iterator[str]:
        yield from ("", f"## {translate(locale, heading)}", "", *lines)

    def listed(labels: frozenset[str]) -> Iterator[str]:
        colon = translate(locale, N_(": "))
        for fact in stated:
            if fact.label.message in labels:
                yield f"- {fact.label.said(locale)}{colon}{_flat(fact.value.said(locale))}"

    yield f"# {_flat(title.said(locale))}"
    yield from (
        "",
        translate(locale, N_("Draft of a brief, written from demand {key}. It is not a call yet."), key=need.key),
    )
    yield from part(N_("Need"), (f"> {line}" for line in text.said(locale).split("\n")))
    yield from part(N_("Task and data"), listed(_TASK))
    yield from part(N_("Acceptance indicators as metrics"), _metrics(document, money, locale))
    prize = [fact.value.said(locale) for fact in stated if fact.label.message == "Budget"]
    yield from part(N_("Prize"), prize or [translate(locale, N_("To be agreed with the demander."))])
    yield from part(N_("Time"), [_time(document, locale)])
    yield from part(N_("Rights in the results"), (*_rights(document, locale), *listed(_TERMS)))
    open_points = (f"- [ ] {translate(locale, open_point)}" for open_point in _OPEN_POINTS)
    yield from part(N_("Still to be settled by the organizer"), open_points)
    yield ""


def _time(document: Demand, locale: str) -> str:
    if document.deadline is None:
        return translate(locale, N_("No deadline is set."))
    day = document.deadline.isoformat()
    return translate(locale, N_("Results are needed by {day}; plan phases and finals before it."), day=day)


_OPEN_POINTS: Final = (
    N_("Which data teams get, and under which licence"),
    N_("Which answers are hidden, and how they are split into a public and a private part"),
    N_("Phases, quota, and who may enter"),
    N_("How the prize is shared, and what follows when no team reaches the indicators"),
)


def _metrics(document: Demand, money: facts.Money, locale: str) -> Iterator[str]:
    wanted = [(one.floor, one.note) for one in document.indicators] or [(floor, "") for floor in document.floors]
    for floor, note in wanted:
        key = floor.measure if floor.kind == "measure" else floor.kind
        yield f"- `{key}`: {facts.floor(floor).said(locale)}" + (f" – {_flat(facts.note(note, money))}" if note else "")
    if not wanted:
        yield translate(locale, N_("The demand names none; choose metrics with the demander."))


def _rights(document: Demand, locale: str) -> Iterator[str]:
    actions = facts.Listed(tuple(Phrase(ACTIONS[action]) for action in document.usage.actions))
    if document.usage.actions:
        yield "- " + translate(locale, N_("The demander wants to: {actions}"), actions=actions.said(locale))
    else:
        yield "- " + translate(locale, N_("The demander has not said what it wants to do with the results."))


def _flat(text: str) -> str:
    """On one line, so that no text begins a line of Markdown."""
    return " ".join(text.split())
