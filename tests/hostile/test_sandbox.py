"""Attacks from inside the scoring child, really carried out: each must fail there and change nothing here."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from leaderboard.core.errors import Unavailable
from leaderboard.core.sandbox import ChildFailed, Task
from leaderboard.core.settings import Settings
from leaderboard.submissions import lockdown, slots
from leaderboard.submissions.executors import LocalExecutor
from leaderboard.submissions.slots import take

pytestmark = [
    pytest.mark.hostile,
    pytest.mark.skipif(
        sys.platform != "linux", reason="the guards are Linux's; elsewhere the child says that it lacks them"
    ),
]

HOSTILE_CHILD = Path(__file__).parent.parent / "submissions" / "hostile_child.py"
MINE = b"flight,delayed\n1,0.5\n"


class HostileExecutor(LocalExecutor):
    module = (str(HOSTILE_CHILD),)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sandbox")
    (folder / "submission").write_bytes(MINE)
    (folder / "secret").write_text("answers of another challenge")
    return folder


@pytest.fixture(scope="module")
def executor(place: Path):
    os.environ["JIEBANG_SECRET_KEY"] = "not for children"
    made = HostileExecutor(
        Settings(
            _env_file=None, data_dir=place / "data", workers=1, score_seconds=10, package_max_mb=1, upload_max_mb=4
        )
    )
    yield made
    made.close()
    del os.environ["JIEBANG_SECRET_KEY"]


def attack(executor: LocalExecutor, place: Path, what: str, lane: str = "a", **argument: object) -> dict:
    task = Task(
        "score", {"submission": place / "submission"}, {"what": what, "file": str(place / "secret"), **argument}
    )
    return json.loads(executor.submit(task, lane).result().report)


@pytest.mark.parametrize(
    "what",
    [
        "passwd",
        "home of root",
        "list /",
        "platform",
        "tcp",
        "udp",
        "unix",
        "exec",
        "write in",
        "write submission",
        "mode of submission",
        "write outside",
        "symlink",
        "hard link",
        "kill parent",
        "signal thread of parent",
        "environment of parent",
        "memory of parent",
        "fork",
        "become root",
        "raise limits",
        "threads",
        "endless file",
        "ptrace",
        "other slot",
    ],
)
def test_the_child_is_refused(executor: HostileExecutor, place: Path, what: str):
    if what == "signal thread of parent" and os.uname().machine != "x86_64":
        pytest.skip("the attack is written for x86-64")
    said = attack(executor, place, what)
    assert not said["done"], said["said"]
    refused = ("PermissionError", "ValueError: not allowed to raise", "OSError: [Errno 27]")
    assert said["said"].startswith(refused), said["said"]
    assert (place / "submission").read_bytes() == MINE
    assert not Path("/tmp/jiebang-was-here").exists()


@pytest.mark.parametrize("what", ["passwd", "platform", "socket"])
def test_threads_older_than_the_lock_are_locked_too(executor: HostileExecutor, place: Path, what: str):
    assert attack(executor, place, f"{what} by an older thread")["said"][1:].startswith("PermissionError")


def test_the_child_inherits_nothing(executor: HostileExecutor, place: Path):
    said = attack(executor, place, "own environment")["said"]
    assert "not for children" not in said
    assert "JIEBANG" not in said
    assert "HOME" not in said


def test_every_guard_holds_here_and_says_so(executor: HostileExecutor):
    missing = [guard for guard in executor.guards() if not guard.active and guard.needed]
    assert missing == []


def test_a_sandbox_that_is_required_and_incomplete_refuses_to_work(place: Path):
    settings = Settings(_env_file=None, data_dir=place / "strict", workers=1, sandbox="require")
    lacking = [lockdown.Guard("files", active=False, why="no Landlock in this kernel")]
    with pytest.raises(Unavailable, match="no Landlock in this kernel"):
        slots.insist(settings, lacking)
    slots.insist(settings, [lockdown.Guard("files", active=True), lockdown.Guard("user", active=False, needed=False)])


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("spin", "time"),
        ("memory", "memory"),
        ("memory in a library", "memory"),
        ("abort", "broken"),
        ("descriptors", "broken"),
        ("garbage", "broken"),
        ("no report", "broken"),
        ("long report", "broken"),
        ("folder for a report", "broken"),
        ("steps without end", "broken"),
        ("a step of another form", "broken"),
        ("unknown operation", "broken"),
    ],
)
def test_what_a_child_dies_of_is_told_and_the_next_one_works(
    executor: HostileExecutor, place: Path, what: str, reason: str
):
    operation = "score" if what != "unknown operation" else "launch"
    task = Task(operation, {"submission": place / "submission"}, {"what": what})
    with pytest.raises(ChildFailed) as failed:
        executor.submit(task, "a").result()
    assert failed.value.reason == reason
    assert attack(executor, place, "remember", word="after")["previous"] is None, "the same child went on"


def test_the_steps_of_a_child_are_handed_on(executor: HostileExecutor, place: Path):
    told: list[str] = []
    executor.submit(Task("score", {"submission": place / "submission"}, {"what": "steps"}), "a", told.append).result()
    assert told == ["open", "Q13"]


def test_a_killed_child_fails_its_task_only(executor: HostileExecutor, place: Path):
    attack(executor, place, "remember", word="x")
    (before,) = executor.children()
    future = executor.submit(Task("score", {"submission": place / "submission"}, {"what": "spin"}), "a")
    time.sleep(0.3)
    os.kill(before, signal.SIGKILL)
    with pytest.raises(ChildFailed) as failed:
        future.result()
    assert failed.value.reason == "killed"
    assert attack(executor, place, "remember", word="y")["pid"] != before


def test_a_child_that_is_killed_while_it_starts_is_started_again(place: Path):
    executor = HostileExecutor(Settings(_env_file=None, data_dir=place / "early", workers=1, score_seconds=10))
    try:
        while not executor.children():
            time.sleep(0.01)
        (child,) = executor.children()
        os.kill(child, signal.SIGKILL)
        with contextlib.suppress(ChildFailed):
            executor.guards()
        assert executor.guards()
        assert attack(executor, place, "remember", word="x")["pid"] != child
    finally:
        executor.close()


def test_one_child_serves_one_lane_at_a_time(executor: HostileExecutor, place: Path):
    first = attack(executor, place, "remember", lane="challenge:1", word="one")
    again = attack(executor, place, "remember", lane="challenge:1", word="two")
    other = attack(executor, place, "remember", lane="challenge:2", word="three")
    assert (again["pid"], again["previous"]) == (first["pid"], "one")
    assert other["pid"] != first["pid"]
    assert other["in"] == ["submission"]


def test_a_child_is_gone_before_files_it_may_hold_open_are_handed_out(executor: HostileExecutor, place: Path):
    task = Task("attack", {"submission": place / "submission"}, {"what": "remember", "word": "one"})
    first = json.loads(executor.submit(task, "a").result().report)["pid"]
    assert not _alive(first)


def test_tasks_without_a_lane_share_no_child(executor: HostileExecutor, place: Path):
    first = attack(executor, place, "remember", lane="", word="one")
    assert attack(executor, place, "remember", lane="", word="two")["pid"] != first["pid"]


def test_no_child_outlives_the_worker(place: Path):
    executor = HostileExecutor(Settings(_env_file=None, data_dir=place / "short", workers=2, score_seconds=10))
    executor.guards()
    children = executor.children()
    executor.close()
    assert len(children) == 2
    for child in children:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)
    assert [path.name for path in (place / "short" / "slots").iterdir()] == []


def test_the_children_of_a_killed_worker_end_at_once(place: Path):
    script = (
        "import sys, time; from pathlib import Path; from leaderboard.core.settings import Settings;"
        "from leaderboard.submissions.executors import LocalExecutor;"
        f"e = LocalExecutor(Settings(_env_file=None, data_dir=Path({str(place / 'killed')!r}), workers=1));"
        "e.guards(); print(*e.children(), flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as worker:
        child = int(worker.stdout.readline())
        worker.kill()
    deadline = time.monotonic() + 60
    while _alive(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _alive(child)
    again = LocalExecutor(Settings(_env_file=None, data_dir=place / "killed", workers=1))
    again.guards()
    assert len(list((place / "killed" / "slots").iterdir())) == 1, "the folder of the killed worker is still there"
    again.close()


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


# What the host does with what a child leaves


def test_a_link_is_not_taken(tmp_path: Path):
    (tmp_path / "report.json").symlink_to("/etc/passwd")
    with pytest.raises(ValueError, match="no plain file"):
        take(tmp_path, "report.json", tmp_path / "copy", most=1 << 20)
    assert not (tmp_path / "copy").exists()


def test_a_pipe_is_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "report.json")
    with pytest.raises(ValueError, match="no plain file"):
        take(tmp_path, "report.json", tmp_path / "copy", most=1 << 20)


def test_a_file_that_is_too_long_is_not_taken(tmp_path: Path):
    (tmp_path / "report.json").write_bytes(b"x" * 101)
    with pytest.raises(ValueError, match="at most 100 bytes"):
        take(tmp_path, "report.json", tmp_path / "copy", most=100)
    assert take(tmp_path, "report.json", tmp_path / "copy", most=101)
    assert not take(tmp_path, "missing", tmp_path / "other", most=1)
