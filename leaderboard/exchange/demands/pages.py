"""What the pages of demands show, as frozen objects."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

from challenges.facets import MODALITIES, SECTORS, TASKS
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.organizations import VERIFICATIONS
from leaderboard.accounts.policy import allows
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.exchange.demands import (
    content,
    facts,
    listing,
    making,
    outlets,
    service,
    showing,
    states,
    typed,
    vetting,
)
from leaderboard.exchange.demands.content import Written
from leaderboard.exchange.demands.models import DemandRow, DemandVersion
from leaderboard.exchange.demands.outlets import Proposal
from leaderboard.exchange.demands.showing import Seen
from leaderboard.seasons.models import Challenge
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.terms import words
from leaderboard.terms.contradictions import contradictions
from leaderboard.terms.demand import MeasureFloor
from leaderboard.terms.messages import MESSAGES
from leaderboard.ui.forms import Form
from scoring.quality.checks import CHECKS

Options = tuple[tuple[str, Phrase | str], ...]


@dataclass(frozen=True)
class Contradiction:
    """What cannot be had at once, and the field where it can be changed. ``warning``: it can be opened all the same."""

    text: Phrase
    field: str
    warning: bool


@dataclass(frozen=True)
class Mark:
    """A stretch of a text: understood as ``names`` (none: not marked), or ``left``, not understood."""

    text: str
    names: tuple[Phrase, ...] = ()
    left: bool = False


@dataclass(frozen=True)
class Reading:
    """A text as it was understood: its stretches, the pieces (words, what, value), and the words that were not understood."""

    language: str
    marks: tuple[Mark, ...]
    pieces: tuple[tuple[str, Phrase, Any], ...]
    left: tuple[str, ...]


@dataclass(frozen=True)
class MinePage:
    """The demands of the reader's organizations, the latest first: key, title, organization, state, version."""

    demands: tuple[tuple[str, Words, str, Phrase, int], ...]
    has_organization: bool


@dataclass(frozen=True)
class NewPage:
    """The first step; ``organizations``: (id, name)."""

    form: Form
    organizations: tuple[tuple[str, str], ...]
    longest_title: int = content.LONGEST_TITLE
    longest_need: int = content.LONGEST_NEED


@dataclass(frozen=True)
class EditPage:
    """The second step. ``values`` is the form as it is saved, ``rows`` the numbers of the lines for floors and indicators."""

    key: str
    title: Words
    state: str
    note: str
    version: int
    form: Form
    values: Mapping[str, str]
    readings: tuple[Reading, ...]
    contradictions: tuple[Contradiction, ...]
    done: str
    floor_rows: range
    indicator_rows: range
    floors: Options
    options: "EditOptions"
    longest_title: int = content.LONGEST_TITLE
    longest_need: int = content.LONGEST_NEED

    @property
    def may_submit(self) -> bool:
        return self.state == "draft"


@dataclass(frozen=True)
class EditOptions:
    """The word lists of the form: (key, name) each."""

    kinds: Options
    sectors: Options
    tasks: Options
    modalities: Options
    sizes: Options
    musts: Options
    factors: Options
    actions: Options
    purposes: Options
    duties: Options
    securities: Options
    personal: Options
    deliveries: Options
    visibilities: Options
    currencies: tuple[str, ...] = words.CURRENCIES


@dataclass(frozen=True)
class DemandPage:
    """A demand as its reader sees it; what only its organization and the operator see is empty for others."""

    seen: Seen
    state: Phrase | None
    visibility: Phrase | None
    contradictions: tuple[Contradiction, ...] = ()
    versions: tuple[tuple[int, datetime], ...] = ()
    note: str = ""
    outcome: Phrase | None = None
    outcome_note: str = ""
    submitted_at: datetime | None = None
    closed_at: datetime | None = None
    challenge: tuple[Words, str] | None = None
    proposed: bool = False
    proposed_in_full: bool = False
    log: tuple[tuple[datetime, str, Phrase, str, int | None], ...] = ()
    can_answer: bool = False
    is_over: bool = False
    is_owner: bool = False
    is_operator: bool = False
    is_active: bool = False
    is_waiting: bool = False
    may_edit: bool = False
    may_withdraw: bool = False
    may_close: bool = False
    vetted: bool = True
    form: Form = field(default_factory=Form)
    met: Options = ()
    unmet: Options = ()


@dataclass(frozen=True)
class VettingPage:
    """What waits for the operator: key, title, organization, its level, state, version, since when."""

    waiting: tuple[tuple[str, Words, str, Phrase, Phrase, int, datetime | None], ...]


@dataclass(frozen=True)
class ProposalsPage:
    """What was proposed as a challenge; ``briefs`` by key, in the reader's language, of those that they may read."""

    proposals: tuple[Proposal, ...]
    briefs: Mapping[str, str]
    form: Form


def mine_page(work: Work, actor: Actor) -> MinePage:
    """What the reader's organizations need, in every state. Raises SignInNeeded."""
    actor.demand("exchange.save")
    found = (
        (key, title, unit, Phrase(states.STATES[state]), number)
        for key, title, unit, state, number in listing.mine(work, actor)
    )
    return MinePage(tuple(found), bool(actor.organization_ids))


def new_page(work: Work, actor: Actor, form: Form | None = None) -> NewPage:
    """The first step. Raises SignInNeeded."""
    actor.demand("exchange.save")
    units = tuple((str(unit.id), unit.name) for unit in making.organizations(work, actor))
    return NewPage(form or Form(), units)


def edit_page(
    work: Work, actor: Actor, key: str, *, form: Form | None = None, typed_now: Written | None = None, done: str = ""
) -> EditPage:
    """The second step, as saved, or as ``typed_now`` where that was refused. Raises NotFound."""
    row = service.demand_for(work, actor, key, "demand.edit")
    version = service.current_version(work, row)
    saved = Written.of(version, service.document(version), making.invited(work, row))
    said = typed_now or saved
    return EditPage(
        key=key,
        title=Words(version.title_en, version.title_zh),
        state=row.state,
        note=row.note,
        version=row.version,
        form=form or Form(),
        values=typed.values(saved),
        readings=tuple(readings(said, version)),
        contradictions=_contradictions(work, said),
        done=done,
        floor_rows=_rows(len(said.document.floors)),
        indicator_rows=_rows(len(said.document.indicators)),
        floors=floors(),
        options=OPTIONS,
    )


def _rows(used: int) -> range:
    return range(min(typed.MOST_ROWS, used + typed.SPARE_ROWS))


def _contradictions(work: Work, said: Written) -> tuple[Contradiction, ...]:
    found = contradictions(said.document, making.today(work))
    return tuple(Contradiction(facts.contradiction(one), typed.place(one), one.level != "error") for one in found)


def readings(said: Written, version: DemandVersion) -> Iterator[Reading]:
    """How the needs were understood when they were saved; a text that was changed since is read when it is saved."""
    for language in ("zh", "en"):
        name = f"need_{language}"
        text = getattr(version, name)
        if text and text == getattr(said, name):
            yield _reading(language, text, version.understood.get(name, {}))


def _reading(language: str, text: str, understood: Mapping[str, Any]) -> Reading:
    pieces, left = understood.get("pieces", ()), understood.get("left", ())
    return Reading(
        language=language,
        marks=tuple(_marks(text, pieces, left)),
        pieces=tuple((one["text"], _name(one), facts.piece(one["what"], one["value"])) for one in pieces),
        left=tuple(one["text"] for one in left),
    )


def _name(piece: Mapping[str, Any]) -> Phrase:
    return Phrase(MESSAGES[piece["what"]])


def _marks(text: str, pieces: Sequence[Mapping[str, Any]], left: Sequence[Mapping[str, Any]]) -> Iterator[Mark]:
    """The text in stretches between all places where a piece begins or ends: pieces may lie on each other."""
    edges = sorted({0, len(text), *(one[end] for one in (*pieces, *left) for end in ("start", "end"))})
    for start, end in pairwise(edges):
        over = [one for one in pieces if one["start"] <= start and end <= one["end"]]
        names = tuple(dict.fromkeys(MESSAGES[one["what"]] for one in over))
        unread = any(one["start"] <= start and end <= one["end"] for one in left)
        yield Mark(text[start:end], tuple(map(Phrase, names)), left=unread and not over)


def demand_page(work: Work, actor: Actor, key: str, form: Form | None = None) -> DemandPage:
    """A demand for this reader. Raises NotFound."""
    seen = showing.seen(work, actor, key)
    if seen.tier == "card":
        return DemandPage(seen=seen, state=None, visibility=None)
    state, visibility = Phrase(states.STATES[_state(seen.state)]), Phrase(words.VISIBILITIES[seen.visibility])
    if not seen.ours:
        return DemandPage(seen=seen, state=state, visibility=visibility, can_answer=_state(seen.state) in states.ACTIVE)
    row = service.demand_for(work, actor, key, "demand.read_draft")
    return _own_page(work, actor, row, seen, form or Form())


def _state(state: str) -> states.DemandState:
    return next(one for one in states.STATES if one == state)


def _own_page(work: Work, actor: Actor, row: DemandRow, seen: Seen, form: Form) -> DemandPage:
    relations = actor.relations(organization_id=row.organization_id)
    version = service.current_version(work, row)
    said = Written.of(version, service.document(version), ())
    challenge = work.session.get(Challenge, row.challenge_id) if row.challenge_id else None
    is_owner = "organizer" in relations
    log = showing.access_log(work, actor, row.key)
    return DemandPage(
        seen=seen,
        state=Phrase(states.STATES[row.state]),
        visibility=Phrase(words.VISIBILITIES[row.visibility]),
        contradictions=_contradictions(work, said) if row.state == "draft" or row.state in states.WAITING else (),
        versions=tuple((one.number, one.created_at) for one in service.versions(work, row)),
        note=row.note,
        outcome=Phrase(states.REASONS[row.outcome]) if row.outcome else None,
        outcome_note=row.outcome_note,
        submitted_at=row.submitted_at,
        closed_at=row.closed_at,
        challenge=(Words(challenge.title_en, challenge.title_zh), f"/challenges/{challenge.slug}")
        if challenge
        else None,
        proposed=row.proposed_at is not None,
        proposed_in_full=row.proposed_in_full,
        log=tuple((at, tier, showing.who(who), unit, level) for at, tier, who, unit, level in log),
        is_owner=is_owner,
        is_operator="operator" in relations,
        is_active=row.state in states.ACTIVE,
        is_waiting=row.state in states.WAITING,
        is_over=row.state in states.OVER,
        may_edit=is_owner and (row.state == "draft" or row.state in states.ACTIVE),
        may_withdraw=allows("demand.withdraw", relations, actor.scopes) and states.may_move(row.state, "withdrawn"),
        may_close=is_owner and (row.state in states.ACTIVE or row.state == "contracted"),
        vetted=row.vetted_version == row.version,
        form=form,
        met=tuple((key, Phrase(states.REASONS[key])) for key in states.MET),
        unmet=tuple((key, Phrase(states.REASONS[key])) for key in states.UNMET),
    )


def log_rows(work: Work, actor: Actor, key: str, locale: str) -> list[Sequence[object]]:
    """The log of who saw a demand, as rows below `showing.LOG_HEADER`. Raises NotFound."""
    log = showing.access_log(work, actor, key)
    return [(at, tier, showing.who(who).said(locale), unit, level) for at, tier, who, unit, level in log]


def vetting_page(work: Work, actor: Actor) -> VettingPage:
    """The operator's queue. Raises NotFound."""
    waiting = vetting.queue(work, actor)
    needs = [service.need_of(work, row) for row in waiting]
    return VettingPage(
        tuple(
            (row.key, need.title, need.organization, Phrase(VERIFICATIONS[need.document.verified]),
             Phrase(states.STATES[row.state]), row.version, row.submitted_at)
            for row, need in zip(waiting, needs, strict=True)
        )
    )  # fmt: skip


def proposals_page(work: Work, actor: Actor, locale: str, form: Form | None = None) -> ProposalsPage:
    """The organizers' list. Raises Forbidden."""
    proposals = outlets.proposals(work, actor)
    read = (one.key for one in proposals if one.tier == "full")
    briefs = {key: outlets.proposed_brief(work, actor, key, locale) for key in read}
    return ProposalsPage(proposals, briefs, form or Form())


# Word lists


def _options(names: Mapping[str, str]) -> Options:
    return tuple((key, Phrase(label)) for key, label in names.items())


OPTIONS: Final = EditOptions(
    kinds=_options(words.KINDS),
    sectors=_options(SECTORS),
    tasks=_options(TASKS),
    modalities=_options(MODALITIES),
    sizes=_options(words.SIZES),
    musts=_options(words.MUSTS),
    factors=_options(words.FACTORS),
    actions=_options(words.ACTIONS),
    purposes=_options(words.PURPOSES),
    duties=_options(words.DUTIES),
    securities=_options(words.SECURITIES),
    personal=_options(words.PERSONAL),
    deliveries=_options(words.DELIVERIES),
    visibilities=_options(words.VISIBILITIES),
)


def floors() -> Options:
    """What quality may be asked for: grade, place, and every measure with its unit and direction."""
    return (
        ("grade", Phrase(N_("Grade, at least"))),
        ("rank", Phrase(N_("Place in a challenge, as a share of its entries, at most"))),
        *((key, _measure(key)) for key in CHECKS),
    )


def _measure(key: str) -> Phrase:
    falling = MeasureFloor(measure=key, limit=0).falling
    texts = {
        ("share", True): N_("{measure}, a share, at most"),
        ("share", False): N_("{measure}, a share, at least"),
        ("number", True): N_("{measure}, a number, at most"),
        ("number", False): N_("{measure}, a number, at least"),
    }
    return Phrase(texts[CHECKS[key].unit, falling], {"measure": Phrase(CHECKS[key].title)})
