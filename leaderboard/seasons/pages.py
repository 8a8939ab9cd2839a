"""What the public pages of a challenge show, as frozen objects."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from markupsafe import Markup

from challenges.facets import MODALITIES, ROLES, SECTORS, TASKS
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Organization
from leaderboard.accounts.policy import allows
from leaderboard.core.i18n import N_, translate
from leaderboard.core.work import Work
from leaderboard.seasons import said, service
from leaderboard.seasons.models import Announcement, Challenge, PackageVersion, Phase, Season
from leaderboard.seasons.signals import Fact, HeaderShown, NextStepAsked, Phrase, RulesAsked, Step, Tab, Words
from leaderboard.seasons.states import Status, is_open, status
from leaderboard.ui import charts, markdown

BRIEFS = frozenset({"README.en.md", "README.zh.md"})
LATEST = 3
"""Announcements and changes shown on the overview."""


@dataclass(frozen=True)
class ChallengeHeader:
    """What stands above every tab of a challenge. ``manages``: the viewer may change the challenge."""

    slug: str
    title: Words
    summary: Words
    organization: str
    tags: tuple[Phrase, ...]
    status: Status
    closed_at: datetime | None
    facts: tuple[Fact, ...]
    tabs: tuple[Tab, ...]
    tab: str
    manages: bool


@dataclass(frozen=True)
class PhaseRow:
    """A phase on the time rail."""

    key: str
    title: Words | Phrase
    opens_at: datetime
    closes_at: datetime
    quota: Phrase
    state: str
    span: charts.Span


@dataclass(frozen=True)
class Note:
    """An announcement in the reader's language."""

    id: int
    at: datetime
    title: str
    html: Markup


@dataclass(frozen=True)
class Change:
    """A correction: what was, what is, and why. ``before`` and ``after`` are instants where the thing is one."""

    at: datetime
    what: Phrase
    before: datetime | str
    after: datetime | str
    reason: str


@dataclass(frozen=True)
class Overview:
    header: ChallengeHeader
    brief: Markup
    step: Step | None
    file_kinds: Phrase
    columns: tuple[said.ColumnRow, ...]
    scores: tuple[said.ScoreRow, ...]
    notes: tuple[Phrase, ...]
    axis: charts.TimeAxis
    phases: tuple[PhaseRow, ...]
    zone: str
    announcements: tuple[Note, ...]
    changes: tuple[Change, ...]
    licence: str
    source: str
    public_size: int
    files: int
    restricted: bool
    season: tuple[str, Words]


@dataclass(frozen=True)
class FileRow:
    """A file that teams get. ``preview``: (columns, rows, columns left out)."""

    path: str
    size: int
    sha256: str
    role: Phrase | None
    role_key: str | None
    about: Words | None
    rows: int | None
    preview: tuple[tuple[str, ...], tuple[tuple[str | None, ...], ...], int] | None
    url: str


@dataclass(frozen=True)
class DataPage:
    """``allowed``: the viewer may download; when not, the data is for entered teams."""

    header: ChallengeHeader
    files: tuple[FileRow, ...]
    more_files: int
    public_size: int
    public_sha256: str
    version: str
    licence: str
    licence_file: str | None
    source: str
    personal: str
    allowed: bool


@dataclass(frozen=True)
class RulesPage:
    header: ChallengeHeader
    rules: tuple[Phrase, ...]


@dataclass(frozen=True)
class NewsPage:
    header: ChallengeHeader
    announcements: tuple[Note, ...]
    changes: tuple[Change, ...]


def header(work: Work, actor: Actor, challenge: Challenge, tab: str) -> ChallengeHeader:
    """The header with ``tab`` marked; other rooms add their facts and tabs by hearing `HeaderShown`."""
    assert challenge.id is not None
    phases = service.phases(work, challenge.id)
    state = status(challenge.state, phases, work.now)
    base = f"/challenges/{challenge.slug}"
    tabs = [
        Tab("overview", Phrase(N_("Overview")), base, weight=0),
        Tab("data", Phrase(N_("Data")), f"{base}/data", weight=10),
        Tab("board", Phrase(N_("Board")), f"{base}/board", weight=20),
        Tab("rules", Phrase(N_("Rules")), f"{base}/rules", weight=40),
        Tab("announcements", Phrase(N_("Announcements")), f"{base}/announcements", weight=50),
    ]
    if challenge.finalised_at is not None:
        tabs.append(Tab("results", Phrase(N_("Results")), f"{base}/results", weight=60))
    facts = list(_facts(challenge, phases, work.now))
    work.emit(HeaderShown(challenge.id, actor, facts, tabs))
    organization = work.session.get(Organization, challenge.organization_id)
    relations = actor.relations(organization_id=challenge.organization_id)
    return ChallengeHeader(
        slug=challenge.slug,
        title=Words(challenge.title_en, challenge.title_zh),
        summary=Words(challenge.summary_en, challenge.summary_zh),
        organization=organization.name if organization else "",
        tags=tags(challenge),
        status=state,
        closed_at=challenge.closed_at,
        facts=tuple(sorted(facts, key=lambda fact: fact.weight)),
        tabs=tuple(sorted(tabs, key=lambda one: one.weight)),
        tab=tab,
        manages=allows("challenge.edit", relations, actor.scopes),
    )


def tags(challenge: Challenge) -> tuple[Phrase, ...]:
    """Sector, kind of problem and kinds of data."""
    names = [SECTORS.get(challenge.sector), TASKS.get(challenge.task), *(MODALITIES.get(m) for m in challenge.modality)]
    return tuple(Phrase(name) for name in names if name)


def _facts(challenge: Challenge, phases: list[Phase], now: datetime) -> list[Fact]:
    current = next((phase for phase in phases if is_open(phase, now)), None)
    coming = next((phase for phase in phases if phase.opens_at > now), None)
    if challenge.state == "closed" and challenge.closed_at is not None:
        return [Fact(Phrase(N_("Closed")), challenge.closed_at, weight=10)]
    shown = current or coming
    if shown is None:
        return [Fact(Phrase(N_("Closed")), max(phase.closes_at for phase in phases), weight=10)] if phases else []
    instant = shown.closes_at if current else shown.opens_at
    label = Phrase(N_("Closes in")) if current else Phrase(N_("Opens in"))
    position = {"position": phases.index(shown) + 1, "count": len(phases)}
    return [
        Fact(label, instant, instant, countdown=True, weight=10),
        Fact(Phrase(N_("Phase")), said.phase_title(shown), Phrase(N_("{position} of {count}"), position), weight=20),
    ]


def overview(work: Work, actor: Actor, slug: str, locale: str) -> Overview:
    """The challenge's first tab for this viewer. Raises NotFound."""
    challenge = service.challenge_by_slug(work, actor, slug)
    return overview_of(work, actor, challenge, service.package_in_force(work, challenge), locale)


def overview_of(work: Work, actor: Actor, challenge: Challenge, package: PackageVersion, locale: str) -> Overview:
    """The same with a given package version: organizers look at both languages before they post."""
    assert challenge.id is not None
    definition = service.definition_of(package)
    phases = service.phases(work, challenge.id)
    zone = phases[0].zone if phases else work.settings.zone
    axis = _time_axis(phases, work.now, zone)
    season = work.session.get_one(Season, challenge.season_id)
    return Overview(
        header=header(work, actor, challenge, "overview"),
        brief=brief(package, challenge.slug, locale),
        step=_next_step(work, actor, challenge),
        file_kinds=said.file_kinds(definition),
        columns=said.columns(definition),
        scores=said.scores(definition),
        notes=said.scoring_notes(definition),
        axis=axis,
        phases=tuple(_phase_row(phase, axis, work.now) for phase in phases),
        zone=zone,
        announcements=_notes(service.announcements(work, challenge.id)[:LATEST], challenge.slug, locale),
        changes=changes(work, challenge)[:LATEST],
        licence=definition.data.licence,
        source=definition.data.source,
        public_size=package.public_size or 0,
        files=len(package.files) + package.more_files,
        restricted=definition.data.personal != "none",
        season=(season.slug, Words(season.title_en, season.title_zh)),
    )


def _time_axis(phases: list[Phase], now: datetime, zone: str) -> charts.TimeAxis:
    start = min((phase.opens_at for phase in phases), default=now)
    end = max((phase.closes_at for phase in phases), default=now)
    return charts.time_axis(start, end, now=now, zone=ZoneInfo(zone), name="phases")


def _phase_row(phase: Phase, axis: charts.TimeAxis, now: datetime) -> PhaseRow:
    state = "open" if is_open(phase, now) else "next" if phase.opens_at > now else "over"
    return PhaseRow(
        key=phase.key,
        title=said.phase_title(phase),
        opens_at=phase.opens_at,
        closes_at=phase.closes_at,
        quota=said.quota(phase),
        state=state,
        span=charts.span(axis, phase.opens_at, phase.closes_at, now=now),
    )


def _next_step(work: Work, actor: Actor, challenge: Challenge) -> Step | None:
    assert challenge.id is not None
    steps: list[Step] = []
    work.emit(NextStepAsked(challenge.id, actor, steps))
    return max(steps, key=lambda step: step.weight, default=None)


def brief(package: PackageVersion, slug: str, locale: str) -> Markup:
    """The README in one language as safe HTML; its relative links lead to the challenge's files."""
    text = package.readme_zh if locale == "zh" else package.readme_en
    return _rendered(text or "", f"/{locale}/challenges/{slug}/files", translate(locale, N_("Table in the brief")))


@lru_cache(maxsize=64)
def _rendered(text: str, files: str, label: str) -> Markup:
    return markdown.render(text, files=files, table_label=label)


def _notes(announcements: list[Announcement], slug: str, locale: str) -> tuple[Note, ...]:
    return tuple(_note(one, f"/{locale}/challenges/{slug}/files", locale) for one in announcements)


def _note(one: Announcement, files: str, locale: str) -> Note:
    title, text = (one.title_zh, one.text_zh) if locale == "zh" else (one.title_en, one.text_en)
    label = translate(locale, N_("Table in the notice “{title}”"), title=title)
    return Note(one.id or 0, one.at, title, _rendered(text, files, label))


def changes(work: Work, challenge: Challenge) -> tuple[Change, ...]:
    """Everything changed since posting, newest first, in words."""
    assert challenge.id is not None
    titles = {phase.key: said.phase_title(phase) for phase in service.phases(work, challenge.id)}
    return tuple(
        Change(one.at, _what(one.what, titles), _value(one.before), _value(one.after), one.reason)
        for one in service.corrections(work, challenge.id)
    )


_FIELDS = {
    "opens_at": N_("Beginning of the phase {phase}"),
    "closes_at": N_("End of the phase {phase}"),
    "per_day": N_("Submissions a day in the phase {phase}"),
    "total": N_("Submissions in all in the phase {phase}"),
    "zone": N_("Time zone of the phase {phase}"),
    "picks": N_("Final submissions to choose in the phase {phase}"),
    "title_en": N_("English title of the phase {phase}"),
    "title_zh": N_("Chinese title of the phase {phase}"),
}


def _what(what: str, titles: dict[str, Words | Phrase]) -> Phrase:
    if what == "package":
        return Phrase(N_("Version of the challenge package"))
    if what == "state":
        return Phrase(N_("State of the challenge"))
    _, key, *name = what.split(".")
    params = {"phase": titles.get(key, Words(key, key))}
    return Phrase(_FIELDS[name[0]], params) if name else Phrase(N_("Phase {phase}"), params)


def _value(text: str) -> datetime | str:
    """Instants are kept as text; everything else is shown as it is."""
    if "T" not in text or " " in text:
        return text
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text


def data(work: Work, actor: Actor, slug: str) -> DataPage:
    """The files with their digests and first rows; for those who may not have them, only their list."""
    challenge = service.challenge_by_slug(work, actor, slug)
    package = service.package_in_force(work, challenge)
    definition = service.definition_of(package)
    act = "challenge.data" if definition.data.personal == "none" else "challenge.data_restricted"
    return DataPage(
        header=header(work, actor, challenge, "data"),
        files=tuple(_file_row(file, slug) for file in package.files),
        more_files=package.more_files,
        public_size=package.public_size or 0,
        public_sha256=package.public_sha256 or "",
        version=package.version or "",
        licence=definition.data.licence,
        licence_file=definition.data.licence_file,
        source=definition.data.source,
        personal=definition.data.personal,
        allowed=allows(act, service.relations(work, actor, challenge), actor.scopes),
    )


def _file_row(file: dict[str, object], slug: str) -> FileRow:
    shown = file.get("preview")
    preview = None
    if isinstance(shown, dict):
        preview = (tuple(shown["columns"]), tuple(tuple(row) for row in shown["rows"]), shown.get("columns_more", 0))
    about = Words(str(file.get("about_en") or ""), str(file.get("about_zh") or ""))
    return FileRow(
        path=str(file["path"]),
        size=int(str(file["size"])),
        sha256=str(file["sha256"]),
        role=Phrase(ROLES[str(file["role"])]) if file.get("role") else None,
        role_key=str(file["role"]) if file.get("role") else None,
        about=about if about.en or about.zh else None,
        rows=int(str(file["rows"])) if file.get("rows") is not None else None,
        preview=preview,
        url=f"/challenges/{slug}/files/{file['path']}",
    )


def rules_of(work: Work, challenge: Challenge) -> tuple[Phrase, ...]:
    """Every rule of the challenge as a sentence."""
    assert challenge.id is not None
    definition, phases = service.definition(work, challenge), service.phases(work, challenge.id)
    found = said.rules(definition, phases, work.settings.upload_grace_minutes)
    work.emit(RulesAsked(challenge.id, found))
    return tuple(found)


def rules(work: Work, actor: Actor, slug: str) -> RulesPage:
    challenge = service.challenge_by_slug(work, actor, slug)
    return RulesPage(header(work, actor, challenge, "rules"), rules_of(work, challenge))


def news(work: Work, actor: Actor, slug: str, locale: str) -> NewsPage:
    """Announcements and changes, all of them."""
    challenge = service.challenge_by_slug(work, actor, slug)
    assert challenge.id is not None
    notes = _notes(service.announcements(work, challenge.id), slug, locale)
    return NewsPage(header(work, actor, challenge, "announcements"), notes, changes(work, challenge))


public_definition = said.public_definition
