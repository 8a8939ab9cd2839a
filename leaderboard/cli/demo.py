"""``jiebang demo``: a real installation with a demo season. Nothing is faked: honest baselines are trained here and now on
the public data, submitted over HTTP by demo teams, and scored by the real worker. The exchange beside it is `demo_exchange`.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib import resources as bundled
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, Final

import httpx
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from challenges import SHIPPED, load
from leaderboard.accounts import organizations, people
from leaderboard.accounts.access import SYSTEM, Actor
from leaderboard.cli import terminal
from leaderboard.cli.admin import opened
from leaderboard.cli.demo_exchange.cast import SHOWN
from leaderboard.cli.demo_exchange.opening import accounts as exchange_accounts
from leaderboard.cli.demo_exchange.opening import open_exchange
from leaderboard.cli.demo_people import MARK, PEOPLE, Account, ensure_person, kept
from leaderboard.client import Client, ClientError
from leaderboard.core.errors import NotFound
from leaderboard.core.i18n import N_, translate
from leaderboard.core.settings import Settings
from leaderboard.core.work import Resources
from leaderboard.seasons import shelf
from leaderboard.seasons.models import Season
from leaderboard.seasons.service import challenge_by_slug

app = typer.Typer()

ORGANIZATION: Final = "demo-bureau"
SCRIPT: Final = "baselines.py"
LOG: Final = "server.log"
UP_SECONDS: Final = 60
DAYS: Final = 60


@app.command("demo")
def demo(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the demo.")] = 8000,
    data: Annotated[Path, typer.Option(help="Folder of the demo; it is made when it is not there.")] = Path("var/demo"),
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start over: removes what an earlier demo left in the folder.")
    ] = False,
    leave: Annotated[
        bool, typer.Option("--leave", help="Stop when the season is open, instead of waiting for Ctrl-C.")
    ] = False,
    only: Annotated[
        list[str] | None, typer.Option(help="Only this shipped challenge; may be given several times.")
    ] = None,
) -> None:
    """Starts a platform with challenges on real data, honest baselines on every board and a busy exchange, until Ctrl-C."""
    for number in (signal.SIGINT, signal.SIGTERM):  # the server is stopped however we are, and a job in the background,
        signal.signal(number, _as_interrupt)  # whose shell ignores SIGINT for it, can be stopped by both
    slugs = _chosen(only or SHIPPED)
    _refuse_taken(port)
    _clear(data, fresh=fresh)
    url = f"http://127.0.0.1:{port}"
    console = Console()
    with console.status(translate(terminal.locale(), N_("Posting the shipped challenges"))):
        accounts = _prepare(Settings(data_dir=data, base_url=url), slugs)
    began = time.monotonic()
    server = _serve(data, port, url)
    try:
        _wait_until_ready(server, url, data)
        _open_season(url, data, accounts, console, began, slugs)
        with opened(Settings(data_dir=data, base_url=url)) as resources:
            open_exchange(resources, url, data, accounts, console, slugs, ORGANIZATION)
        _print_accounts(console, url, data, accounts, slugs)
        if not leave:
            terminal.say(N_("Mails and messages of the server are in {path}."), path=str(data / LOG))
            terminal.say(N_("The server runs until you press Ctrl-C."))
            _wait_for(server)
    except KeyboardInterrupt:
        terminal.say(N_("Stopping."))
    finally:
        _stop(server)
    if server.returncode not in {0, -signal.SIGINT, -signal.SIGTERM}:
        sentence = N_("The server ended by itself; its messages are in {path}.")
        terminal.fail(terminal.REFUSED, sentence, path=str(data / LOG))


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


# Before the server: folder, people, challenges


def _chosen(slugs: Sequence[str]) -> tuple[str, ...]:
    unknown = [slug for slug in slugs if slug not in SHIPPED]
    if unknown:
        terminal.fail(
            terminal.MISUSED,
            N_("There is no shipped challenge {name}; there are: {known}"),
            name=unknown[0],
            known=", ".join(SHIPPED),
        )
    return tuple(dict.fromkeys(slugs))


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            terminal.fail(
                terminal.REFUSED,
                N_("Port {port} is in use. Choose another one: jiebang demo --port {other} (make demo PORT={other})."),
                port=str(port),
                other=str(port + 1),
            )


def _clear(data: Path, *, fresh: bool) -> None:
    """Removes an earlier demo, and nothing that is not one."""
    if not data.exists() or not any(data.iterdir()):
        return
    if not (data / MARK).exists():
        terminal.fail(
            terminal.REFUSED,
            N_("{path} is not empty and holds no demo. Choose another folder with --data."),
            path=str(data),
        )
    if fresh:
        shutil.rmtree(data)


def _prepare(settings: Settings, slugs: Sequence[str]) -> dict[str, Account]:
    """The accounts of the demo; makes them, the organization and the posted challenges where they are not there yet.

    Challenges that take long to compile are posted when the server runs.
    """
    wanted = {key: Account.new(email, name) for key, (email, name) in PEOPLE.items()}
    accounts = kept(settings.data_dir, wanted | dict(_baseline_accounts()) | dict(exchange_accounts()))
    with opened(settings) as resources:
        for key, account in accounts.items():
            if key in PEOPLE or key.startswith("baseline:"):  # those of the exchange come with it
                ensure_person(resources, key, account)
        _ensure_organization(resources, accounts["organizer"])
        for slug in slugs:
            if _kind(slug) != "dataset":
                _ensure_posted(resources, slug)
    return accounts


def _kind(slug: str) -> str:
    with bundled.as_file(bundled.files("challenges") / "shipped" / slug) as folder:
        return load(folder).definition.kind


def _baseline_accounts() -> Iterator[tuple[str, Account]]:
    """One team for each kind of baseline; a kind that several challenges have is one team in all of them."""
    for slug in SHIPPED:
        for name, titles in _baselines(slug).items():
            team = _team_name(titles)
            yield f"baseline:{team}", Account.new(f"{name}.{slug}@demo.example", team)


def _team_name(titles: Mapping[str, str]) -> str:
    """``逻辑回归 logistic regression``: both titles without the word "Baseline", for one name serves both languages."""
    return " ".join(re.split("[:：]", titles[language])[-1].strip() for language in ("zh", "en"))


def _ensure_organization(resources: Resources, organizer: Account) -> None:
    with contextlib.suppress(NotFound), resources.read() as work:
        organizations.organization_by_slug(work, SYSTEM, ORGANIZATION)
        return
    with resources.write() as work:
        person = people.person_by_email(work, SYSTEM, organizer.email)
        actor = Actor(person_id=person.id, name=person.name, role="organizer")
        organizations.create_organization(work, actor, name="演示数据局 Demo data bureau", slug=ORGANIZATION)
        work.session.add(Season(slug="demo", title_en="Demo season", title_zh="演示赛季", created_at=work.now))


def _ensure_posted(resources: Resources, slug: str) -> None:
    with contextlib.suppress(NotFound), resources.read() as work:
        challenge_by_slug(work, SYSTEM, slug)
        return
    with resources.read() as work:
        organization_id = organizations.organization_by_slug(work, SYSTEM, ORGANIZATION).id or 0
    with resources.write() as work:
        span = shelf.Span(work.now - timedelta(minutes=1), work.now + timedelta(days=DAYS))
        shelf.post_shipped(work, SYSTEM, slug, organization_id=organization_id, span=span)


# The server


def _serve(data: Path, port: int, url: str) -> "subprocess.Popen[bytes]":
    environment = {
        **os.environ,
        "JIEBANG_DATA_DIR": str(data.absolute()),
        "JIEBANG_BASE_URL": url,
        "JIEBANG_SAMPLE_NOTICE": "1",
        "JIEBANG_LOG_LEVEL": os.environ.get("JIEBANG_LOG_LEVEL", "WARNING"),
    }
    command = [sys.executable, "-m", "leaderboard.cli", "serve", "--host", "127.0.0.1", "--port", str(port)]
    with (data / LOG).open("ab") as log:  # mails are printed there too, and the exchange writes many
        return subprocess.Popen(command, env=environment, start_new_session=True, stdout=log, stderr=log)


def _wait_until_ready(server: "subprocess.Popen[bytes]", url: str, data: Path) -> None:
    deadline = time.monotonic() + UP_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            if httpx.get(f"{url}/readyz", timeout=2).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    terminal.fail(terminal.REFUSED, N_("The server did not start; its messages are in {path}."), path=str(data / LOG))


def _wait_for(server: "subprocess.Popen[bytes]") -> None:
    """Looks now and then: polars makes an interrupt restart a blocking wait, so that Ctrl-C would not end it."""
    while server.poll() is None:
        time.sleep(0.2)


def _stop(server: "subprocess.Popen[bytes]") -> None:
    if server.poll() is None:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


# The season


def _baselines(slug: str) -> dict[str, dict[str, str]]:
    """Name → titles of a shipped challenge's baselines, in the order in which its script makes them."""
    with bundled.as_file(bundled.files("challenges") / "shipped" / slug) as folder:
        script = folder / "baseline" / SCRIPT
        listed = subprocess.run([sys.executable, str(script), "--list"], capture_output=True, check=True)
    return dict(json.loads(listed.stdout))


def _open_season(
    url: str, data: Path, accounts: Mapping[str, Account], console: Console, began: float, slugs: Sequence[str]
) -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
    )
    with (
        opened(Settings(data_dir=data, base_url=url)) as resources,
        Progress(*columns, console=console) as progress,
        ThreadPoolExecutor(2) as pool,
    ):
        runs = [_Run(url, slug, data, accounts, progress, began, resources) for slug in slugs]
        for future in [pool.submit(run.go) for run in runs]:
            future.result()


class _Run:
    """One challenge: download, train, submit as each baseline is ready, wait for its score."""

    def __init__(
        self,
        url: str,
        slug: str,
        data: Path,
        accounts: Mapping[str, Account],
        progress: Progress,
        began: float,
        resources: Resources,
    ) -> None:
        self.url, self.slug, self.accounts, self.progress, self.began = url, slug, accounts, progress, began
        self.resources = resources
        self.folder = data / "baselines" / slug
        self.titles = _baselines(slug)
        self.bar: TaskID = progress.add_task(slug, total=len(self.titles))

    def go(self) -> None:
        _ensure_posted(self.resources, self.slug)
        waiting = [name for name in self.titles if not self._done(name)]
        self.progress.update(self.bar, completed=len(self.titles) - len(waiting))
        if not waiting:
            return
        public = self._download()
        out = self.folder / "out"
        out.mkdir(parents=True, exist_ok=True)
        for name in self._trained(public, out, waiting):
            self._submit(name, next(out.glob(f"{name}.*")))
            self.progress.advance(self.bar)

    def _client(self, name: str) -> Client:
        account = self.accounts[f"baseline:{_team_name(self.titles[name])}"]
        client = Client(self.url, language=terminal.locale())
        client.login(account.email, account.password, name="demo")
        return client

    def _done(self, name: str) -> bool:
        try:
            with self._client(name) as client:
                return any(one.state in {"scored", "refused"} for one in client.submissions(self.slug))
        except ClientError:
            return False  # not entered yet

    def _download(self) -> Path:
        with Client(self.url) as client:
            client.download(self.slug, self.folder)
        return self.folder / "public"

    def _trained(self, public: Path, out: Path, names: list[str]) -> Iterator[str]:
        """Names of baselines as their files appear; the script trains them one after the other."""
        with bundled.as_file(bundled.files("challenges") / "shipped" / self.slug) as folder:
            script = folder / "baseline" / SCRIPT
            for name in names:
                command = [sys.executable, str(script), "--data", str(public), "--out", str(out), "--only", name]
                made = subprocess.run(command, capture_output=True, text=True, check=False)
                if made.returncode:
                    self.progress.console.print(made.stderr[-2000:], markup=False)
                    terminal.fail(terminal.REFUSED, N_("The baseline {name} could not be trained."), name=name)
                yield name

    def _submit(self, name: str, path: Path) -> None:
        account = self.accounts[f"baseline:{_team_name(self.titles[name])}"]
        with self._client(name) as client:
            try:
                client.enter(self.slug)
            except ClientError as error:
                if error.status != 409:  # entered by an earlier run
                    raise
            made = client.wait(client.submit(self.slug, path, key=f"demo:{self.slug}:{name}").id)
        said = {"challenge": self.slug, "team": account.name, "seconds": f"{time.monotonic() - self.began:.0f}"}
        if made.score is not None:
            sentence = N_("{challenge}: {team} has {score} ({seconds} s after the start)")
            said["score"] = f"{made.score:.{made.scores[0].digits}f}"
        elif made.state == "refused":  # by a gate: careless data about people gets no rank
            sentence = N_("{challenge}: {team} was refused ({seconds} s after the start)")
        else:
            terminal.fail(
                terminal.REFUSED, N_("The baseline {name} was not scored: {state}."), name=name, state=made.state
            )
        shown = translate(terminal.locale(), sentence, **said)
        self.progress.console.print(shown, markup=False, highlight=False)


def _print_accounts(
    console: Console, url: str, data: Path, accounts: Mapping[str, Account], slugs: Sequence[str]
) -> None:
    lang = terminal.locale()
    console.print()
    terminal.say(N_("Open: {url}"), url=f"{url}/{lang}/")
    for slug in slugs:
        print(f"  {url}/{lang}/challenges/{slug}/board")
    print(f"  {url}/{lang}/exchange")
    terminal.say(
        N_("Accounts of this demo (all of them, with those of the baselines, are in {path}):"), path=str(data / MARK)
    )
    rows: list[list[Any]] = [[key, accounts[key].email, accounts[key].password] for key in (*PEOPLE, *SHOWN)]
    terminal.print_table(terminal.headings((N_("role"), False), (N_("e-mail"), False), (N_("password"), False)), rows)
