"""What an organizer does with a challenge: draft it from a package, set its windows, post it, correct it, close it.

After posting, every change needs a reason and is written down in `Correction` for everyone to see.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.core import ledger
from leaderboard.core.errors import FieldError, Malformed, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.seasons import service, windows
from leaderboard.seasons.models import Announcement, Challenge, Correction, PackageVersion, Phase
from leaderboard.seasons.signals import ChallengeClosed, ChallengePosted, PackageChanged
from leaderboard.seasons.windows import PhasePlan

SHORTEST_REASON: Final = 5
LONGEST_REASON: Final = 500
LONGEST_HEADING: Final = 120
LONGEST_TEXT: Final = 20_000


def draft(work: Work, actor: Actor, package: PackageVersion, *, season_slug: str | None = None) -> Challenge:
    """A challenge that only its organizers see, with the windows that the package proposes. Raises Refused.

    Its name in addresses is the package's; it cannot be taken, not even by a draft of somebody else.
    """
    actor.demand("challenge.create", organization_id=package.organization_id)
    _ready(package)
    if package.challenge_id is not None:
        raise Refused("seasons.package_used", N_("There is already a challenge made from this package."))
    definition = service.definition_of(package)
    season = service.season_by_slug(work, season_slug) if season_slug else service.default_season(work)
    assert season.id is not None
    challenge = Challenge(
        season_id=season.id,
        organization_id=package.organization_id,
        slug=definition.slug,
        created_at=work.now,
        sector="",
        task="",
        title_en="",
        title_zh="",
        summary_en="",
        summary_zh="",
    )
    _put_in_force(challenge, package)
    try:
        with work.session.begin_nested():
            work.session.add(challenge)
    except IntegrityError:
        message = N_(
            "There is already a challenge with the name {slug}. Change slug in challenge.toml, or upload a new version there."
        )
        raise Refused("seasons.slug_taken", message, slug=definition.slug) from None
    assert challenge.id is not None
    package.challenge_id = challenge.id
    _write_phases(work, challenge.id, windows.checked(windows.planned(definition, work.now)))
    ledger.record(work, actor.person_id, "challenge.draft", f"challenge:{challenge.id}", package=package.id)
    return challenge


def _ready(package: PackageVersion) -> None:
    if package.state != "ready":
        raise Refused(
            "seasons.package_not_ready", N_("This package has not passed its check, so nothing can be made from it.")
        )


def _put_in_force(challenge: Challenge, package: PackageVersion) -> None:
    """Copies into the challenge what lists and searches need of the definition."""
    definition = service.definition_of(package)
    challenge.package_id = package.id
    challenge.sector, challenge.task, challenge.modality = definition.sector, definition.task, list(definition.modality)
    challenge.title_en, challenge.title_zh = definition.title.en, definition.title.zh
    challenge.summary_en, challenge.summary_zh = definition.summary.en, definition.summary.zh


def _demand_not_final(challenge: Challenge) -> None:
    if challenge.finalised_at is not None:
        raise Refused(
            "seasons.final", N_("The results of this challenge are final: its phases and its package stay as they are.")
        )


def set_phases(work: Work, actor: Actor, slug: str, plans: Sequence[PhasePlan], *, reason: str = "") -> list[Phase]:
    """Makes the phases be as planned. After posting: with a reason, and a phase that has begun stays.

    Raises Malformed (every fault, by form field) or Refused.
    """
    challenge = service.challenge_to_edit(work, actor, slug, lock=True)
    _demand_not_final(challenge)
    ordered = windows.checked(plans)
    assert challenge.id is not None
    before = {phase.key: phase for phase in service.phases(work, challenge.id)}
    if challenge.state != "draft":
        changes = list(_differences(before, ordered))
        if changes:
            reason = _reason(reason)
        gone = [phase for key, phase in before.items() if key not in {plan.key for plan in ordered}]
        begun = next((phase for phase in gone if phase.opens_at <= work.now), None)
        if begun is not None:
            message = N_("The phase “{key}” has begun, so it stays. It can be ended earlier or later.")
            raise Refused("seasons.phase_begun", message, key=begun.key)
        for what, old, new in changes:
            _correct(work, actor, challenge, what, old, new, reason)
    _write_phases(work, challenge.id, ordered)
    ledger.record(work, actor.person_id, "challenge.phases", f"challenge:{challenge.id}", reason=reason)
    return service.phases(work, challenge.id)


def _write_phases(work: Work, challenge_id: int, plans: Sequence[PhasePlan]) -> None:
    """Phases keep their rows, by key: what was handed in belongs to them."""
    known = {phase.key: phase for phase in service.phases(work, challenge_id)}
    for key in known.keys() - {plan.key for plan in plans}:
        _remove_phase(work, known[key])
    for position, plan in enumerate(plans):
        phase = known.get(plan.key) or Phase(
            challenge_id=challenge_id, key=plan.key, opens_at=plan.opens_at, closes_at=plan.closes_at
        )
        for name in PhasePlan.__slots__:
            setattr(phase, name, getattr(plan, name))
        phase.position = position
        work.session.add(phase)
    work.session.flush()


def _remove_phase(work: Work, phase: Phase) -> None:
    """Raises Refused when something hangs on the phase: its beginning may have been moved after it had begun."""
    try:
        with work.session.begin_nested():
            work.session.delete(phase)
    except IntegrityError:
        message = N_("Something was handed in during the phase “{key}”, so it stays.")
        raise Refused("seasons.phase_used", message, key=phase.key) from None


def _differences(before: dict[str, Phase], plans: Sequence[PhasePlan]) -> list[tuple[str, str, str]]:
    """(what, before, after) of everything that would change, such as ``phases.open.closes_at``."""
    found: list[tuple[str, str, str]] = []
    for plan in plans:
        phase = before.get(plan.key)
        if phase is None:
            found.append((f"phases.{plan.key}", "", f"{_text(plan.opens_at)} – {_text(plan.closes_at)}"))
            continue
        old = PhasePlan.of(phase)
        names = [name for name in PhasePlan.__slots__ if getattr(old, name) != getattr(plan, name)]
        found += [
            (f"phases.{plan.key}.{name}", _text(getattr(old, name)), _text(getattr(plan, name))) for name in names
        ]
    for key in before.keys() - {plan.key for plan in plans}:
        found.append((f"phases.{key}", f"{_text(before[key].opens_at)} – {_text(before[key].closes_at)}", ""))
    return found


def _text(value: datetime | str | int | None) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return "" if value is None else str(value)


def _reason(reason: str) -> str:
    """The reason for a change after posting. Raises Malformed when there is none worth the name."""
    kept = " ".join(reason.split())
    if not SHORTEST_REASON <= len(kept) <= LONGEST_REASON:
        message = N_(
            "This challenge is posted: say why you change it, in {least} to {most} characters. Everyone sees the reason."
        )
        fault = FieldError("reason", message, {"least": SHORTEST_REASON, "most": LONGEST_REASON})
        raise Malformed("seasons.reason", message, fields=[fault], least=SHORTEST_REASON, most=LONGEST_REASON)
    return kept


def _correct(work: Work, actor: Actor, challenge: Challenge, what: str, before: str, after: str, reason: str) -> None:
    assert challenge.id is not None
    work.session.add(
        Correction(
            challenge_id=challenge.id,
            person_id=actor.person_id,
            what=what,
            before=before,
            after=after,
            reason=reason,
            at=work.now,
        )
    )


def post(work: Work, actor: Actor, slug: str) -> Challenge:
    """Makes a draft public. Raises Refused when its windows are all over."""
    challenge = service.challenge_to_edit(work, actor, slug, lock=True)
    assert challenge.id is not None
    if challenge.state != "draft":
        raise Refused("seasons.posted_already", N_("This challenge is posted already."))
    if all(phase.closes_at <= work.now for phase in service.phases(work, challenge.id)):
        raise Refused("seasons.all_over", N_("All phases of this challenge lie in the past. Set its dates first."))
    challenge.state, challenge.posted_at = "posted", work.now
    work.session.add(challenge)
    work.session.flush()
    ledger.record(work, actor.person_id, "challenge.post", f"challenge:{challenge.id}")
    work.emit(ChallengePosted(challenge.id))
    return challenge


def close(work: Work, actor: Actor, slug: str, *, reason: str) -> Challenge:
    """Ends a posted challenge by hand, for good: nothing is accepted from this moment on."""
    challenge = service.challenge_to_edit(work, actor, slug, lock=True)
    assert challenge.id is not None
    if challenge.state != "posted":
        raise Refused("seasons.not_posted", N_("Only a challenge that is posted can be closed."))
    reason = _reason(reason)
    challenge.state, challenge.closed_at = "closed", work.now
    work.session.add(challenge)
    _correct(work, actor, challenge, "state", "posted", "closed", reason)
    ledger.record(work, actor.person_id, "challenge.close", f"challenge:{challenge.id}", reason=reason)
    work.session.flush()
    work.emit(ChallengeClosed(challenge.id))
    return challenge


def announce(
    work: Work, actor: Actor, slug: str, *, title_en: str, title_zh: str, text_en: str, text_zh: str
) -> Announcement:
    """Publishes a notice in both languages (Markdown). It stays as it is; a later one may correct it."""
    challenge = service.challenge_to_edit(work, actor, slug)
    words = {"title_en": title_en, "title_zh": title_zh, "text_en": text_en, "text_zh": text_zh}
    kept = {name: text.strip() for name, text in words.items()}
    faults = []
    for name, text in kept.items():
        most = LONGEST_HEADING if name.startswith("title") else LONGEST_TEXT
        if not text:
            faults.append(FieldError(name, N_("A notice has its title and text in both languages: this one is empty.")))
        elif len(text) > most:
            faults.append(FieldError(name, N_("At most {most} characters."), {"most": most}))
    if faults:
        raise Malformed("seasons.announcement", N_("The notice is not complete."), fields=faults)
    assert challenge.id is not None
    made = Announcement.model_validate(
        {**kept, "challenge_id": challenge.id, "person_id": actor.person_id, "at": work.now}
    )
    work.session.add(made)
    work.session.flush()
    ledger.record(work, actor.person_id, "challenge.announce", f"challenge:{challenge.id}", announcement=made.id)
    return made


def adopt(work: Work, actor: Actor, slug: str, package_id: int, *, reason: str = "") -> Challenge:
    """Puts another package version in force: words, data, limits; a major one has everything scored anew.

    Phases are left as they are. Raises Refused when the version does not follow the one in force, or claims to change
    less than it does.
    """
    challenge = service.challenge_to_edit(work, actor, slug, lock=True)
    _demand_not_final(challenge)
    query = select(PackageVersion).where(
        col(PackageVersion.id) == package_id, PackageVersion.challenge_id == challenge.id
    )
    package = work.session.exec(query).one_or_none()
    if package is None:
        raise Refused("seasons.foreign_package", N_("This package was not uploaded as a version of this challenge."))
    _ready(package)
    old = service.package_in_force(work, challenge)
    rescore = successor(challenge, old, package)
    posted = challenge.state != "draft"
    if posted:
        _correct(work, actor, challenge, "package", old.version or "", package.version or "", _reason(reason))
    _put_in_force(challenge, package)
    work.session.add(challenge)
    work.session.flush()
    detail = {"before": old.version, "after": package.version, "rescore": rescore}
    ledger.record(work, actor.person_id, "challenge.package", f"challenge:{challenge.id}", **detail)
    assert challenge.id is not None and package.id is not None  # noqa: PT018
    work.emit(PackageChanged(challenge.id, package.id, rescore=rescore))
    return challenge


def successor(challenge: Challenge, old: PackageVersion, new: PackageVersion) -> bool:
    """Whether ``new`` after ``old`` forces a re-score. Raises Refused when it may not follow."""
    definition = service.definition_of(new)
    if definition.slug != challenge.slug:
        message = N_("This package is called {found} in its challenge.toml; a new version keeps the name {slug}.")
        raise Refused("seasons.other_slug", message, found=definition.slug, slug=challenge.slug)
    before, after = _numbers(old.version), _numbers(new.version)
    if after <= before:
        message = N_(
            "Version {after} does not come after {before}, which is in force. Raise version in challenge.toml."
        )
        raise Refused("seasons.version_order", message, before=old.version, after=new.version)
    major = after[0] > before[0]
    if not major and new.scoring_digest != old.scoring_digest:
        message = N_(
            "Answers, split, metrics or ties changed from {before} to {after}. That makes it a major version"
            " ({major}), and everything handed in will be scored anew."
        )
        wanted = f"{before[0] + 1}.0.0"
        raise Refused("seasons.needs_major", message, before=old.version, after=new.version, major=wanted)
    return major


def _numbers(version: str | None) -> tuple[int, ...]:
    return tuple(int(part) for part in (version or "0.0.0").split("."))


def shifted(plans: Sequence[PhasePlan], opens_at: datetime, closes_at: datetime) -> list[PhasePlan]:
    """The same phases, spread over another span in the same proportions."""
    first, last = min(plan.opens_at for plan in plans), max(plan.closes_at for plan in plans)
    scale = (closes_at - opens_at) / (last - first)

    def moved(instant: datetime) -> datetime:
        return (opens_at + (instant - first) * scale).replace(microsecond=0)

    return [replace(plan, opens_at=moved(plan.opens_at), closes_at=moved(plan.closes_at)) for plan in plans]
