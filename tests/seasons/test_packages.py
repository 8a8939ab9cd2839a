import json
import os
from pathlib import Path

import pytest

from leaderboard.accounts.actor import NOBODY, SYSTEM
from leaderboard.core import jobs
from leaderboard.core.errors import Forbidden, NotFound, Refused, SignInNeeded
from leaderboard.core.jobs import Leased
from leaderboard.core.sandbox import ChildFailed, Outcome
from leaderboard.core.work import Resources
from leaderboard.seasons import packages, service
from leaderboard.seasons.models import PackageVersion
from leaderboard.seasons.packages import NotAdmitted, PackageJob
from tests.seasons import factories

JOB = PackageJob()


def received(resources: Resources) -> tuple[int, Leased]:
    with resources.write() as work:
        actor, unit = factories.organizer(work)
        package = packages.receive(work, actor, unit, factories.upload(work))
        assert package.id is not None
        return package.id, Leased(1, "package", "k", "l", {"package": package.id}, 1, "w")


def stored(resources: Resources, package_id: int) -> PackageVersion:
    with resources.read() as work:
        found = work.session.get(PackageVersion, package_id)
        assert found is not None
        work.session.expunge(found)
        return found


def test_the_package_and_its_job_come_in_one_commit(resources: Resources):
    package_id, _ = received(resources)
    with resources.read() as work:
        assert jobs.counts(work.session) == {("package", "waiting"): 1}
        task = packages.task(work, packages.package_to_edit(work, SYSTEM, package_id))
        assert task.operation == "package"
        assert task.files["package.zip"].read_bytes() == b"PK"
        assert task.argument == {"max_bytes": 256_000_000 * 8, "max_files": 20_000}


def test_only_those_who_organize_for_the_unit_may_send_a_package(resources: Resources):
    with resources.write() as work:
        _, unit = factories.organizer(work)
        other, _ = factories.organizer(work)
        with pytest.raises(SignInNeeded):
            packages.receive(work, NOBODY, unit, factories.upload(work))
        with pytest.raises(Forbidden):
            packages.receive(work, other, unit, factories.upload(work))
        assert not list((work.settings.data_dir / "files").rglob("*.zip"))


def test_a_sound_package_becomes_ready_with_its_files(resources: Resources, tmp_path: Path):
    package_id, job = received(resources)
    outcome = factories.child_output(tmp_path / "out", factories.admission(factories.definition()))
    with resources.write() as work:
        JOB.record(work, job, outcome)
    package = stored(resources, package_id)
    assert (package.state, package.version, package.findings) == ("ready", "1.0.0", [])
    assert resources.storage.path(package.files[0]["key"]).read_bytes() == factories.TRAIN
    with resources.read() as work:
        folder = service.prepared_folder(work, package)
        assert sorted(p.name for p in folder.rglob("*") if p.is_file()) == ["ids.npy", "plan.json"]
        assert service.definition_of(package).parts[0].scores[0].key == "auc"
        assert JOB.stage(work, job) is None


def test_recording_twice_changes_nothing(resources: Resources, tmp_path: Path):
    package_id, job = received(resources)
    for number in range(2):
        with resources.write() as work:
            report = factories.admission(factories.definition(version=f"{number + 1}.0.0"))
            JOB.record(work, job, factories.child_output(tmp_path / str(number), report))
    assert stored(resources, package_id).version == "1.0.0"


def test_a_refused_package_keeps_its_findings(resources: Resources, tmp_path: Path):
    package_id, job = received(resources)
    finding = {
        "id": "package.unknown_key",
        "file": "challenge.toml",
        "line": 3,
        "key": "titel",
        "params": {"nearest": "title"},
    }
    report = {"format": "jiebang-admission/1", "outcome": "refused", "findings": [finding]}
    with resources.write() as work:
        JOB.record(work, job, Outcome(json.dumps(report).encode(), tmp_path))
    package = stored(resources, package_id)
    assert package.state == "refused"
    assert package.findings[0]["params"] == {"nearest": "title"}


def _swapped(folder: Path, name: str, make) -> None:
    (folder / name).unlink()
    make(folder / name)


@pytest.mark.hostile
@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: _swapped(folder, "public.zip", lambda p: p.symlink_to("/etc/passwd")),
        lambda folder: _swapped(folder, "prepared/plan.json", lambda p: p.symlink_to("/etc/passwd")),
        lambda folder: _swapped(folder, "prepared/plan.json", lambda p: p.mkdir()),
        lambda folder: _swapped(folder, "public/0000", os.mkfifo),
        lambda folder: _swapped(folder, "public/0000", lambda p: os.link(folder / "public.zip", p)),
        lambda folder: (folder / "public/0000").write_bytes(b"other size"),
        lambda folder: (folder / "public.zip").unlink(),
    ],
)
def test_what_a_captured_child_leaves_is_not_taken_over(resources: Resources, tmp_path: Path, spoil):
    package_id, job = received(resources)
    outcome = factories.child_output(tmp_path / "out", factories.admission(factories.definition()))
    spoil(outcome.folder)
    with pytest.raises(NotAdmitted), resources.write() as work:
        JOB.record(work, job, outcome)
    assert stored(resources, package_id).state == "checking"
    assert not list((tmp_path / "data" / "files").rglob("plan.json"))


def test_when_one_file_cannot_be_stored_none_is(resources: Resources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    _, job = received(resources)
    outcome = factories.child_output(tmp_path / "out", factories.admission(factories.definition()))
    real = resources.storage.put

    def full_disk(key: str, source: Path) -> None:
        if key.endswith("plan.json"):
            raise OSError("no space left")
        real(key, source)

    monkeypatch.setattr(resources.storage, "put", full_disk)
    with pytest.raises(OSError, match="no space left"), resources.write() as work:
        JOB.record(work, job, outcome)
    assert [path.suffix for path in (tmp_path / "data" / "files").rglob("*") if path.is_file()] == [
        ".zip"
    ]  # the upload


@pytest.mark.hostile
@pytest.mark.parametrize(
    "change",
    [
        lambda r: r.update(outcome="splendid"),
        lambda r: r.update(extra=1),
        lambda r: r.update(content=None),
        lambda r: r["content"]["definition"].pop("answers"),
        lambda r: r["content"]["definition"].update(slug="../x"),
        lambda r: r["content"]["prepared"].append("../../x"),
        lambda r: r["content"]["prepared"].remove("plan.json"),
        lambda r: r["content"]["files"][0].update(stored="public/../0001"),
        lambda r: r["content"]["files"].append(r["content"]["files"][0]),
        lambda r: r["content"]["files"][0].update(size=-1),
        lambda r: r["content"]["files"][0]["preview"]["rows"].extend([["x", "y"]] * 30),
        lambda r: r.update(findings=[{"id": "<script>", "params": {}}]),
        lambda r: r.update(findings=[{"id": "package.x", "params": {"a": {"b": 1}}}]),
    ],
)
def test_a_report_that_is_not_an_admission_is_a_failed_try(resources: Resources, tmp_path: Path, change):
    _, job = received(resources)
    report = factories.admission(factories.definition())
    change(report)
    with pytest.raises(NotAdmitted), resources.write() as work:
        JOB.record(work, job, factories.child_output(tmp_path / "out", report))


@pytest.mark.parametrize(
    ("reason", "dead", "state"),
    [("killed", False, "checking"), ("killed", True, "failed"), ("memory", False, "failed")],
)
def test_a_child_that_died_fails_the_package_when_there_is_no_hope(
    resources: Resources, reason: str, dead: bool, state: str
):
    package_id, job = received(resources)
    with resources.write() as work:
        assert JOB.failed(work, job, ChildFailed(reason), dead=dead) is (reason == "memory")
    assert stored(resources, package_id).state == state


def test_a_failed_check_can_be_started_again_and_only_that(resources: Resources):
    package_id, job = received(resources)
    with resources.write() as work, pytest.raises(Refused):
        packages.check_again(work, SYSTEM, package_id)
    with resources.write() as work:
        JOB.failed(work, job, ChildFailed("broken"), dead=True)
        packages.check_again(work, SYSTEM, package_id)
        assert JOB.stage(work, job) is not None


def test_to_others_a_package_does_not_exist(resources: Resources):
    package_id, _ = received(resources)
    with resources.write() as work:
        other, _ = factories.organizer(work)
        for actor in (NOBODY, other, factories.person(work)):
            with pytest.raises(NotFound):
                packages.package_to_edit(work, actor, package_id)


def test_file_names_are_kept_without_folders_and_what_does_not_print(resources: Resources):
    with resources.write() as work:
        actor, unit = factories.organizer(work)
        sent = packages.receive(work, actor, unit, factories.upload(work, name="C:\\x\\..\\a\u202egpj\x00.zip"))
        assert sent.file_name == "agpj.zip"
