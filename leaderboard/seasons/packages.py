"""A package on its way in: taken, checked and compiled in the sandboxed child, kept.

``checking → ready | refused | failed``. *failed* is our fault: the child died of it, or left something that is no admission.
"""

import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Final

from sqlmodel import col, select

from challenges.admission import Admission, Content
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Organization
from leaderboard.core import ledger
from leaderboard.core.errors import FieldError, Malformed, NotFound, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.jobs import Leased, enqueue
from leaderboard.core.sandbox import ChildFailed, Outcome, Task
from leaderboard.core.settings import Settings
from leaderboard.core.work import Work
from leaderboard.seasons.models import Challenge, PackageVersion

JOB_KIND: Final = "package"
ARCHIVE: Final = "package.zip"
MOST_FILES: Final = 20_000
UNPACKS_TO: Final = 8
"""A package may unpack to so many times the largest upload."""
LONGEST_NAME: Final = 200


class NotAdmitted(Exception):
    """The child left something that cannot be trusted: counts as a failed try."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A zip that has arrived whole, in a file that may be moved away."""

    path: Path
    file_name: str
    size: int


def organization_id(work: Work, actor: Actor, slug: str) -> int:
    """The organization to post for: the one named, or the actor's only one. Raises Malformed."""
    query = select(Organization.id, Organization.slug)
    if actor.role != "operator":
        query = query.where(col(Organization.id).in_(actor.posting_ids))
    mine = {name: unit for unit, name in work.session.exec(query)}
    if not slug and len(mine) == 1:
        return next(iter(mine.values())) or 0
    found = mine.get(slug)
    if found is None:
        message = N_("Say for which organization you post. You may post for: {known}.")
        params = {"known": ", ".join(sorted(mine)) or "–"}
        raise Malformed("seasons.organization", message, fields=[FieldError("organization", message, params)], **params)
    return found


def receive(
    work: Work, actor: Actor, organization_id: int, upload: Upload, *, challenge: Challenge | None = None
) -> PackageVersion:
    """Keeps the zip and queues its check, in one commit. With ``challenge``, it is to become its next version."""
    if challenge is not None:
        organization_id = challenge.organization_id
    package = keep(work, actor, organization_id, upload, challenge)
    payload = {"package": package.id}
    enqueue(
        work.session,
        JOB_KIND,
        f"{JOB_KIND}:{package.id}",
        work.now,
        lane=f"organization:{organization_id}",
        payload=payload,
    )
    return package


def keep(
    work: Work, actor: Actor, organization_id: int, upload: Upload, challenge: Challenge | None = None
) -> PackageVersion:
    """Keeps the zip as a package version whose check the caller sees to."""
    actor.demand("challenge.create", organization_id=organization_id)
    key = f"packages/{token_hex(12)}.zip"
    work.storage.put(key, upload.path)
    package = PackageVersion(
        challenge_id=challenge.id if challenge else None,
        organization_id=organization_id,
        person_id=actor.person_id,
        file_name=_shown_name(upload.file_name),
        upload_key=key,
        upload_size=upload.size,
        created_at=work.now,
    )
    work.session.add(package)
    work.session.flush()
    ledger.record(work, actor.person_id, "package.receive", f"package:{package.id}", size=upload.size)
    return package


def _shown_name(name: str) -> str:
    """The last part of a file name, without anything that does not print."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(c for c in last if c.isprintable())[:LONGEST_NAME] or ARCHIVE


def package_to_edit(work: Work, actor: Actor, package_id: int) -> PackageVersion:
    """The package version, for those who may post it. Raises NotFound to everybody else."""
    package = work.session.get(PackageVersion, package_id)
    if package is None:
        raise NotFound("seasons.no_package_version", N_("There is no such package."))
    actor.demand("challenge.edit", organization_id=package.organization_id)
    return package


def check_again(work: Work, actor: Actor, package_id: int) -> PackageVersion:
    """Queues the check of a *failed* package once more."""
    package = package_to_edit(work, actor, package_id)
    if package.state != "failed":
        raise Refused("seasons.not_failed", N_("Only a check that failed on our side can be started again."))
    package.state, package.failure = "checking", None
    lane = f"organization:{package.organization_id}"
    enqueue(work.session, JOB_KIND, f"{JOB_KIND}:{package.id}", work.now, lane=lane, payload={"package": package.id})
    return package


class PackageJob:
    """The sandbox job: see `leaderboard.core.sandbox.SandboxJob`."""

    def stage(self, work: Work, job: Leased) -> Task | None:
        package = work.session.get(PackageVersion, job.payload["package"])
        if package is None or package.state != "checking":
            return None
        return task(work, package)

    def record(self, work: Work, job: Leased, outcome: Outcome) -> None:
        """Raises NotAdmitted (a failed try) for a report or files that are not what they must be."""
        query = select(PackageVersion).where(col(PackageVersion.id) == job.payload["package"]).with_for_update()
        package = work.session.exec(query).one()
        if package.state == "checking":
            record(work, package, outcome)

    def failed(self, work: Work, job: Leased, error: ChildFailed, *, dead: bool) -> bool:
        package = work.session.get(PackageVersion, job.payload["package"])
        if package is None or package.state != "checking":
            return True
        # Out of time or memory is the package's own size, and will be again: no use in trying five times.
        hopeless = error.reason in {"time", "memory"}
        if dead or hopeless:
            package.state, package.failure, package.checked_at = "failed", error.reason, work.now
            work.announce(f"package:{package.id}")
        return hopeless


def task(work: Work, package: PackageVersion) -> Task:
    """What the child shall do with a package."""
    return Task(JOB_KIND, {ARCHIVE: work.storage.path(package.upload_key)}, limits(work.settings))


def limits(settings: Settings) -> dict[str, int]:
    """What a package may unpack to."""
    return {"max_bytes": settings.package_max_mb * 1_000_000 * UNPACKS_TO, "max_files": MOST_FILES}


def record(work: Work, package: PackageVersion, outcome: Outcome) -> None:
    """Writes down what the child found, and takes over its files. Raises NotAdmitted."""
    try:
        admission = Admission.parse(outcome.report)
    except ValueError as error:
        raise NotAdmitted(str(error)) from None
    package.findings = [finding.model_dump(mode="json") for finding in admission.findings]
    package.checked_at = work.now
    if admission.content is None:
        package.state = "refused"
    else:
        _take_over(work, package, admission.content, outcome.folder)
        package.state = "ready"
    work.session.add(package)
    work.session.flush()
    work.announce(f"package:{package.id}")


def _take_over(work: Work, package: PackageVersion, content: Content, folder: Path) -> None:
    """Moves the child's files into the storage. A new prefix each time: a try that was not committed cannot collide."""
    prefix = f"packages/{package.id}-{token_hex(6)}"
    _regular(folder / "public.zip", folder, content.public.size)
    for file in content.files:
        _regular(folder / file.stored, folder, file.size)
    for name in content.prepared:
        _regular(folder / "prepared" / name, folder, None)
    names = ["public.zip", *(file.stored for file in content.files), *(f"prepared/{name}" for name in content.prepared)]
    _put_all(work, {f"{prefix}/{name}": folder / name for name in names})
    package.public_key, package.prepared_key = f"{prefix}/public.zip", f"{prefix}/prepared"
    package.public_size, package.public_sha256 = content.public.size, content.public.sha256
    package.prepared_files = list(content.prepared)
    package.digest, package.scoring_digest = content.digest, content.scoring_digest
    package.definition, package.version = content.definition, content.definition["version"]
    package.readme_en, package.readme_zh = content.readme_en, content.readme_zh
    package.more_files = content.more_files
    package.files = [
        {**file.model_dump(mode="json", exclude={"stored"}), "key": f"{prefix}/{file.stored}"} for file in content.files
    ]
    package.raw_points = content.raw_points
    package.baselines = [baseline.model_dump(mode="json") for baseline in content.baselines]


def _put_all(work: Work, files: Mapping[str, Path]) -> None:
    """Stores all of them or, when one cannot be stored, none."""
    taken: list[str] = []
    try:
        for key, path in files.items():
            work.storage.put(key, path)
            taken.append(key)
    except BaseException:
        for key in taken:
            work.storage.delete(key)
        raise


def _regular(path: Path, folder: Path, size: int | None) -> None:
    """Raises NotAdmitted unless ``path`` is a plain file below ``folder``, reached through no link, of ``size`` bytes."""
    step = folder
    for part in path.relative_to(folder).parts:
        step /= part
        try:
            found = step.lstat()
        except OSError:
            raise NotAdmitted(f"the report names {part}, which is not there") from None
        if stat.S_ISLNK(found.st_mode):
            raise NotAdmitted(f"{part} is a link")
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1 or (size is not None and found.st_size != size):
        raise NotAdmitted(f"{path.name} is not the file that the report speaks of")
