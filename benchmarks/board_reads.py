"""What a board costs to read when it is maintained with every score, against ranking all submissions at each request.

One board, 50,000 teams, 1,000,000 scored submissions (--quick: 5,000 and 100,000) in SQLite. The peer is the usual window
query on the same database: the best submission of each team, ranked. Both sides give the same places (checked). Reads are
measured alone, and beside a process that records 200 scores a second through our own code.
"""

import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import measure
from filled import NOON, build
from sqlalchemy import text
from sqlmodel import Session

from leaderboard import wiring
from leaderboard.core.settings import Settings
from leaderboard.core.work import Resources
from leaderboard.rankings.boards import PAGE_ROWS, Asked, board_lines
from leaderboard.rankings.service import place_of
from leaderboard.submissions.models import PublicScore, Submission
from leaderboard.submissions.signals import SubmissionScored

WRITES = 200  # a second
BESIDE_SECONDS = 8

RANKED = """
WITH scored AS (
  SELECT s.entry_id, p.value, s.started_at,
         row_number() OVER (PARTITION BY s.entry_id ORDER BY round(p.value, 5) DESC, s.started_at, s.id) AS nth
  FROM submission s JOIN public_score p ON p.submission_id = s.id AND p.task = '' AND p.key = 'auc'
  WHERE s.phase_id = 1 AND s.state = 'scored'),
ranked AS (
  SELECT entry_id, value, rank() OVER (ORDER BY round(value, 5) DESC, started_at) AS place FROM scored WHERE nth = 1)
SELECT r.place, t.name, r.value FROM ranked r
JOIN entry e ON e.id = r.entry_id JOIN team t ON t.id = e.team_id
"""
PAGE = text(RANKED + " ORDER BY r.place, r.entry_id LIMIT :rows OFFSET :skipped")
MINE = text(RANKED + " WHERE r.entry_id = :entry")


@dataclass(frozen=True)
class Reader:
    """Both ways to read, on one open session each time."""

    resources: Resources

    def ours(self, page: int) -> list[tuple[int | None, str]]:
        with self.resources.read() as work:
            lines, _ = board_lines(work.session, 1, Asked(page=page), now=NOON)
        return [(line.place, line.team) for line in lines]

    def peer(self, page: int) -> list[tuple[int | None, str]]:
        with self.resources.read() as work:
            rows = work.session.execute(PAGE, {"rows": PAGE_ROWS, "skipped": (page - 1) * PAGE_ROWS})
            return [(place, team) for place, team, _ in rows]

    def my_place(self, entry: int) -> int | None:
        with self.resources.read() as work:
            return place_of(work.session, 1, entry)

    def peer_place(self, entry: int) -> int:
        with self.resources.read() as work:
            return int(work.session.execute(MINE, {"entry": entry}).one()[0])


def write_scores(data_dir: str, teams: int, told: "multiprocessing.Queue[float]") -> None:
    """Records scores at a steady pace, each in a transaction of its own, and says how many a second it was."""
    resources = wiring.build(Settings(_env_file=None, data_dir=Path(data_dir)))
    told.put(0.0)
    start = time.monotonic()
    written = 0
    while (now := time.monotonic()) < start + BESIDE_SECONDS:
        with resources.write() as work:
            entry = written % teams + 1
            submission = _record(work.session, entry, 1_000_000 + written, 0.5 + written % 1000 / 2001)
            work.emit(SubmissionScored(submission, 1, entry))
        written += 1
        time.sleep(max(0.0, start + written / WRITES - time.monotonic()))
    told.put(written / (now - start))


def _record(session: Session, entry: int, number: int, value: float) -> int:
    submission = Submission(
        challenge_id=1,
        phase_id=1,
        entry_id=entry,
        person_id=1,
        number=number,
        state="scored",
        file_name="p.csv",
        size=1,
        sha256="0" * 64,
        storage_key="s/new",
        started_at=NOON,
        received_at=NOON,
        scored_at=NOON,
    )
    session.add(submission)
    session.flush()
    assert submission.id is not None
    session.add(PublicScore(submission_id=submission.id, key="auc", value=value, low=value, high=value))
    session.flush()
    return submission.id


def spent_beside_writes(read: Callable[[], object], data_dir: str, teams: int) -> tuple[float, float]:
    """(CPU seconds of one read, writes a second) while another process records scores."""
    context = multiprocessing.get_context("spawn")
    told: multiprocessing.Queue[float] = context.Queue()
    writer = context.Process(target=write_scores, args=(data_dir, teams, told))
    writer.start()
    told.get(timeout=120)
    spent = []
    end = time.monotonic() + BESIDE_SECONDS - 1
    while time.monotonic() < end:
        began = time.process_time()
        read()
        spent.append(time.process_time() - began)
    rate = told.get(timeout=120)
    writer.join()
    return statistics.median(spent), rate


def main() -> None:
    asked = measure.options(__doc__)
    teams, submissions = (5_000, 100_000) if asked.quick else (50_000, 1_000_000)
    deep = teams // PAGE_ROWS
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(_env_file=None, data_dir=Path(folder))
        reader = Reader(build(settings, teams=teams, submissions=submissions))
        for page in (1, deep):
            assert reader.ours(page) == reader.peer(page), f"the two sides disagree on page {page}"
        assert reader.my_place(teams // 2) == reader.peer_place(teams // 2)
        print(f"{submissions:,} submissions of {teams:,} teams, SQLite, pages of {PAGE_ROWS} rows", flush=True)
        goal = ">= 100" if asked.quick else ">= 1000"  # the peer's cost grows with the submissions, ours does not
        pairs: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
            "first_page": (lambda: reader.ours(1), lambda: reader.peer(1)),
            f"page_{deep}": (lambda: reader.ours(deep), lambda: reader.peer(deep)),
            "my_place": (lambda: reader.my_place(teams // 2), lambda: reader.peer_place(teams // 2)),
        }
        alone = 0.0
        for name, (ours, peer) in pairs.items():
            spent = measure.in_turn({"ours": ours, "peer": peer}, runs=asked.runs)
            measure.ratio(f"board_reads.{name}", ours=spent["ours"], peer=spent["peer"], goal=goal)
            alone = alone or spent["ours"]
        beside, rate = spent_beside_writes(lambda: reader.ours(1), folder, teams)
        print(f"beside {rate:.0f} recorded scores a second (asked for: {WRITES})")
        measure.ratio("board_reads.first_page_beside_writes", ours=beside, peer=alone, goal="<= 2")
        reader.resources.database.dispose()


if __name__ == "__main__":
    main()
