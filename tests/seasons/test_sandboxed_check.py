"""A package through the queue's own hands: staged, worked on by the locked-down child, recorded."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from leaderboard.accounts.actor import SYSTEM
from leaderboard.core.jobs import Leased
from leaderboard.core.sandbox import ChildFailed
from leaderboard.core.work import Resources
from leaderboard.seasons import packages, posting, service
from leaderboard.seasons.models import PackageVersion
from leaderboard.seasons.packages import PackageJob
from leaderboard.submissions.executors import LocalExecutor
from tests.seasons import factories
from tests.seasons.test_admission import bomb, coins, zipped

pytestmark = [pytest.mark.system, pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)]

JOB = PackageJob()


@pytest.fixture
def executor(resources: Resources) -> Iterator[LocalExecutor]:
    made = LocalExecutor(resources.settings)
    yield made
    made.close()


def checked(resources: Resources, executor: LocalExecutor, zip_path: Path) -> PackageVersion:
    """The package as it stands after one try."""
    with resources.write() as work:
        actor, unit = factories.organizer(work)
        package = packages.receive(work, actor, unit, factories.upload(work, zip_path.read_bytes()))
        job = Leased(1, "package", "k", "l", {"package": package.id}, 1, "w")
        task = JOB.stage(work, job)
        assert task is not None
    try:
        outcome = executor.submit(task, "organization:1").result(120)
    except ChildFailed as failed:
        with resources.write() as work:
            JOB.failed(work, job, failed, dead=False)
    else:
        with resources.write() as work:
            JOB.record(work, job, outcome)
    with resources.read() as work:
        found = work.session.get_one(PackageVersion, package.id)
        work.session.expunge(found)
        return found


def test_a_package_is_checked_in_the_child_and_can_be_posted(
    resources: Resources, executor: LocalExecutor, tmp_path: Path
):
    package = checked(resources, executor, zipped(coins(tmp_path / "coins"), tmp_path / "a.zip"))
    assert (package.state, package.findings) == ("ready", [])
    with resources.write() as work:
        actor = SYSTEM
        posting.draft(work, actor, packages.package_to_edit(work, actor, package.id or 0))
        assert posting.post(work, actor, "coins").state == "posted"
        assert (service.prepared_folder(work, package) / "plan.json").is_file()


@pytest.mark.hostile
def test_a_bomb_is_refused_by_the_child_and_the_next_package_is_checked(
    resources: Resources, executor: LocalExecutor, tmp_path: Path
):
    resources.settings.package_max_mb = 5
    package = checked(resources, executor, bomb(tmp_path / "bomb.zip"))
    assert package.state == "refused"
    assert {finding["id"] for finding in package.findings} == {"package.zip_too_large"}
    assert checked(resources, executor, zipped(coins(tmp_path / "coins"), tmp_path / "a.zip")).state == "ready"
