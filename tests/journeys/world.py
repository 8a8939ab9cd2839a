"""A small but complete world, made once through the services and a real scoring child, copied for each module of tests.

Who is in it: an operator; `organizer` (owner) and `colleague` (member) of one unit, `rival` of another; a team of two,
`captain` and `member`; `alone`, who entered by herself; a `stranger`. What: four challenges in four states (`late` is open
and has submissions in every state, `tides` is over and its data is about people), a package that was refused, an
invitation, tokens of every scope, an upload half way.
"""

import atexit
import gzip
import hashlib
import shutil
import socket
import sqlite3
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import httpx
import uvicorn
from aiosmtpd.controller import Controller
from pydantic import SecretStr
from sqlmodel import col, func, select

from challenges import run_package
from challenges.dataset_report import assess_dataset
from leaderboard import wiring, worker
from leaderboard.accounts import organizations, passwords, tokens
from leaderboard.accounts.actor import SYSTEM, Actor
from leaderboard.accounts.models import Organization, Person
from leaderboard.accounts.sign_in import Visitor, open_session
from leaderboard.app import create_app
from leaderboard.core.clock import Clock
from leaderboard.core.database import migrate
from leaderboard.core.sandbox import Outcome
from leaderboard.core.settings import Settings
from leaderboard.core.web import SESSION_COOKIE
from leaderboard.core.work import Resources, Work
from leaderboard.datasets import audits, making, uploading
from leaderboard.datasets import service as datasets
from leaderboard.datasets.fields import CardWords
from leaderboard.datasets.signals import FileMeasured
from leaderboard.entries import membership, teams
from leaderboard.entries import service as entries
from leaderboard.events import registering, scheduling, wishes
from leaderboard.events import service as events
from leaderboard.events.fields import Wanted
from leaderboard.events.models import TimetableRun
from leaderboard.events.states import State as EventState
from leaderboard.exchange.deals import agreements, deliveries, moves, sign_off, talks
from leaderboard.exchange.deals import service as dealing
from leaderboard.exchange.deals.models import DealDelivery, DealSample
from leaderboard.exchange.demands import making as demands
from leaderboard.exchange.demands import outlets, vetting
from leaderboard.exchange.demands import service as demands_service
from leaderboard.exchange.demands.content import Written
from leaderboard.exchange.listings import deeds, drafting
from leaderboard.exchange.matches import service as matches
from leaderboard.exchange.matches import watches
from leaderboard.exchange.matches.models import MatchQuestion
from leaderboard.rankings import final
from leaderboard.seasons import packages, posting, windows
from leaderboard.seasons.models import PackageVersion
from leaderboard.seasons.service import challenge_by_slug, phases
from leaderboard.submissions import dry_runs, uploads
from leaderboard.submissions import service as submissions
from leaderboard.submissions.models import DryRun, PrivateScore, ScoreReport, Submission
from leaderboard.submissions.reception import ReceivedFile, store
from leaderboard.submissions.states import PENDING, State
from tests import annotation_packages, dataset_packages
from tests.accounts.factories import belongings
from tests.events import fair as fairs
from tests.exchange import scene
from tests.submissions import factories

PASSWORD = "nine dragons in a lake"
UNIT, OTHER_UNIT = "lingdong-grid", "bay-insurance"
OPEN, DRAFT, CLOSED, UPCOMING = "late", "lanes", "tides", "ports"
SEED = 918273645
"""Of the split: whoever knows it knows which rows are public."""
PRIVATE = 0.777111
"""What every private score of the open challenge is made to be."""
REMARK = "zq-answer-remark"
"""Stands in every row of the answers."""
PEOPLE = {
    # key: (name, role)
    "operator": ("Ou Yang", "operator"),
    "organizer": ("Wang Hao", "organizer"),
    "colleague": ("Xu Jing", "participant"),
    "rival": ("Bai Ling", "organizer"),
    "captain": ("Lin Xiaolan", "participant"),
    "member": ("Chen Bo", "participant"),
    "alone": ("Zhao Min", "participant"),
    "stranger": ("Gu Yu", "participant"),
}
SCOPES = {"read": ("read",), "submit": ("read", "submit"), "organize": ("read", "organize")}
PROGRAMS = [
    *(f"{who}:{scope}" for who in ("captain", "organizer") for scope in SCOPES),
    "stranger:submit", "rival:organize", "operator:organize",
]  # fmt: skip


@dataclass
class Cast:
    """Everything in the world that has a name, an id or a key."""

    people: dict[str, Actor] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)  # of programs, such as captain:read
    token_ids: dict[str, int] = field(default_factory=dict)
    packages: dict[str, int] = field(default_factory=dict)
    submissions: dict[str, int] = field(default_factory=dict)
    hashes: list[str] = field(default_factory=list)
    team: int = 0
    entry: int = 0
    spare_team: int = 0
    invitation: str = ""
    invitation_id: int = 0
    upload: str = ""
    check: str = ""
    dataset: str = ""
    audit: int = 0
    uploaded: str = ""
    demand: str = ""
    listing: str = ""
    compared: tuple[str, ...] = ()
    deal: str = ""
    deal_file: int = 0
    deal_sample: int = 0
    offer: str = ""
    question: int = 0
    watch: int = 0
    stop: str = ""
    fair: str = ""
    past_fair: str = ""
    registration: int = 0
    meeting: int = 0


@dataclass
class World:
    """A server on a free port over a copy of the world; `post` is what its SMTP server received."""

    url: str
    resources: Resources
    cast: Cast
    origin: Path
    post: list[EmailMessage]

    def client(self, who: str = "anyone") -> httpx.Client:
        """A browser or a program of somebody: ``captain``, ``captain:read`` (a token with that scope), ``anyone``."""
        headers = {"Accept-Language": "en"}
        cookies = {}
        if ":" in who:
            headers["Authorization"] = f"Bearer {self.cast.keys[who]}"
        else:
            headers["Sec-Fetch-Site"] = "same-origin"
            if who != "anyone":
                cookies[SESSION_COOKIE] = self.cast.cookies[who]
        return httpx.Client(
            base_url=self.url, headers=headers, cookies=cookies, timeout=120, verify=False
        )  # no TLS here

    def restore(self) -> None:
        """Everything as it was at the beginning."""
        live = self.resources.settings.data_dir
        with closing(sqlite3.connect(self.origin / DATABASE)) as old, closing(sqlite3.connect(live / DATABASE)) as now:
            now.execute("PRAGMA synchronous=OFF")
            old.backup(now)
        for path in (self.origin / "uploads").iterdir():
            shutil.copyfile(path, live / "uploads" / path.name)

    def read(self, look: Callable[[Work], Any]) -> Any:
        with self.resources.read() as work:
            return look(work)


DATABASE = "jiebang.sqlite3"


def settings(folder: Path, **more: object) -> Settings:
    return Settings(_env_file=None, data_dir=folder, workers=1, score_seconds=120, locale="en", **more)


@cache
def origin() -> tuple[Path, Cast]:
    """The folder of the world as it is first, and who and what is in it; made at the first call."""
    folder = Path(tempfile.mkdtemp(prefix="jiebang-world-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    data = folder / "data"
    migrate(f"sqlite:///{data / DATABASE}")
    resources = wiring.build(settings(data))
    try:
        with at_work(resources):
            cast = _made(resources, folder / "packages")
    finally:
        resources.database.dispose()
    with closing(sqlite3.connect(data / DATABASE)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return data, cast


@contextmanager
def at_work(resources: Resources) -> Iterator[None]:
    """A worker with one real child beside the block."""
    stop = threading.Event()
    thread = threading.Thread(
        target=worker.run,
        args=(resources, wiring.SANDBOX_JOBS, wiring.PLAIN_JOBS),
        kwargs={"stop": stop, "executor": None},
        name="worker",
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        resources.job_added.set()
        thread.join(60)
        assert not thread.is_alive()


@contextmanager
def opened(folder: Path) -> Iterator[World]:
    """A server over a copy of the world in ``folder``; the copy is the block's own."""
    first, cast = origin()
    data = shutil.copytree(first, folder / "data")
    with served(data) as (url, resources, mails):
        yield World(url, resources, deepcopy(cast), first, mails)  # a journey may change who holds which key


@contextmanager
def served(data: Path, clock: Clock | None = None) -> Iterator[tuple[str, Resources, list[EmailMessage]]]:
    """A server over the database in ``data``: its address, what it holds, and what its SMTP server receives."""
    port, mail = free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    box = Letterbox()
    office = Controller(box, hostname="127.0.0.1", port=mail)
    office.start()
    held = settings(data, base_url=url, smtp_url=SecretStr(f"smtp://127.0.0.1:{mail}"), secret_key=SecretStr("s" * 40))
    resources = wiring.build(held, clock=clock)
    with serving(resources, port):
        yield url, resources, box.mails
    resources.database.dispose()
    office.stop()


@contextmanager
def serving(resources: Resources, port: int) -> Iterator[None]:
    config = uvicorn.Config(
        create_app(resources), host="127.0.0.1", port=port, log_config=None, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="server")
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(20)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Letterbox:
    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: SimpleNamespace) -> str:
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"


def zipped(folder: Path) -> Path:
    """The package in ``folder`` as a zip beside it."""
    path = folder.parent / f"{folder.name}-{uuid4().hex[:6]}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(file for file in folder.rglob("*") if file.is_file()):
            archive.write(file, file.relative_to(folder).as_posix())
    return path


def package(folder: Path, slug: str, *, personal: str = "none", **words: object) -> Path:
    """The folder of a package whose split and answers hold what nobody may see; ``personal``: what its data is about."""
    made = factories.package_folder(folder / slug, slug, **{"per_day": 20, **words})
    definition = made / "challenge.toml"
    said = definition.read_text("utf-8").replace("seed = 7", f"seed = {SEED}")
    definition.write_text(said.replace('personal = "none"', f'personal = "{personal}"'), "utf-8")
    answers = made / "answers/truth.csv"
    head, *rows = answers.read_text().splitlines()
    answers.write_text("\n".join([f"{head},remark", *(f"{row},{REMARK}" for row in rows)]) + "\n")
    return made


def broken(folder: Path) -> Path:
    """A package with two faults: a metric that there is not, and one README instead of two."""
    made = package(folder, "broken")
    definition = made / "challenge.toml"
    definition.write_text(definition.read_text("utf-8").replace('"roc_auc"', '"roc_acu"'), "utf-8")
    (made / "README.zh.md").unlink()
    return made


# The making of it


def _made(resources: Resources, folder: Path) -> Cast:
    cast = Cast()
    with resources.write() as work:
        _add_people(work, cast)
        _send_packages(work, cast, folder)
    with resources.write() as work:
        _post(work, cast)
        _enter(work, cast)
    _submit(resources, cast)
    pending = [str(state) for state in PENDING]
    _wait(resources, select(func.count()).where(col(Submission.state).in_(pending)))
    _wait(resources, select(func.count()).where(DryRun.state == "waiting"))
    with resources.write() as work:
        _settle(work, cast)
    with resources.write() as work:
        _finalise(work, cast)
    _meet(resources, cast)
    return cast


def _meet(resources: Resources, cast: Cast) -> None:
    """A published event of the unit at which it meets a supplier to whom nobody belongs, and one that is over."""
    organizer = cast.people["organizer"]
    (unit,) = organizer.organization_ids
    with resources.write() as work:
        past = events.create(work, organizer, organization_id=unit, words=fairs.WORDS)
        past.state, cast.past_fair = EventState.CLOSED, past.slug
        work.session.add(past)
        cast.fair = events.create(work, organizer, organization_id=unit, words=fairs.WORDS).slug
        for state in ("call", "registration"):
            events.move(work, organizer, cast.fair, state)
        supplier = Organization(slug="empty-house", name="Empty House Data", created_at=work.now)
        work.session.add(supplier)
        work.session.flush()
        listing = fairs.listing(work, supplier.id, "empty-house")
        need = demands_service.demand_for(work, organizer, cast.demand, "demand.edit").id
        common = {
            "participants": ("Wang Hao",),
            "languages": ("zh",),
            "free": fairs.SLOTS,
            "least": 0,
            "most": 2,
            "reveal": "public",
        }
        for by, wanted in (
            (SYSTEM, Wanted(organization_id=supplier.id, side="supplier", things=(listing,), **common)),
            (organizer, Wanted(organization_id=unit, side="demander", things=(need,), **common)),
        ):
            cast.registration = registering.register(work, by, cast.fair, wanted).id
        events.move(work, organizer, cast.fair, "preference")
        event, mine = registering.registration_for(work, organizer, cast.registration)
        wishes.say(work, organizer, cast.registration, {one.id: "1" for one in wishes.others(work, event, mine)})
        events.move(work, organizer, cast.fair, "scheduled")
        scheduling.ask(work, organizer, cast.fair, method="plan")
    _wait(resources, select(func.count()).where(TimetableRun.state == "waiting"))
    with resources.write() as work:
        event = scheduling.publish(work, organizer, cast.fair, 1)
        cast.meeting = scheduling.meetings(work, event)[0].id


def _wait(resources: Resources, count: Any) -> None:
    def done() -> bool:
        with resources.read() as work:
            return work.session.exec(count).one() == 0

    until(done)


def until(holds: Callable[[], bool]) -> None:
    """Waits for what a worker does."""
    deadline = time.monotonic() + 240
    while not holds():
        assert time.monotonic() < deadline, "the worker did not get done"
        time.sleep(0.1)


def _add_people(work: Work, cast: Cast) -> None:
    kept = passwords.hashed(PASSWORD)
    cast.hashes.append(kept)
    for key, (name, role) in PEOPLE.items():
        person = Person(
            email=f"{key}@world.example", name=name, role=role, password_hash=kept, locale="en", created_at=work.now
        )
        work.session.add(person)
        work.session.flush()
        cast.people[key] = Actor(person_id=person.id, name=name, email=person.email, role=role, locale="en")
    for key, slug, name in (("organizer", UNIT, "Lingdong Grid 岭东电网"), ("rival", OTHER_UNIT, "Bay Insurance")):
        organizations.create_organization(work, cast.people[key], name=name, slug=slug)
    unit = work.session.exec(select(Organization).where(Organization.slug == UNIT)).one()
    unit.audits = True
    _belong(work, cast)
    organizations.add_member(work, cast.people["organizer"], unit, email=cast.people["colleague"].email)
    _belong(work, cast)
    for key, actor in cast.people.items():
        person = work.session.get_one(Person, actor.person_id)
        cast.cookies[key] = open_session(
            work, person, Visitor("127.0.0.1", "Mozilla/5.0 Firefox/140.0"), replaces=None
        ).key
    for key in PROGRAMS:
        who, scope = key.split(":")
        token = tokens.make_token(work, cast.people[who], name=f"laptop {scope}", scopes=SCOPES[scope], days=30)
        cast.keys[key], cast.token_ids[key] = token.key, token.id


def _belong(work: Work, cast: Cast) -> None:
    """Actors as recognition will find them."""
    for key, actor in cast.people.items():
        cast.people[key] = replace(actor, **belongings(work, actor.id))


def _send_packages(work: Work, cast: Cast, folder: Path) -> None:
    """Checked by the child's own operation in this process: a child for each would cost a start of Python each."""
    organizer = cast.people["organizer"]
    unit = next(iter(organizer.owned_ids))
    for slug in (OPEN, DRAFT, CLOSED, UPCOMING, "spare"):
        made = package(folder, slug, personal="pseudonymous" if slug == CLOSED else "none")
        cast.packages[slug] = factories.admit(work, organizer, unit, made).id or 0
    archive = zipped(broken(folder))
    sent = packages.receive(work, organizer, unit, packages.Upload(archive, "broken.zip", archive.stat().st_size))
    cast.packages["broken"] = sent.id or 0
    task = packages.task(work, sent)
    out = folder / "out"
    out.mkdir()
    run_package.check_and_compile(task.files["package.zip"], out, **task.argument)
    packages.record(work, sent, Outcome((out / "report.json").read_bytes(), out))


def _post(work: Work, cast: Cast) -> None:
    organizer = cast.people["organizer"]
    for slug in (OPEN, DRAFT, CLOSED, UPCOMING):
        sent = work.session.get_one(PackageVersion, cast.packages[slug])
        assert sent.state == "ready", (slug, sent.state, sent.findings)
        posting.draft(work, organizer, sent)
    assert work.session.get_one(PackageVersion, cast.packages["broken"]).state == "refused"
    plan = windows.PhasePlan.of(phases(work, challenge_by_slug(work, organizer, UPCOMING).id or 0)[0])
    later = replace(plan, opens_at=work.now + timedelta(days=20), closes_at=work.now + timedelta(days=40))
    posting.set_phases(work, organizer, UPCOMING, [later])
    for slug in (OPEN, CLOSED, UPCOMING):
        posting.post(work, organizer, slug)
    plan = windows.PhasePlan.of(phases(work, challenge_by_slug(work, organizer, OPEN).id or 0)[0])
    later = replace(plan, closes_at=work.now + timedelta(days=30))
    posting.set_phases(work, organizer, OPEN, [later], reason="More teams asked for another week.")
    posting.announce(
        work,
        organizer,
        OPEN,
        title_en="A note on the data",
        title_zh="数据说明",
        text_en="The file `train.csv` has *two* columns.",
        text_zh="文件 `train.csv` 有*两*列。",
    )


def _enter(work: Work, cast: Cast) -> None:
    captain, member, alone = (cast.people[key] for key in ("captain", "member", "alone"))
    team = teams.create(work, captain, "松山湖 Data Team")
    cast.team = team.id or 0
    membership.accept(work, member, teams.invite(work, captain, cast.team).token)
    for slug in (OPEN, CLOSED):
        challenge = challenge_by_slug(work, captain, slug)
        entry = entries.enter(work, captain, challenge.id or 0, cast.team, accept_rules=True)
        entries.accept_rules(work, member, challenge)
        entries.enter(work, alone, challenge.id or 0, None, accept_rules=True)
        if slug == OPEN:
            cast.entry = entry.id or 0
    spare = teams.create(work, captain, "Spare Team")
    cast.spare_team = spare.id or 0
    made = teams.invite(work, captain, cast.team)
    cast.invitation, cast.invitation_id = made.token, made.id


def _submit(resources: Resources, cast: Cast) -> None:
    good, fair, poor = (factories.predictions(skill=skill, seed=skill * 10) for skill in (1, 0.7, 0.3))
    lines = good.decode().splitlines()
    bad = "\n".join([*lines[:50], "f48,1.7", "nobody,0.5", *lines[60:]]).encode()
    wanted = [
        ("scored", OPEN, "captain", good), ("withdrawn", OPEN, "member", fair), ("refused", OPEN, "captain", bad),
        ("failed", OPEN, "captain", poor), ("second", OPEN, "member", fair), ("alone", OPEN, "alone", poor),
        ("closed", CLOSED, "captain", fair), ("closed alone", CLOSED, "alone", good),
    ]  # fmt: skip
    for key, slug, who, data in wanted:
        file = factories.arrived(resources, data, f"{key.replace(' ', '-')}.csv")
        with resources.write() as work:
            challenge = challenge_by_slug(work, cast.people[who], slug)
            phase = phases(work, challenge.id or 0)[0]
            made = submissions.receive(work, cast.people[who], challenge, phase, file, note=key)
            cast.submissions[key] = made.id or 0
    file = factories.arrived(resources, bad, "to-check.csv")
    with resources.write() as work:
        captain = cast.people["captain"]
        cast.check = dry_runs.begin(work, captain, challenge_by_slug(work, captain, OPEN), file).token
        cast.upload = uploads.begin(work, captain, OPEN, size=1000, file_name="half.csv", sha256=None, note="").token


def _settle(work: Work, cast: Cast) -> None:
    states = {key: work.session.get_one(Submission, id).state for key, id in cast.submissions.items()}
    assert states.pop("refused") == State.REFUSED
    assert set(states.values()) == {State.SCORED}, states
    captain, organizer = cast.people["captain"], cast.people["organizer"]
    _report_quality(work, cast)
    _report_annotators(work, cast)
    _publish(work, cast)
    _ask(work, cast)
    _offer(work, cast)
    _deal(work, cast)
    _match(work, cast)
    submissions.withdraw(work, captain, cast.submissions["withdrawn"])
    submissions.pick(work, captain, cast.submissions["scored"], picked=True)
    posting.close(work, organizer, CLOSED, reason="The season has come to its end.")


def _report_quality(work: Work, cast: Cast) -> None:
    """As if the scored file and the checked one had been datasets: their pages are walked as those of any submission."""
    with tempfile.TemporaryDirectory() as scratch:
        table = Path(scratch, "readings.csv")
        table.write_bytes(dataset_packages.written(dataset_packages.raw()[:60]))
        found = assess_dataset(table)
        keys = []
        for name, data in (("a.json", found.report.model_dump_json()), ("b.json", found.report.model_dump_json()),
                           ("c.csv.gz", found.patch.write_csv())):  # fmt: skip
            file = Path(scratch, name)
            file.write_bytes(gzip.compress(data.encode()) if name.endswith(".gz") else data.encode())
            keys.append(f"quality/{uuid4().hex}-{name}")
            work.storage.put(keys[-1], file)
        issues = Path(scratch, "d.parquet")
        found.issues.write_parquet(issues)
        keys.append(f"findings/{uuid4().hex}.parquet")
        work.storage.put(keys[-1], issues)
    report = work.session.get_one(ScoreReport, cast.submissions["scored"])
    report.quality_key, report.patch_key, report.issues_key = keys[0], keys[2], keys[3]
    check = work.session.get_one(DryRun, cast.check)
    check.quality_key = keys[1]
    work.session.add_all([report, check])


def _publish(work: Work, cast: Cast) -> None:
    captain = cast.people["captain"]
    cast.dataset = making.create_from_submission(work, captain, cast.submissions["scored"], consent=True).slug
    datasets.publish(work, captain, cast.dataset)
    _audit(work, cast)
    _upload(work, cast, captain)


def _audit(work: Work, cast: Cast) -> None:
    """The unit of `organizer` is an auditor, and has looked at the captain's dataset."""
    organizer = cast.people["organizer"]
    (unit,) = organizer.auditing_ids
    finding = audits.Finding(matter="source", outcome="passed", audited_on=audits.today(work))
    cast.audit = audits.record(work, organizer, cast.dataset, 1, finding, organization_id=unit).id or 0


def _upload(work: Work, cast: Cast, captain: Actor) -> None:
    """A draft of an uploaded file with its whole report, as if a child had measured it."""
    data = dataset_packages.written(dataset_packages.raw()[:60])
    with tempfile.TemporaryDirectory() as scratch:
        table, kept = Path(scratch, "readings.csv"), Path(scratch, "report.json")
        table.write_bytes(data)
        kept.write_text(assess_dataset(table).report.model_dump_json())
        work.storage.put("quality/uploaded.json", kept)
        work.storage.put("submissions/uploaded", table)
    file = ReceivedFile("submissions/uploaded", len(data), hashlib.sha256(data).hexdigest(), "readings.csv", work.now)
    words = CardWords(title_en="Readings of the night", title_zh="夜间读数")
    made = uploading.create(work, captain, owner=f"team:{cast.team}", words=words, file=file)
    version = uploading.version_of(work, made, 1)
    subject, columns = uploading.subject_of(version), ({"name": "site", "type": "string", "role": ""},)
    work.emit(FileMeasured(subject, version.request, "measured", columns=columns, rows=60))
    uploading.describe(work, captain, made.slug, 1, {"unit-0": "°C"})
    work.emit(FileMeasured(subject, version.request, "measured", quality_key="quality/uploaded.json", rows=60))
    cast.uploaded = made.slug


def _offer(work: Work, cast: Cast) -> None:
    """The unit of `organizer` offers data: a listing that everybody can find."""
    organizer, operator = cast.people["organizer"], cast.people["operator"]
    (unit,) = organizer.organization_ids
    row = drafting.create(work, organizer, organization_id=unit, sheet=scene.sheet(title="Insulator images"))
    cast.listing = row.key
    deeds.submit(work, organizer, row.key)
    deeds.take_up(work, operator, row.key)
    deeds.approve(work, operator, row.key, number=row.version, checked=deeds.CHECKLIST)


def _ask(work: Work, cast: Cast) -> None:
    """The unit of `organizer` needs data: an open demand, proposed as a challenge."""
    organizer = cast.people["organizer"]
    (unit,) = organizer.organization_ids
    need = "At least 20,000 images of insulators, label errors below 2 %, budget of at most 500,000 yuan."
    row = demands.create(work, organizer, unit, Written(title_en="Cracked insulators", need_en=need))
    cast.demand = row.key
    demands.submit(work, organizer, row.key)
    vetting.approve(work, cast.people["operator"], row.key, version=row.version)
    outlets.propose(work, organizer, row.key)
    _watch(work, cast, row.id or 0)


def _deal(work: Work, cast: Cast) -> None:
    """The unit of `organizer` has delivered to somebody who is not in the cast: with a sample, a message and a report."""
    supplier, held = cast.people["organizer"], work.resources
    other = scene.party(work, cast.people["operator"], "Dinghu Clinic", "dinghu-clinic", "Li Na").actor
    cast.deal = dealing.begin(work, other, cast.listing, by="demander").key

    def act(who: Actor, move: str, **body: Any) -> None:
        seen = moves.version(work, dealing.deal_for(work, who, cast.deal, "deal.read"))
        dealing.act(work, who, cast.deal, move, uuid4().hex, body, seen=seen)

    def put(name: str) -> int:
        path = held.settings.data_dir / name
        path.write_bytes(b"a,b\n1,2\n")
        return (
            talks.receive(work, supplier, cast.deal, ReceivedFile(store(held, path), 8, "ab" * 32, name, work.now)).id
            or 0
        )

    act(supplier, "answer")
    text = agreements.texts(work, dealing.deal_for(work, supplier, cast.deal, "deal.read")).sha256
    for who in (supplier, other):
        act(who, "sign_nda", sha256=text)
        act(who, "name_auditor", organization="none")
    cast.deal_file = put("note.csv")
    act(supplier, "write", text="Look.", file=cast.deal_file)
    act(other, "ask_sample", rows=5)
    sample = work.session.exec(select(DealSample)).one()
    sample.state, sample.storage_key, cast.deal_sample = "fulfilled", f"samples/{uuid4().hex}.csv", sample.id or 0
    sample.threshold, sample.made_rows, sample.of_rows = "ff" * 16, 5, 50
    (held.settings.data_dir / "sample.csv").write_bytes(b"a,b\n1,2\n")
    work.storage.put(sample.storage_key, held.settings.data_dir / "sample.csv")
    valid = (work.now + timedelta(days=9)).date().isoformat()
    act(other, "request", terms={"price": 1, "delivery": "download", "valid_until": valid})
    act(supplier, "agree")
    act(other, "verify", sha256=sign_off.latest(work, dealing.deal_for(work, supplier, cast.deal, "deal.read")).sha256)
    act(supplier, "finalize")
    act(supplier, "deliver", file=put("delivered.csv"))
    delivery = work.session.exec(select(DealDelivery)).one()
    subject = deliveries.subject_of(delivery.deal_id, 1)
    work.emit(FileMeasured(subject, "", "measured", quality_key="quality/uploaded.json"))


def _match(work: Work, cast: Cast) -> None:
    """Somebody who is not in the cast offers two sets of images that fit the demand, which is matched."""
    operator = cast.people["operator"]
    supplier = scene.party(work, operator, "Bay Annotation", "bay-annotation", "Chen Bo")
    keys = []
    for title in ("Insulators from the air", "Insulators from the ground"):
        facts = {"sector": "energy", "modalities": ("image",), "sizes": {"images": 30_000.0}}
        offered = scene.sheet(title=title, summary_en="Images of cracked insulators.", **facts)
        row = drafting.create(work, supplier.actor, organization_id=supplier.id, sheet=offered)
        deeds.submit(work, supplier.actor, row.key)
        deeds.take_up(work, operator, row.key)
        deeds.approve(work, operator, row.key, number=row.version, checked=deeds.CHECKLIST)
        keys.append(row.key)
    matches.run_for(work, cast.people["organizer"], cast.demand)
    cast.compared = tuple(keys)


def _watch(work: Work, cast: Cast, demand_id: int) -> None:
    """The unit drafts a listing of which something was asked; the captain watches a search."""
    organizer = cast.people["organizer"]
    (unit,) = organizer.organization_ids
    offered = drafting.create(work, organizer, organization_id=unit, sheet=scene.sheet())
    asked = MatchQuestion(
        demand_id=demand_id,
        listing_id=offered.id,
        digest="asked",
        question="question.freshness",
        asked_by=organizer.person_id,
        asked_at=work.now,
    )
    watch = watches.save_search(work, cast.people["captain"], name="Bearings", query={"q": "bearings"}, cadence="daily")
    work.session.add(asked)
    work.session.flush()
    cast.offer, cast.question, cast.watch, cast.stop = offered.key, asked.id, watch.id, watch.token


def _report_annotators(work: Work, cast: Cast) -> None:
    """As if the scored file had been labels too."""
    report = work.session.get_one(ScoreReport, cast.submissions["scored"])
    report.annotation_key = f"annotation/{uuid4().hex}.json"
    with tempfile.TemporaryDirectory() as scratch:
        work.storage.put(report.annotation_key, annotation_packages.report_file(Path(scratch)))
    work.session.add(report)


def _finalise(work: Work, cast: Cast) -> None:
    organizer = cast.people["organizer"]
    final.finalise(work, organizer, challenge_by_slug(work, organizer, CLOSED))
    failed = work.session.get_one(Submission, cast.submissions["failed"])
    _fail(work, failed)
    open_ids = select(Submission.id).where(Submission.challenge_id == failed.challenge_id)
    for row in work.session.exec(select(PrivateScore).where(col(PrivateScore.submission_id).in_(open_ids))):
        row.value, row.low, row.high = PRIVATE, PRIVATE - 0.0001, PRIVATE + 0.0001
        work.session.add(row)


def _fail(work: Work, submission: Submission) -> None:
    """As if it had been scored anew and our side had failed: off the board, in the state `failed`."""
    submissions.withdraw(work, SYSTEM, submission.id or 0)
    submission.state, submission.withdrawn_at, submission.scored_at = State.FAILED, None, None
    submission.fault = "3f9c2a7d"
    work.session.add(submission)
