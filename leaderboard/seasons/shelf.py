"""Posting a challenge from a folder on this machine: for the command line and the demo.

The folder goes the way of every package: packed, checked, compiled, recorded. Only the sandbox is left out, for whoever runs
this command could read the folder anyway.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module, resources
from pathlib import Path
from tempfile import TemporaryDirectory

import challenges
from leaderboard.accounts.actor import Actor
from leaderboard.core.errors import Malformed
from leaderboard.core.i18n import N_
from leaderboard.core.sandbox import Outcome
from leaderboard.core.work import Work
from leaderboard.seasons import packages, posting, service, windows
from leaderboard.seasons.models import Challenge, PackageVersion
from leaderboard.seasons.packages import Upload
from leaderboard.seasons.windows import PhasePlan


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when a challenge shall run, whatever its package proposes."""

    opens_at: datetime
    closes_at: datetime


def post_shipped(work: Work, actor: Actor, slug: str, *, organization_id: int, span: Span | None = None) -> Challenge:
    """Posts one of the challenges that come with the program; see :func:`post_from_folder`.

    Those with datasets were tested before they were shipped, and would take a minute each to be tested again.
    """
    with resources.as_file(resources.files("challenges") / "shipped" / slug) as folder:
        tested = challenges.load(folder).definition.kind == "dataset"
        return post_from_folder(work, actor, folder, organization_id=organization_id, span=span, baselines=not tested)


def post_from_folder(
    work: Work,
    actor: Actor,
    folder: Path,
    *,
    organization_id: int,
    span: Span | None = None,
    baselines: bool = True,
) -> Challenge:
    """Makes a posted challenge of a package folder; its windows are the package's, spread over ``span`` when given.

    ``baselines``: whether the package's own test is run too (that of the shipped ones is run before they are shipped).

    The check comes first and takes seconds: let this be the first verb of its unit of work, so that nothing waits for it.
    Raises Malformed with all findings when the package is not sound, Refused when its name is taken or its windows over.
    """
    with TemporaryDirectory(prefix="jiebang-") as scratch:
        package = _admit(work, actor, folder, Path(scratch), organization_id, baselines=baselines)
    challenge = posting.draft(work, actor, package)
    if span is not None:
        plans: Sequence[PhasePlan] = windows.planned(service.definition_of(package), work.now)
        posting.set_phases(work, actor, challenge.slug, posting.shifted(plans, span.opens_at, span.closes_at))
    return posting.post(work, actor, challenge.slug)


def _admit(
    work: Work, actor: Actor, folder: Path, scratch: Path, organization_id: int, *, baselines: bool
) -> PackageVersion:
    # Heavy (polars, metrics): only the process that posts from a folder pays for it, never a web process.
    check_and_compile = import_module("challenges.run_package").check_and_compile
    out = scratch / "out"
    out.mkdir()
    try:
        packed = challenges.pack(folder, scratch / "packed")
    except challenges.PackageRefused as refused:
        raise _unsound([finding.model_dump(mode="json") for finding in refused.findings]) from None
    # Seconds of work, and before the first statement: SQLite's write lock is taken by the first one.
    admission = check_and_compile(packed.full, out, baselines=baselines, **packages.limits(work.settings))
    if admission.content is None:
        raise _unsound([finding.model_dump(mode="json") for finding in admission.findings])
    upload = Upload(packed.full, packed.full.name, packed.full.stat().st_size)
    package = packages.keep(work, actor, organization_id, upload)
    packages.record(work, package, Outcome((out / "report.json").read_bytes(), out))
    return package


def _unsound(findings: Sequence[object]) -> Malformed:
    return Malformed(
        "seasons.package_refused", N_("The package has errors. Correct them and try again."), findings=findings
    )
