"""300 submissions of 10,000 rows posted within 5 s over HTTP to a running server: none lost, seconds until the last is scored.

    python benchmarks/burst.py [--quick]

A server and a worker with two children run as processes of their own on SQLite with synchronous=FULL; 30 teams submit, and
somebody reads the board all the while. The goal is 10 s on two cores that nobody else uses.
"""

import http.client
import os
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import measure
from sqlmodel import func, select

from leaderboard.accounts.tokens import make_token
from leaderboard.submissions.models import PublicScore, Submission
from leaderboard.submissions.states import PENDING, State

sys.path.insert(0, str(Path(__file__).parent.parent))  # the tests' factories are not part of the product
from tests.submissions import factories
from tests.submissions.processes import Installation, installed

TEAMS, WITHIN, GOAL, CONNECTIONS = 30, 5.0, 10.0, 32


def main() -> None:
    count, rows = (60, 10_000) if measure.options(__doc__).quick else (300, 10_000)
    within = WITHIN * count / 300
    files = [factories.predictions(rows, skill=0.4 + number / count, seed=number) for number in range(count)]
    with (
        tempfile.TemporaryDirectory() as folder,
        installed(Path(folder), rows=rows, workers=2, lease_seconds=30) as place,
    ):
        tokens = enter(place)
        place.start()
        warm(place, files[0])
        before = {name: cpu(process.pid) for name, process in place.running.items()}
        children = {pid: cpu(pid) for pid in place.children()}
        sender = time.process_time()
        posted, pages, started = burst(place, tokens, files, within)
        sender = time.process_time() - sender
        done = until_scored(place, count + 1, started)
        used = {name: cpu(process.pid) - before[name] for name, process in place.running.items()}
        in_children = sum(cpu(pid) - children.get(pid, 0.0) for pid in place.children())
        report(place, count, rows, posted, pages, done, used, in_children, sender)


def enter(place: Installation) -> list[str]:
    with place.resources() as held, held.write() as work:
        challenge = work.session.exec(select(factories.Challenge)).one()
        people = [factories.entered(work, challenge, f"Team {number}")[0] for number in range(TEAMS)]
        return [make_token(work, person, name="burst", scopes=("submit",), days=2).key for person in people]


def warm(place: Installation, file: bytes) -> None:
    found = place.submit_and_wait(file, "warm.csv")
    assert found["state"] == "scored", found
    with urllib.request.urlopen(f"{place.url}/en/challenges/late/board") as page:
        assert page.status == 200


def cpu(pid: int) -> float:
    """Seconds of processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def burst(
    place: Installation, tokens: list[str], files: list[bytes], within: float
) -> tuple[list[float], list[float], float]:
    """Posts evenly over the five seconds; (seconds of each post, of each board page, when it began).

    Plain connections of the standard library: a client that shares the server's two cores has to be a light one.
    """
    here = threading.local()
    pages: list[float] = []
    over = threading.Event()

    def connection() -> http.client.HTTPConnection:
        if not hasattr(here, "connection"):
            here.connection = http.client.HTTPConnection("127.0.0.1", place.port, timeout=120)
        made: http.client.HTTPConnection = here.connection
        return made

    def ask(method: str, path: str, body: bytes | None, headers: dict[str, str], expected: int) -> float:
        begun = time.monotonic()
        connection().request(method, path, body, headers)
        answer = connection().getresponse()
        said = answer.read()
        assert answer.status == expected, said
        return time.monotonic() - begun

    def post(number: int) -> float:
        time.sleep(max(0.0, started + number * within / len(files) - time.monotonic()))
        headers = {"Authorization": f"Bearer {tokens[number % len(tokens)]}", "Content-Type": "text/csv"}
        path = f"/api/v1/challenges/late/submissions?file_name={number}.csv"
        return ask("POST", path, files[number], headers, 201)

    def read() -> None:
        while not over.wait(0.2):
            pages.append(ask("GET", "/en/challenges/late/board", None, {}, 200))

    with ThreadPoolExecutor(CONNECTIONS + 1) as pool:
        started = time.monotonic()
        reader = pool.submit(read)
        try:
            posted = list(pool.map(post, range(len(files))))
        finally:
            over.set()
        reader.result()
    return posted, pages, started


def until_scored(place: Installation, expected: int, started: float) -> float:
    with place.resources() as held:
        while True:
            with held.read() as work:
                states = Counter(work.session.exec(select(Submission.state)).all())
            if states.total() >= expected and not any(state in PENDING for state in states):
                break
            time.sleep(0.1)
        done = time.monotonic() - started
        with held.read() as work:
            assert states == Counter({State.SCORED: expected}), states
            assert work.session.exec(select(func.count()).select_from(PublicScore)).one() == 2 * expected
    return done


def report(
    place: Installation, count: int, rows: int, posted: list[float], pages: list[float], done: float,
    used: dict[str, float], in_children: float, sender: float,
) -> None:  # fmt: skip
    def p95(values: list[float]) -> float:
        return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]

    load = os.getloadavg()[0]
    print(
        f"{count} submissions of {rows} rows, posted within {WITHIN * count / 300:.0f} s; load {load:.1f} on {os.cpu_count()} cores"
    )
    print(
        f"all {len(posted)} answered 201; post p50 {statistics.median(posted) * 1e3:.0f} ms, p95 {p95(posted) * 1e3:.0f} ms"
    )
    print(f"last one scored {done:.1f} s after the first post began: {count / done:.0f}/s")
    print(
        f"board page meanwhile: {len(pages)} reads, p50 {statistics.median(pages) * 1e3:.0f} ms, p95 {p95(pages) * 1e3:.0f} ms"
    )
    ours = used["server"] + used["worker"] + in_children
    print(
        f"CPU ms a submission: server {used['server'] / count * 1e3:.1f}, worker {used['worker'] / count * 1e3:.1f},"
        f" children {in_children / count * 1e3:.1f}, together {ours / count * 1e3:.1f}"
        f" (two free cores: {ours / 2:.1f} s for all); sender {sender:.1f} s"
    )
    print(f"server in memory: {place.server_memory() >> 20} MB")
    measure.ratio("burst.last_scored", ours=done, peer=GOAL * count / 300, goal="<= 1", unit="s")
    measure.ratio("burst.processor", ours=ours, peer=2 * GOAL * count / 300, goal="<= 1")


if __name__ == "__main__":
    main()
