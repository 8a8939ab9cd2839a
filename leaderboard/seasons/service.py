"""What everyone asks of seasons: which challenge, which phase, which definition, which files.

Posting and correcting are in `posting`, packages on their way in are in `packages`.
"""

from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import bindparam
from sqlmodel import col, select

from challenges.admission import definition_from_json
from challenges.definition import Definition
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.policy import Relation
from leaderboard.core.errors import NotFound, Unavailable
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.seasons.models import Announcement, Challenge, Correction, PackageVersion, Phase, Season
from leaderboard.seasons.signals import RelationsAsked
from leaderboard.seasons.states import Status, is_open, status

DEFAULT_SEASON = "open"
_KEPT = 256
# Built once, as in every room what each submission asks: building a statement costs more than running it.
_BY_SLUG: Final = select(Challenge).where(col(Challenge.slug) == bindparam("slug"))
_PHASES: Final = select(Phase).where(col(Phase.challenge_id) == bindparam("challenge")).order_by(col(Phase.opens_at))
_definitions: dict[tuple[int, str], Definition] = {}  # by package version, which never changes once it is ready


def challenge_by_slug(work: Work, actor: Actor, slug: str) -> Challenge:
    """The challenge as this actor may read it. Raises NotFound, also for drafts of other organizations."""
    challenge = work.session.exec(_BY_SLUG, params={"slug": slug}).one_or_none()
    if challenge is None:
        raise NotFound("seasons.no_challenge", N_("There is no challenge with the name {slug}."), slug=slug)
    act = "challenge.read_draft" if challenge.state == "draft" else "challenge.read"
    actor.demand(act, organization_id=challenge.organization_id)
    return challenge


def challenge_to_edit(work: Work, actor: Actor, slug: str, *, lock: bool = False) -> Challenge:
    """The challenge, for those who may change it; ``lock``: until the end of the transaction nobody else changes it."""
    query = select(Challenge).where(Challenge.slug == slug)
    challenge = work.session.exec(query.with_for_update() if lock else query).one_or_none()
    if challenge is None:
        raise NotFound("seasons.no_challenge", N_("There is no challenge with the name {slug}."), slug=slug)
    actor.demand("challenge.edit", organization_id=challenge.organization_id)
    return challenge


def phases(work: Work, challenge_id: int) -> list[Phase]:
    """All phases in order of time."""
    return list(work.session.exec(_PHASES, params={"challenge": challenge_id}))


def current_phase(work: Work, challenge_id: int, now: datetime) -> Phase | None:
    """The phase whose window holds ``now``: open from its first instant up to, not including, its last.

    It is about windows only: whether the challenge is posted and not closed by hand is `status_of`'s to say.
    """
    return next((phase for phase in phases(work, challenge_id) if is_open(phase, now)), None)


def status_of(work: Work, challenge: Challenge, now: datetime) -> Status:
    """draft, upcoming, open, closing (soon), between (phases) or closed."""
    assert challenge.id is not None
    return status(challenge.state, phases(work, challenge.id), now)


def package_in_force(work: Work, challenge: Challenge) -> PackageVersion:
    """The package version whose words, data and answers count now."""
    package = work.session.get(PackageVersion, challenge.package_id) if challenge.package_id else None
    if package is None or package.state != "ready":
        raise Unavailable(
            "seasons.no_package", N_("The package of this challenge is not there. The operator can tell why.")
        )
    return package


def definition(work: Work, challenge: Challenge) -> Definition:
    """The definition in force; parsed once per package version and process."""
    return definition_of(package_in_force(work, challenge))


def definition_of(package: PackageVersion) -> Definition:
    """The definition of a package version that is ready."""
    assert package.id is not None and package.digest is not None and package.definition is not None  # noqa: PT018
    key = (package.id, package.digest)
    known = _definitions.get(key)
    if known is None:
        known = definition_from_json(package.definition)
        while len(_definitions) >= _KEPT:
            _definitions.pop(next(iter(_definitions)), None)
        _definitions[key] = known
    return known


def prepared_folder(work: Work, package: PackageVersion) -> Path:
    """The local folder with the compiled answers. For scoring children only; raises FileNotFoundError."""
    keys = [f"{package.prepared_key}/{name}" for name in package.prepared_files]
    places = {key: work.storage.path(key) for key in keys}  # brings each file here where the storage is elsewhere
    return places[f"{package.prepared_key}/plan.json"].parent


def relations(work: Work, actor: Actor, challenge: Challenge) -> frozenset[Relation]:
    """What the actor is to this challenge, memberships in its entries included."""
    assert challenge.id is not None
    found: set[Relation] = set()
    work.emit(RelationsAsked(challenge.id, actor, found))
    return actor.relations(organization_id=challenge.organization_id, also=frozenset(found))


def announcements(work: Work, challenge_id: int) -> list[Announcement]:
    """Newest first."""
    query = select(Announcement).where(Announcement.challenge_id == challenge_id)
    return list(work.session.exec(query.order_by(col(Announcement.at).desc(), col(Announcement.id).desc())))


def corrections(work: Work, challenge_id: int) -> list[Correction]:
    """Everything changed since posting, newest first."""
    query = select(Correction).where(Correction.challenge_id == challenge_id)
    return list(work.session.exec(query.order_by(col(Correction.at).desc(), col(Correction.id).desc())))


def default_season(work: Work) -> Season:
    """The season that challenges are posted in when none is named: the oldest; made when there is none."""
    season = work.session.exec(select(Season).order_by(col(Season.id)).limit(1)).one_or_none()
    if season is None:
        season = Season(slug=DEFAULT_SEASON, title_en="All year round", title_zh="常年发榜", created_at=work.now)
        work.session.add(season)
        work.session.flush()
    return season


def season_by_slug(work: Work, slug: str) -> Season:
    """Raises NotFound."""
    season = work.session.exec(select(Season).where(Season.slug == slug)).one_or_none()
    if season is None:
        raise NotFound("seasons.no_season", N_("There is no season with the name {slug}."), slug=slug)
    return season
