"""Versions whose file is brought for the card itself: received, described by their owner, measured in the sandbox, shown in part.

looking → described → measuring → measured. Until it has been measured once, an upload is its owner's alone, and another file may
take its place: what was never shown is not yet a version that must stay.
"""

from dataclasses import replace
from functools import partial
from typing import Final

from sqlmodel import col, select

from challenges.quality_description import MEDIA
from leaderboard.accounts.actor import Actor
from leaderboard.core.errors import FieldError, NotFound, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.datasets import columns, evidence, files, making, measuring, service
from leaderboard.datasets.columns import Column
from leaderboard.datasets.fields import CardWords, Changelog, refuse
from leaderboard.datasets.models import Dataset, DatasetVersion
from leaderboard.datasets.signals import DatasetChanged, FileMeasured
from leaderboard.submissions.reception import ReceivedFile
from leaderboard.submissions.signals import OwnerAsked

SUBJECT: Final = "version"


def largest(work: Work) -> int:
    """The most bytes that an uploaded file may have."""
    return work.settings.upload_max_mb * 1_000_000


# Bringing a file


def may_create(work: Work, actor: Actor) -> None:
    """Raises SignInNeeded, and Refused where the actor stands for nobody who could own a card."""
    actor.demand("dataset.refer")
    if not making.owners(work, actor):
        raise Refused("datasets.no_owner", N_("Create a team first, or ask an organization to take you in."))


def create(
    work: Work, actor: Actor, *, owner: str, words: CardWords, file: ReceivedFile, preview: bool = False
) -> Dataset:
    """A draft with this file as its first version. ``preview``: some records may be shown.

    Raises Malformed, Refused (the owner has a card with this file).
    """
    actor.demand("dataset.refer")
    refuse((*making.owner_faults(work, actor, owner), *_file_faults(file), *words.faults()))
    making.refuse_known_file(work, owner, file.sha256)
    made = making.begin(work, owner, words)
    _write(work, actor, _empty(work, made, 1, file), file, Changelog(), preview=preview)
    service.record(work, actor, "dataset.create", made, sha256=file.sha256, preview=preview)
    return made


def add(
    work: Work, actor: Actor, slug: str, file: ReceivedFile, *, changelog: Changelog, preview: bool = False
) -> DatasetVersion:
    """The file as the newest version, or in the place of an upload that has not been measured yet.

    Raises NotFound, Malformed, Refused (the owner has a card with this file).
    """
    dataset = service.dataset_for(work, actor, slug, "dataset.edit", lock=True)
    refuse((*_file_faults(file), *changelog.faults()))
    making.refuse_known_file(work, making.owner_key(dataset), file.sha256)
    newest = service.versions(work, dataset, every=True)[0]
    replaced = newest.kind == "upload" and newest.quality_key is None
    made = newest if replaced else _empty(work, dataset, newest.number + 1, file)
    _write(work, actor, made, file, changelog, preview=preview)
    deed = "dataset.replace_file" if replaced else "dataset.add_version"
    service.record(work, actor, deed, dataset, number=made.number, sha256=file.sha256, preview=preview)
    return made


def _file_faults(file: ReceivedFile) -> list[FieldError]:
    if _suffix(file) in MEDIA:
        return []
    message = N_("A file of this kind is not taken; take one whose name ends in {known}")
    return [FieldError("file", message, {"known": ", ".join(f".{suffix}" for suffix in MEDIA)})]


def _suffix(file: ReceivedFile) -> str:
    return file.file_name.rpartition(".")[2].lower()


def _empty(work: Work, dataset: Dataset, number: int, file: ReceivedFile) -> DatasetVersion:
    return DatasetVersion(
        dataset_id=dataset.id or 0,
        number=number,
        kind="upload",
        sha256=file.sha256,
        media_type=MEDIA[_suffix(file)],
        created_at=work.now,
    )


def _write(
    work: Work, actor: Actor, version: DatasetVersion, file: ReceivedFile, changelog: Changelog, *, preview: bool
) -> None:
    """Puts a file into a version of which nothing is shown yet, and has its columns looked for."""
    if version.storage_key is not None:
        work.after_commit.append(partial(work.storage.delete, version.storage_key))
    version.storage_key, version.sha256, version.size = file.storage_key, file.sha256, file.size
    version.media_type, version.rows, version.created_at = MEDIA[_suffix(file)], None, work.now
    version.changelog_en, version.changelog_zh = changelog.en, changelog.zh
    version.findings, version.columns = [], []
    _agree(work, actor, version, agreed=preview)
    work.session.add(version)
    work.session.flush()  # the question is about its id
    _look(work, version)
    work.emit(DatasetChanged(version.dataset_id))


# What its owner does then


def version_of(work: Work, dataset: Dataset, number: int, *, lock: bool = False) -> DatasetVersion:
    """One version of a dataset, measured or not. Raises NotFound."""
    query = select(DatasetVersion).where(DatasetVersion.dataset_id == dataset.id, DatasetVersion.number == number)
    found = work.session.exec(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise NotFound("datasets.no_version", N_("There is no such version."))
    return found


def columns_of(work: Work, version: DatasetVersion) -> tuple[Column, ...]:
    """What is known of a version's columns; of a submission at first only what its quality report says."""
    if version.columns or version.quality_key is None:
        return columns.read(version.columns)
    report = evidence.read(work, version.quality_key)
    roles = {name: role for role, name in report.roles.items() if name}
    return tuple(
        Column(name=one.name, type=columns.OF_KIND.get(one.kind, "string"), role=roles.get(one.name, ""))
        for one in report.columns
    )


def describe(work: Work, actor: Actor, slug: str, number: int, form: dict[str, str]) -> DatasetVersion:
    """Keeps what the owner says of the columns; an upload is measured by it, again only where the parts have changed.

    Raises NotFound, Malformed, Refused (nobody knows the columns yet).
    """
    dataset = service.dataset_for(work, actor, slug, "dataset.edit", lock=True)
    version = version_of(work, dataset, number, lock=True)
    known = columns_of(work, version)
    if not known or version.measuring in {"looking", "measuring"}:
        raise Refused("datasets.not_described", N_("The columns of this file cannot be described at the moment."))
    said = columns.typed(known, form)
    if version.kind != "upload":  # measured as its challenge says
        said = tuple(replace(one, role=before.role) for one, before in zip(said, known, strict=True))
    refuse(columns.faults(said))
    version.columns = columns.kept(said)
    if version.kind == "upload" and (version.measuring != "measured" or _roles(said) != _roles(known)):
        _measure(work, version)
    work.session.add(version)
    work.session.flush()
    service.record(work, actor, "dataset.describe", dataset, number=number)
    return version


def try_again(work: Work, actor: Actor, slug: str, number: int) -> DatasetVersion:
    """Does once more what failed on our side. Raises NotFound, Refused (nothing failed)."""
    dataset = service.dataset_for(work, actor, slug, "dataset.edit", lock=True)
    version = version_of(work, dataset, number, lock=True)
    if version.measuring != "failed":
        raise Refused("datasets.not_failed", N_("Nothing failed here that could be done again."))
    if version.columns:
        _measure(work, version)
    else:
        _look(work, version)
    service.record(work, actor, "dataset.measure_again", dataset, number=number)
    return version


def show_records(work: Work, actor: Actor, slug: str, number: int, *, agreed: bool) -> DatasetVersion:
    """Agrees that some records of a version are shown to everybody, or takes that back at once.

    Kept with person and time. Raises NotFound, Refused (the file is not here).
    """
    dataset = service.dataset_for(work, actor, slug, "dataset.edit", lock=True)
    version = version_of(work, dataset, number, lock=True)
    if version.kind == "reference":
        raise Refused("datasets.elsewhere", N_("The file is kept elsewhere, so none of its records can be shown."))
    _agree(work, actor, version, agreed=agreed)
    _draw(work, version)
    work.session.add(version)
    work.session.flush()
    service.record(work, actor, "dataset.preview", dataset, number=number, agreed=agreed)
    return version


def _roles(said: tuple[Column, ...]) -> dict[str, str]:
    return columns.roles_of(said)


def _agree(work: Work, actor: Actor, version: DatasetVersion, *, agreed: bool) -> None:
    if agreed and version.preview_at is not None:
        return
    version.preview_by, version.preview_at = (actor.person_id, work.now) if agreed else (None, None)
    _forget(work, version.preview_key)
    version.preview_key = None


# Questions to the sandbox, and what it answers


def subject_of(version: DatasetVersion) -> str:
    """By which the sandbox's answers name a version."""
    return f"{SUBJECT}:{version.id}"


def _look(work: Work, version: DatasetVersion) -> None:
    version.measuring = "looking"
    _ask(work, version, report=False, preview=False)


def _measure(work: Work, version: DatasetVersion) -> None:
    version.measuring, version.findings = "measuring", []
    _ask(work, version, report=True, preview=version.preview_at is not None)


def _draw(work: Work, version: DatasetVersion) -> None:
    """Has records drawn where that is agreed to, and nothing else is being asked that brings them along."""
    settled = version.measuring in {"measured", ""}
    if settled and version.preview_at is not None and version.preview_key is None:
        _ask(work, version, report=False, preview=True)


def _ask(work: Work, version: DatasetVersion, *, report: bool, preview: bool) -> None:
    key = files.key_of(work, version)
    assert key is not None, "a file that is kept elsewhere is never opened"
    version.request = measuring.enqueue(
        work,
        subject=subject_of(version),
        storage_key=key,
        media_type=version.media_type,
        description=version.columns,
        report=report,
        preview=preview,
        weight=version.size or 0,
    )
    work.session.add(version)


def hear(work: Work, signal: FileMeasured) -> None:
    """Writes down what was found of a version; an answer to an older question is dropped with its files."""
    kind, _, id = signal.subject.partition(":")
    if kind != SUBJECT:
        return
    query = select(DatasetVersion).where(DatasetVersion.id == int(id)).execution_options(populate_existing=True)
    version = work.session.exec(query.with_for_update()).one_or_none()
    if version is None or version.request != signal.request:
        _forget(work, signal.quality_key, signal.preview_key)
        return
    version.request = ""
    if signal.preview_key is not None:
        _keep_preview(work, version, signal.preview_key)
    if version.measuring in {"looking", "measuring"}:
        _settle(work, version, signal)
    work.session.add(version)
    work.session.flush()
    work.emit(DatasetChanged(version.dataset_id))


def _settle(work: Work, version: DatasetVersion, signal: FileMeasured) -> None:
    version.findings = [dict(finding) for finding in signal.findings]
    if signal.outcome != "measured":
        version.measuring = signal.outcome
        return
    version.rows = signal.rows
    if signal.quality_key is None:
        version.columns = columns.kept(columns.derived(signal.columns, _columns_before(work, version)))
        version.measuring = "described"
        return
    found = evidence.read(work, signal.quality_key)
    dataset = work.session.get_one(Dataset, version.dataset_id)
    _forget(work, version.report_key, version.quality_key)
    version.report_key = signal.quality_key
    version.quality_key = evidence.keep(work, found, making.file_name(dataset, version.number, version.media_type))
    version.grade, version.composite = found.grade, found.composite.value
    version.low, version.high, version.measured_at = found.composite.low, found.composite.high, work.now
    version.measuring = "measured"
    _draw(work, version)


def _columns_before(work: Work, version: DatasetVersion) -> tuple[Column, ...]:
    """What was said of the columns of the version before."""
    before = select(DatasetVersion).where(
        DatasetVersion.dataset_id == version.dataset_id, col(DatasetVersion.number) < version.number
    )
    newest = work.session.exec(before.order_by(col(DatasetVersion.number).desc()).limit(1)).one_or_none()
    return () if newest is None else columns.read(newest.columns)


def _keep_preview(work: Work, version: DatasetVersion, key: str) -> None:
    if version.preview_at is None:  # taken back while it was drawn
        _forget(work, key)
    else:
        _forget(work, version.preview_key)
        version.preview_key = key


def _forget(work: Work, *keys: str | None) -> None:
    for key in keys:
        if key is not None:
            work.after_commit.append(partial(work.storage.delete, key))


def owned_by(work: Work, signal: OwnerAsked) -> None:
    """Answers for the files that were uploaded."""
    keys = col(DatasetVersion.storage_key)
    signal.found.extend(key for key in work.session.exec(select(keys).where(keys == signal.key).limit(1)) if key)
