"""How dataset cards and their versions come to be: from a submission with its captain's consent, or about a file kept elsewhere.

A card made from a submission shows figures of the team's own quality report, so it takes the captain's consent, which is kept with
person and time. The file itself stays where it is.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from challenges.facets import MODALITIES, SECTORS
from challenges.licences import LICENCES
from challenges.quality_description import MEDIA
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.locks import alone
from leaderboard.accounts.models import Organization
from leaderboard.core.errors import FieldError, Refused
from leaderboard.core.i18n import LOCALES, N_, translate
from leaderboard.core.work import Work
from leaderboard.datasets import columns, evidence, service
from leaderboard.datasets.fields import LONGEST, CardWords, Changelog, Reference, consent_faults, refuse
from leaderboard.datasets.models import Dataset, DatasetVersion
from leaderboard.datasets.signals import DatasetChanged
from leaderboard.entries import teams
from leaderboard.entries.models import Entry, Team
from leaderboard.seasons import service as seasons
from leaderboard.seasons.models import Challenge
from leaderboard.submissions import service as submissions
from leaderboard.submissions.models import ScoreReport, Submission
from leaderboard.submissions.states import State

RESERVED: Final = frozenset({"new", "upload", "import"})
"""Addresses that pages have."""
LONGEST_SLUG: Final = 60


def owners(work: Work, actor: Actor) -> list[tuple[str, str]]:
    """For whom the actor may make cards, as (key such as ``team:3``, name): teams they lead, organizations they belong to."""
    if actor.person_id is None:
        return []
    led = select(Team).where(Team.captain_id == actor.person_id, col(Team.dissolved_at).is_(None))
    units = select(Organization).where(col(Organization.id).in_(actor.organization_ids))
    found = [(f"team:{team.id}", team.name) for team in work.session.exec(led.order_by(col(Team.id)))]
    return found + [
        (f"organization:{unit.id}", unit.name) for unit in work.session.exec(units.order_by(col(Organization.id)))
    ]


def create_from_submission(work: Work, actor: Actor, submission_id: int, *, consent: bool) -> Dataset:
    """A draft about a scored dataset of the actor's team, filled in from its challenge. Twice makes one.

    Raises NotFound, Forbidden (not its captain), Refused (no dataset, not scored, withdrawn), Malformed (no consent).
    """
    submission = _publishable(work, actor, submission_id)
    known = service.dataset_of(work, submission_id)
    if known is not None:
        return known
    refuse(consent_faults(consent))
    entry = work.session.get_one(Entry, submission.entry_id)
    refuse_known_file(work, f"team:{entry.team_id}", submission.sha256)
    made = Dataset(slug="", team_id=entry.team_id, created_at=work.now)
    _first_words(work, submission, entry).write(made)
    _name(work, made)
    _add_submission(work, actor, made, submission, Changelog())
    service.record(work, actor, "dataset.create", made, submission=submission_id, consent=True)
    return made


def create_by_reference(work: Work, actor: Actor, *, owner: str, words: CardWords, reference: Reference) -> Dataset:
    """A draft about a file that is kept elsewhere. ``owner``: a key that `owners` gives. The same once more makes one.

    Raises Malformed, Refused (the owner has a card with this file).
    """
    actor.demand("dataset.refer")
    refuse((*owner_faults(work, actor, owner), *reference.faults(), *words.faults()))
    known = _with_file(work, owner, reference.sha256)
    if known is not None and known[1].address == reference.address and known[1].number == 1:
        return known[0]
    refuse_known_file(work, owner, reference.sha256)
    made = begin(work, owner, words)
    _add_reference(work, made, reference, Changelog())
    service.record(work, actor, "dataset.create", made, address=reference.address)
    return made


def owner_faults(work: Work, actor: Actor, owner: str) -> Iterator[FieldError]:
    """Whether the actor may make cards for ``owner``."""
    if owner not in dict(owners(work, actor)):
        yield FieldError("owner", N_("Choose a team that you lead or an organization that you belong to"))


def begin(work: Work, owner: str, words: CardWords) -> Dataset:
    """A draft of ``owner``, a key that `owners` gives, without a version: the caller adds one in the same transaction."""
    kind, _, id = owner.partition(":")
    made = Dataset(slug="", created_at=work.now)
    if kind == "team":
        made.team_id = int(id)
    else:
        made.organization_id = int(id)
    words.write(made)
    _name(work, made)
    return made


def add_submission(
    work: Work, actor: Actor, slug: str, submission_id: int, *, consent: bool, changelog: Changelog
) -> DatasetVersion:
    """Another scored dataset of the same team as the newest version. Raises as `create_from_submission`, and Refused."""
    dataset = service.dataset_for(work, actor, slug, "dataset.edit", lock=True)
    submission = _publishable(work, actor, submission_id)
    entry = work.session.get_one(Entry, submission.entry_id)
    if entry.team_id != dataset.team_id:
        raise Refused(
            "datasets.other_team", N_("Only submissions of the team that owns the dataset can be its versions.")
        )
    refuse((*consent_faults(consent), *changelog.faults()))
    refuse_known_file(work, owner_key(dataset), submission.sha256)
    made = _add_submission(work, actor, dataset, submission, changelog)
    service.record(
        work, actor, "dataset.add_version", dataset, number=made.number, submission=submission_id, consent=True
    )
    return made


def add_reference(work: Work, actor: Actor, slug: str, reference: Reference, *, changelog: Changelog) -> DatasetVersion:
    """Another file that is kept elsewhere as the newest version. Raises NotFound, Malformed, Refused (the file is there already)."""
    dataset = service.dataset_for(work, actor, slug, "dataset.edit", lock=True)
    refuse((*reference.faults(), *changelog.faults()))
    refuse_known_file(work, owner_key(dataset), reference.sha256)
    made = _add_reference(work, dataset, reference, changelog)
    service.record(work, actor, "dataset.add_version", dataset, number=made.number, address=reference.address)
    return made


def _publishable(work: Work, actor: Actor, submission_id: int) -> Submission:
    submission = submissions.submission_for(work, actor, submission_id, "submission.read", lock=True)
    demand_captain(work, actor, submission)
    refusal = why_not(work, submission)
    if refusal is not None:
        raise refusal
    return submission


def demand_captain(work: Work, actor: Actor, submission: Submission) -> None:
    """Raises unless the actor leads the team that handed it in."""
    entry = work.session.get_one(Entry, submission.entry_id)
    also = teams.relations_to_team(work, actor, entry.team_id)
    actor.demand("dataset.create", organization_id=service.NO_ORGANIZATION, also=also)


def why_not(work: Work, submission: Submission) -> Refused | None:
    """Why no card can be made of a submission; None: one can."""
    report = work.session.get(ScoreReport, submission.id)
    if submission.state == State.WITHDRAWN:
        return Refused("datasets.submission_withdrawn", N_("This submission was withdrawn; it cannot be published."))
    if submission.state != State.SCORED:
        return Refused("datasets.not_scored", N_("Only a scored submission can be published as a dataset."))
    if report is None or report.quality_key is None:
        return Refused("datasets.no_dataset", N_("This submission is no dataset: there is no quality report of it."))
    return None


def _first_words(work: Work, submission: Submission, entry: Entry) -> CardWords:
    """A card's words as far as they follow from the challenge, so that it can be published at once."""
    challenge = work.session.get_one(Challenge, submission.challenge_id)
    data = seasons.definition(work, challenge).data
    team = work.session.get_one(Team, entry.team_id)
    said: dict[str, Any] = {}
    for locale in LOCALES:
        title = challenge.title_zh if locale == "zh" else challenge.title_en
        given = {"title": title, "team": team.name, "number": submission.number, "source": data.source}
        said |= {
            f"title_{locale}": translate(locale, N_("{title} – dataset of {team}"), **given),
            f"summary_{locale}": translate(
                locale, N_("The dataset that the team {team} made for the challenge “{title}”."), **given
            ),
            f"provenance_{locale}": translate(
                locale,
                N_(
                    "Made by the team {team} from the data of the challenge “{title}”; submission {number}. Source of the raw data: {source}"
                ),
                **given,
            ),
        }
    return CardWords(
        **{name: text[: LONGEST[name.rpartition("_")[0]]] for name, text in said.items()},
        sector=challenge.sector if challenge.sector in SECTORS else "",
        modalities=tuple(key for key in MODALITIES if key in challenge.modality),
        licence=data.licence if data.licence in LICENCES else "",
    )


def _name(work: Work, dataset: Dataset) -> None:
    """Gives it an address, made from its English title where there is one; addresses never change."""
    base = _slug_of(dataset.title_en) or "dataset"
    for number in range(1, 10_000):
        slug = base if number == 1 else f"{base}-{number}"
        if (
            slug in RESERVED
            or work.session.exec(select(Dataset.id).where(col(Dataset.slug) == slug)).first() is not None
        ):
            continue
        dataset.slug = slug
        try:
            with work.session.begin_nested():
                work.session.add(dataset)
        except IntegrityError:  # somebody else took it since we looked (on PostgreSQL)
            continue
        return
    raise Refused("datasets.no_address", N_("Ten thousand datasets have this name; give it another title."))


def _slug_of(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:LONGEST_SLUG].strip("-")


def owner_key(dataset: Dataset) -> str:
    """Whose it is, as `owners` writes it."""
    return f"team:{dataset.team_id}" if dataset.team_id is not None else f"organization:{dataset.organization_id}"


def _with_file(work: Work, owner: str, sha256: str) -> tuple[Dataset, DatasetVersion] | None:
    """The owner's version that is this very file; nobody else adds one for this owner until the transaction ends."""
    alone(work.session, f"datasets of {owner}")
    kind, _, id = owner.partition(":")
    whose = col(Dataset.team_id) if kind == "team" else col(Dataset.organization_id)
    query = select(Dataset, DatasetVersion).join(DatasetVersion, col(DatasetVersion.dataset_id) == col(Dataset.id))
    return work.session.exec(query.where(whose == int(id), DatasetVersion.sha256 == sha256)).first()


def refuse_known_file(work: Work, owner: str, sha256: str) -> None:
    """Raises Refused where a version of the owner's is this very file; nobody adds one until the transaction ends."""
    known = _with_file(work, owner, sha256)
    if known is not None:
        raise Refused(
            "datasets.same_file",
            N_("This very file is version {number} of the dataset “{slug}” already; every version is another file."),
            number=known[1].number,
            slug=known[0].slug,
        )


def _add_submission(
    work: Work, actor: Actor, dataset: Dataset, submission: Submission, changelog: Changelog
) -> DatasetVersion:
    report = work.session.get_one(ScoreReport, submission.id)
    assert report.quality_key is not None
    found = evidence.read(work, report.quality_key)
    number = _next_number(work, dataset)
    suffix = submission.file_name.rpartition(".")[2].lower()
    name = file_name(dataset, number, MEDIA.get(suffix, ""))
    return _add(
        work,
        DatasetVersion(
            dataset_id=dataset.id or 0,
            number=number,
            kind="submission",
            sha256=submission.sha256,
            submission_id=submission.id,
            media_type=MEDIA.get(suffix, "application/octet-stream"),
            size=submission.size,
            rows=found.rows,
            changelog_en=changelog.en,
            changelog_zh=changelog.zh,
            quality_key=evidence.keep(work, found, name),
            grade=found.grade,
            composite=found.composite.value,
            low=found.composite.low,
            high=found.composite.high,
            measured_at=report.at,
            consent_by=actor.person_id,
            consent_at=work.now,
            created_at=work.now,
        ),
    )


def file_name(dataset: Dataset, number: int, media_type: str) -> str:
    """The public name of a version's file; its owner's name for it may say who made it."""
    suffix = next((f".{suffix}" for suffix, known in MEDIA.items() if known == media_type), "")
    return f"{dataset.slug}-v{number}{suffix}"


def _add_reference(work: Work, dataset: Dataset, reference: Reference, changelog: Changelog) -> DatasetVersion:
    return _add(
        work,
        DatasetVersion(
            dataset_id=dataset.id or 0,
            number=_next_number(work, dataset),
            kind="reference",
            sha256=reference.sha256,
            address=reference.address,
            media_type=reference.media_type,
            size=reference.size,
            rows=reference.rows,
            columns=columns.kept(reference.columns),
            changelog_en=changelog.en,
            changelog_zh=changelog.zh,
            created_at=work.now,
        ),
    )


def _add(work: Work, version: DatasetVersion) -> DatasetVersion:
    work.session.add(version)
    work.session.flush()
    work.emit(DatasetChanged(version.dataset_id))
    return version


def _next_number(work: Work, dataset: Dataset) -> int:
    known = service.versions(work, dataset, every=True)
    return known[0].number + 1 if known else 1
