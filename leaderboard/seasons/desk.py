"""The organizer's desk: packages and their check reports, challenges on the way to being posted, as frozen page objects."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from string import Formatter
from typing import Any, Final

from sqlmodel import col, or_, select

from challenges.findings import Finding
from challenges.intake_messages import template
from challenges.messages import MESSAGES
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Organization
from leaderboard.core import jobs
from leaderboard.core.errors import Refused
from leaderboard.core.i18n import translate
from leaderboard.core.work import Work
from leaderboard.seasons import packages, pages, posting, said, service, windows
from leaderboard.seasons.models import Challenge, PackageVersion, Phase
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.seasons.states import Status, status
from leaderboard.ui.forms import Form
from scoring import MESSAGES as SCORING

LATEST: Final = 50
_POSITION: Final = re.compile(r"phases-([0-9]{1,3})-")
ZONES: Final = (
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "Asia/Macau",
    "Asia/Taipei",
    "Asia/Singapore",
    "UTC",
    "Europe/London",
    "America/New_York",
)
"""Offered in the form; every zone of the IANA list can be written."""


@dataclass(frozen=True)
class Unit:
    """An organization that the actor may post for."""

    id: int
    slug: str
    name: str


@dataclass(frozen=True)
class PackageRow:
    id: int
    file_name: str
    state: str
    version: str | None
    challenge: str | None
    in_force: bool
    created_at: datetime


@dataclass(frozen=True)
class ChallengeRow:
    slug: str
    title: Words
    status: Status
    organization: str
    version: str | None
    posted_at: datetime | None


@dataclass(frozen=True)
class Home:
    units: tuple[Unit, ...]
    challenges: tuple[ChallengeRow, ...]
    packages: tuple[PackageRow, ...]


@dataclass(frozen=True)
class Sending:
    """The form that takes a package. ``challenge``: it is to be the next version of that one."""

    form: Form
    units: tuple[Unit, ...]
    most: int
    challenge: ChallengeRow | None = None


@dataclass(frozen=True)
class Found:
    """A finding: its level, its place (``challenge.toml:31 answers.split.public = 1.3``), and a sentence."""

    level: str
    place: str
    text: str
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """The check report of one package. ``ahead``: jobs before it in the queue; ``rescore``: adopting it re-scores."""

    package: PackageVersion
    row: PackageRow
    unit: Unit
    errors: tuple[Found, ...]
    warnings: tuple[Found, ...]
    notes: tuple[Found, ...]
    ahead: int | None
    title: Words | None
    effective: str
    challenge: ChallengeRow | None
    rescore: bool | None
    refusal: Phrase | None
    form: Form


@dataclass(frozen=True)
class Desk:
    """Everything about one challenge that its organizers can do."""

    challenge: ChallengeRow
    kind: str
    phases: tuple[tuple[Phase, Words | Phrase, Phrase], ...]
    packages: tuple[PackageRow, ...]
    changes: tuple[pages.Change, ...]
    finalised_at: datetime | None
    form: Form


@dataclass(frozen=True)
class PhasesForm:
    """The form of the windows; ``rows`` counts the phases shown, the last one empty."""

    challenge: ChallengeRow
    form: Form
    rows: int
    zones: tuple[str, ...]
    posted: bool


@dataclass(frozen=True)
class Preview:
    """The challenge as it will be seen, in both languages."""

    challenge: ChallengeRow
    en: pages.Overview
    zh: pages.Overview


@dataclass(frozen=True)
class Announcing:
    challenge: ChallengeRow
    form: Form


def units(work: Work, actor: Actor) -> tuple[Unit, ...]:
    """The organizations that the actor may post for, by name; all of them for the operator."""
    query = select(Organization).order_by(col(Organization.name))
    if actor.role != "operator":
        query = query.where(col(Organization.id).in_(actor.posting_ids))
    return tuple(Unit(one.id or 0, one.slug, one.name) for one in work.session.exec(query))


def home(work: Work, actor: Actor) -> Home:
    """What the actor's organizations post and have sent. Raises for those who do not organize."""
    actor.demand("challenge.create")
    mine = units(work, actor)
    ids = [unit.id for unit in mine]
    posts = select(Challenge).where(col(Challenge.organization_id).in_(ids)).order_by(col(Challenge.id).desc())
    sent = (
        select(PackageVersion)
        .where(col(PackageVersion.organization_id).in_(ids))
        .order_by(col(PackageVersion.id).desc())
    )
    return Home(
        units=mine,
        challenges=tuple(challenge_row(work, one) for one in work.session.exec(posts)),
        packages=tuple(_package_row(work, one) for one in work.session.exec(sent.limit(LATEST))),
    )


def challenge_row(work: Work, challenge: Challenge) -> ChallengeRow:
    assert challenge.id is not None
    unit = work.session.get(Organization, challenge.organization_id)
    package = work.session.get(PackageVersion, challenge.package_id) if challenge.package_id else None
    return ChallengeRow(
        slug=challenge.slug,
        title=Words(challenge.title_en, challenge.title_zh),
        status=status(challenge.state, service.phases(work, challenge.id), work.now),
        organization=unit.name if unit else "",
        version=package.version if package else None,
        posted_at=challenge.posted_at,
    )


def _package_row(work: Work, package: PackageVersion) -> PackageRow:
    challenge = work.session.get(Challenge, package.challenge_id) if package.challenge_id else None
    return PackageRow(
        id=package.id or 0,
        file_name=package.file_name,
        state=package.state,
        version=package.version,
        challenge=challenge.slug if challenge else None,
        in_force=challenge is not None and challenge.package_id == package.id,
        created_at=package.created_at,
    )


def sending(work: Work, actor: Actor, form: Form, slug: str | None = None) -> Sending:
    """The upload form; with ``slug`` for a new version of that challenge."""
    actor.demand("challenge.create")
    challenge = challenge_row(work, service.challenge_to_edit(work, actor, slug)) if slug else None
    return Sending(form, units(work, actor), work.settings.package_max_mb * 1_000_000, challenge)


def report(work: Work, actor: Actor, package_id: int, locale: str, form: Form | None = None) -> Report:
    """The check report. Raises NotFound to others than its organizers."""
    package = packages.package_to_edit(work, actor, package_id)
    unit = work.session.get_one(Organization, package.organization_id)
    challenge = work.session.get(Challenge, package.challenge_id) if package.challenge_id else None
    found = [found_of(Finding.model_validate(finding), locale) for finding in package.findings]
    definition = service.definition_of(package) if package.state == "ready" else None
    rescore, refusal = _succession(work, challenge, package)
    return Report(
        package=package,
        row=_package_row(work, package),
        unit=Unit(unit.id or 0, unit.slug, unit.name),
        errors=tuple(one for one in found if one.level == "error"),
        warnings=tuple(one for one in found if one.level == "warning"),
        notes=tuple(one for one in found if one.level == "note"),
        ahead=jobs.ahead(work.session, f"{packages.JOB_KIND}:{package.id}") if package.state == "checking" else None,
        title=Words(definition.title.en, definition.title.zh) if definition else None,
        effective=json.dumps(definition.effective().model_dump(mode="json"), ensure_ascii=False, indent=2)
        if definition
        else "",
        challenge=challenge_row(work, challenge) if challenge else None,
        rescore=rescore,
        refusal=refusal,
        form=form or Form(),
    )


def _succession(work: Work, challenge: Challenge | None, package: PackageVersion) -> tuple[bool | None, Phrase | None]:
    """Whether adopting the package would re-score, or why it cannot be adopted; nothing for one that need not be."""
    if challenge is None or package.state != "ready" or challenge.package_id == package.id:
        return None, None
    try:
        return posting.successor(challenge, service.package_in_force(work, challenge), package), None
    except Refused as refused:
        return None, Phrase(refused.message, refused.params)


def found_of(finding: Finding, locale: str) -> Found:
    """The finding with its sentence in ``locale``; the words of a finding come from the child and are shown inert."""
    fields = {name: value for name, value in finding if name not in {"id", "level", "params", "examples"}}
    examples = tuple(_example(example.model_dump()) for example in finding.examples)
    place = finding.place or finding.column or ""
    return Found(finding.level, place, sentence(finding.id, {**fields, **finding.params}, locale), examples)


def sentence(message_id: str, params: Mapping[str, Any], locale: str) -> str:
    """The sentence of a message id of ``challenges`` or ``scoring``; the bare id where it has none or params are missing."""
    known = template(MESSAGES, message_id, params) or template(SCORING, message_id, params)
    if known is None:
        return message_id
    named = {name for _, name, _, _ in Formatter().parse(known) if name}
    return (
        translate(locale, known, **{name: params[name] for name in named})
        if named
        else translate(locale, known).format()
    )


def _example(example: Mapping[str, Any]) -> str:
    parts = [str(example[name]) for name in ("row", "column", "value") if example.get(name) is not None]
    return " · ".join([*parts, *(f"{key} {value}" for key, value in example["params"].items())])


def desk(work: Work, actor: Actor, slug: str, form: Form | None = None) -> Desk:
    """One challenge, for its organizers."""
    challenge = service.challenge_to_edit(work, actor, slug)
    assert challenge.id is not None
    versions = select(PackageVersion).where(
        or_(col(PackageVersion.challenge_id) == challenge.id, col(PackageVersion.id) == challenge.package_id)
    )
    phases = service.phases(work, challenge.id)
    return Desk(
        challenge=challenge_row(work, challenge),
        kind=service.definition(work, challenge).kind,
        phases=tuple((phase, said.phase_title(phase), said.quota(phase)) for phase in phases),
        packages=tuple(
            _package_row(work, one) for one in work.session.exec(versions.order_by(col(PackageVersion.id).desc()))
        ),
        changes=pages.changes(work, challenge),
        finalised_at=challenge.finalised_at,
        form=form or Form(),
    )


def phases_form(work: Work, actor: Actor, slug: str, form: Form | None = None) -> PhasesForm:
    """The form of the windows, filled in with what is stored unless ``form`` holds what was sent."""
    challenge = service.challenge_to_edit(work, actor, slug)
    assert challenge.id is not None
    phases = service.phases(work, challenge.id)
    filled = (
        form
        if form is not None and form.values
        else Form(_values(phases, work.settings.zone), form.errors if form else ())
    )
    sent = 1 + max((int(match[1]) for match in map(_POSITION.match, filled.values) if match), default=-1)
    rows = min(max(sent, len(phases) + 1), windows.MOST_PHASES)
    zone = filled.value("zone")
    zones = ZONES if zone in ZONES else (zone, *ZONES)
    return PhasesForm(challenge_row(work, challenge), filled, rows, zones, challenge.state != "draft")


def _values(phases: list[Phase], zone: str) -> dict[str, str]:
    """The stored windows as the form would have sent them."""
    zone = phases[0].zone if phases else zone
    values = {"zone": zone, f"phases-{len(phases)}-picks": "2"}
    for position, phase in enumerate(phases):
        row = {
            "key": phase.key,
            "title_en": phase.title_en,
            "title_zh": phase.title_zh,
            "opens": windows.write_local(phase.opens_at, zone),
            "closes": windows.write_local(phase.closes_at, zone),
            "per_day": "" if phase.per_day is None else str(phase.per_day),
            "total": "" if phase.total is None else str(phase.total),
            "picks": str(phase.picks),
        }
        values.update({f"phases-{position}-{name}": value for name, value in row.items()})
    return values


def preview(work: Work, actor: Actor, slug: str) -> Preview:
    """The overview in both languages, before anything is public."""
    challenge = service.challenge_by_slug(work, actor, slug)
    actor.demand("challenge.read_draft", organization_id=challenge.organization_id)
    package = service.package_in_force(work, challenge)
    en, zh = (pages.overview_of(work, actor, challenge, package, locale) for locale in ("en", "zh"))
    return Preview(challenge_row(work, challenge), en, zh)


def announcing(work: Work, actor: Actor, slug: str, form: Form | None = None) -> Announcing:
    return Announcing(challenge_row(work, service.challenge_to_edit(work, actor, slug)), form or Form())
