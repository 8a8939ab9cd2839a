"""The scoring child with other operations: they do what an intruder would do. Run by the tests only."""
# ruff: noqa: PLR0912, PTH101, PTH123, PTH208, PTH211, SIM115, PLW0108, C901, ICN001
# (attacks are as plain as attackers write them)

import contextlib
import ctypes
import importlib
import json
import os
import queue
import socket
import sys
import threading
import time
from pathlib import Path

from leaderboard.submissions import child
from leaderboard.submissions.child import main


def _said(attack):
    try:
        return {"done": True, "said": repr(attack())[:200]}
    except BaseException as error:  # noqa: BLE001
        return {"done": False, "said": f"{type(error).__name__}: {error}"}


def _fork_bomb():
    made = 0
    for _ in range(50):
        if os.fork() == 0:
            time.sleep(30)
        made += 1
    return made


def _threads():
    def wait():
        time.sleep(5)

    for count in range(500):
        try:
            threading.Thread(target=wait, daemon=True).start()
        except RuntimeError as error:
            raise PermissionError(f"after {count}") from error


_asked, _answered = queue.Queue(), queue.Queue()


def _serve_attacks():
    while True:
        _answered.put(_said(_asked.get()))


def _in_older_thread(call):
    """Runs ``call`` on a thread that was made before the lock, as the parsers' own threads are."""
    _asked.put(call)
    return _answered.get(timeout=60)["said"]


def _warm_up():
    """Only what the attacks need: the tests start many children."""
    for module in ("numpy", "encodings.idna"):
        importlib.import_module(module)
    threading.Thread(target=_serve_attacks, daemon=True).start()


ATTACKS = {
    "passwd": lambda _: open("/etc/passwd").read(),
    "home of root": lambda _: os.listdir("/root"),
    "list /": lambda _: os.listdir("/"),
    "platform": lambda file: open(file).read(),
    "tcp": lambda _: socket.create_connection(("127.0.0.1", 9), 1),
    "udp": lambda _: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    "unix": lambda _: socket.socket(socket.AF_UNIX),
    "exec": lambda _: os.execv("/bin/true", ["true"]),
    "write in": lambda _: Path("in/new").write_text("x"),
    "write submission": lambda _: Path("in/submission").write_text("x"),
    "mode of submission": lambda _: os.chmod("in/submission", 0o777),
    "write outside": lambda _: Path("/tmp/jiebang-was-here").write_text("x"),
    "symlink": lambda _: os.symlink("/etc/passwd", "out/1/findings.csv.gz"),
    "hard link": lambda _: os.link("in/submission", "out/1/copy"),
    "kill parent": lambda _: os.kill(os.getppid(), 9),
    "signal thread of parent": lambda _: signal_thread(),
    "environment of parent": lambda _: open(f"/proc/{os.getppid()}/environ", "rb").read(),
    "memory of parent": lambda _: open(f"/proc/{os.getppid()}/mem", "rb"),
    "own environment": lambda _: dict(os.environ),
    "fork": lambda _: _fork_bomb(),
    "become root": lambda _: os.setuid(0),
    "raise limits": lambda _: __import__("resource").setrlimit(__import__("resource").RLIMIT_NOFILE, (4096, 4096)),
    "passwd by an older thread": lambda _: _in_older_thread(lambda: open("/etc/passwd").read()),
    "socket by an older thread": lambda _: _in_older_thread(lambda: socket.socket()),
    "platform by an older thread": lambda file: _in_older_thread(lambda: open(file).read()),
    "threads": lambda _: _threads(),
    "descriptors": lambda _: [os.open("in/submission", os.O_RDONLY) for _ in range(10_000)],
    "endless file": lambda _: endless(),
    "other slot": lambda _: sorted(Path("../").iterdir()),
    "ptrace": lambda _: check(ctypes.CDLL(None, use_errno=True).ptrace(16, os.getppid(), 0, 0)),
}


def check(result):
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def signal_thread():
    return check(ctypes.CDLL(None, use_errno=True).syscall(234, os.getppid(), os.getppid(), 9))  # tgkill on x86-64


def endless():
    with open("out/tmp/endless", "wb") as file:
        file.truncate(1 << 50)


def attack(files, out, argument, tell):
    what = argument["what"]
    if what == "steps without end":
        while True:
            tell("again")
    if what == "a step of another form":
        tell("<script>")
    if what == "steps":
        for step in ("open", "Q13"):
            tell(step)
    if what == "spin":
        while True:
            pass
    if what == "memory":
        bytearray(64 << 30)
    if what == "memory in a library":
        import numpy

        numpy.ones(8 << 30)
    if what == "abort":
        os.abort()
    if what == "garbage":
        for descriptor in range(3, 20):
            with contextlib.suppress(OSError):
                os.write(descriptor, b"\xff" * 64)
        time.sleep(30)
    if what == "no report":
        return
    if what == "long report":
        (out / "report.json").write_bytes(b"x" * (5 << 20))
        return
    if what == "folder for a report":
        (out / "report.json").mkdir()
        return
    if what == "remember":
        previous = getattr(attack, "seen", None)
        attack.seen = argument["word"]
        (out / "report.json").write_text(
            json.dumps({"previous": previous, "pid": os.getpid(), "in": sorted(os.listdir("in"))})
        )
        return
    (out / "report.json").write_text(json.dumps(_said(lambda: ATTACKS[what](argument.get("file")))))


if __name__ == "__main__":
    child.warm_up = _warm_up
    main(json.loads(sys.argv[1]), {"score": attack, "attack": attack})
