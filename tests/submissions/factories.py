"""A small real challenge, admitted the real way, and files for it."""

import atexit
import random
import shutil
import tempfile
import zipfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from uuid import uuid4

from challenges import run_package
from challenges.admission import Admission
from leaderboard.accounts.actor import Actor
from leaderboard.core.sandbox import Outcome
from leaderboard.core.work import Resources, Work
from leaderboard.entries import service as entries
from leaderboard.entries.models import Entry
from leaderboard.seasons import packages, posting
from leaderboard.seasons.models import Challenge, PackageVersion, Phase
from leaderboard.seasons.service import phases
from leaderboard.submissions.reception import Arriving, ReceivedFile
from tests.seasons import factories as seasons

DEFINITION = """
format = "jiebang/1"
slug = "{slug}"
version = "{version}"
kind = "prediction"
sector = "transport"
task = "binary-classification"
modality = ["table"]
[title]
en = "Which flights will be late?"
zh = "哪些航班会晚点?"
[summary]
en = "Predict late arrivals."
zh = "预测到达晚点。"
[data]
licence = "CC0-1.0"
source = "Made for a test"
personal = "none"
[[data.files]]
path = "public/train.csv"
role = "train"
[submission]
id = "flight"
[[submission.columns]]
name = "delayed"
type = "probability"
[answers]
path = "answers/truth.csv"
truth = "late"
split = {{ public = 0.5, seed = 7 }}
[[scores]]
key = "auc"
metric = "roc_auc"
[[scores]]
key = "logloss"
metric = "log_loss"
[limits]
per_day = {per_day}
total = {total}
zone = "{zone}"
[[phases]]
key = "open"
opens = 2026-01-01T09:00:00+08:00
closes = {closes}
"""


def truth(rows: int, seed: int = 1) -> list[int]:
    draw = random.Random(seed)
    return [int(draw.random() < 0.3) for _ in range(rows)]


FROZEN = {"zone": "Asia/Shanghai", "closes": "2027-02-28T18:00:00+08:00"}
"""The day and the end of a challenge where the clock stands still at the noon of the tests."""


def running() -> dict[str, str]:
    """The same where the clock runs: a challenge without end, in a zone where it is about noon now, so that what counts by
    the day does not come upon another day in the middle of a test.
    """
    zone = f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"  # these names count westwards
    return {"zone": zone, "closes": "2999-12-31T18:00:00+08:00"}


def package_folder(folder: Path, slug: str = "late", rows: int = 200, **words: object) -> Path:
    """Writes a package whose truth is `truth(rows)`."""
    values = {"version": "1.0.0", "per_day": 5, "total": 200, **FROZEN, **words}
    for place in ("public", "answers"):
        (folder / place).mkdir(parents=True)
    (folder / "challenge.toml").write_text(DEFINITION.format(slug=slug, **values), "utf-8")
    for locale in ("en", "zh"):
        (folder / f"README.{locale}.md").write_text("# Late flights\n\nPredict them.\n", "utf-8")
    (folder / "public/train.csv").write_text("carrier,late\nUA,0\nDL,1\n")
    lines = "".join(f"f{row},{late}\n" for row, late in enumerate(truth(rows, int(words.get("seed", 1)))))
    (folder / "answers/truth.csv").write_text(f"flight,late\n{lines}")
    return folder


def admit(work: Work, actor: Actor, unit: int, folder: Path, challenge: Challenge | None = None) -> PackageVersion:
    """Hands a package in and records what the child's own operation finds; only the child itself is left out."""
    archive = folder.parent / f"{uuid4().hex}.zip"
    with zipfile.ZipFile(archive, "w") as packed:  # the same bytes each time, times of files left out
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            packed.writestr(zipfile.ZipInfo(path.relative_to(folder).as_posix()), path.read_bytes())
    package = packages.receive(
        work, actor, unit, packages.Upload(archive, "late.zip", archive.stat().st_size), challenge=challenge
    )
    task = packages.task(work, package)
    compiled = _compiled(task.files["package.zip"].read_bytes(), **task.argument)
    out = shutil.copytree(compiled, folder.parent / uuid4().hex)
    packages.record(work, package, Outcome((out / "report.json").read_bytes(), out))
    return package


@cache
def _compiled(archive: bytes, **limits: int) -> Path:
    """The output of the child's operation for a package; made once for all tests."""
    folder = Path(tempfile.mkdtemp(prefix="jiebang-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "package.zip").write_bytes(archive)
    out = folder / "out"
    out.mkdir()
    run_package.check_and_compile(folder / "package.zip", out, **limits)
    found = Admission.parse((out / "report.json").read_bytes())
    assert found.outcome == "ready", found.findings
    return out


def posted(work: Work, folder: Path, slug: str = "late", **words: object) -> tuple[Challenge, Actor]:
    """A posted challenge, open at the noon of the tests, and its organizer."""
    actor, unit = seasons.organizer(work)
    package = admit(work, actor, unit, package_folder(folder / uuid4().hex, slug, **words))
    posting.draft(work, actor, package)
    return posting.post(work, actor, slug), actor


def entered(work: Work, challenge: Challenge, name: str = "Lin Xiaolan") -> tuple[Actor, Entry]:
    person = seasons.person(work, name)
    return person, entries.enter(work, person, challenge.id, None, accept_rules=True)


def phase_of(work: Work, challenge: Challenge) -> Phase:
    return phases(work, challenge.id)[0]


def predictions(rows: int = 200, skill: float = 1.0, seed: int = 5, truth_seed: int = 1) -> bytes:
    """A valid file; the greater ``skill``, the better."""
    draw = random.Random(seed)
    lines = (
        f"f{row},{min(0.99, max(0.01, 0.5 + skill * (late - 0.5) * 0.4 + draw.uniform(-0.3, 0.3))):.4f}\n"
        for row, late in enumerate(truth(rows, truth_seed))
    )
    return ("flight,delayed\n" + "".join(lines)).encode()


def arrived(resources: Resources, data: bytes | None = None, name: str = "predictions.csv") -> ReceivedFile:
    """A file that has come in whole and is stored."""
    arriving = Arriving(resources, 1 << 30)
    arriving.write(predictions() if data is None else data)
    return arriving.store(name)
