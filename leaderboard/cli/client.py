"""Verbs that talk to a server: log in, look, download, check, submit."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from leaderboard.cli import terminal
from leaderboard.client import Client, ClientError, Finding, Submission, TookTooLong, Unreachable
from leaderboard.core.i18n import N_, translate

app = typer.Typer()

DEFAULT_SERVER: Final = "http://127.0.0.1:8000"

Server = Annotated[
    str | None, typer.Option(help="Address of the server (JIEBANG_SERVER; else the last one logged in to).")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
Slug = Annotated[str, typer.Argument(help="The challenge, as in its address.")]
FilePath = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The file.")]


def _credentials() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "jiebang" / "credentials.json"


def _kept() -> dict[str, str]:
    try:
        kept = json.loads(_credentials().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        kept = None
    if not isinstance(kept, dict):
        terminal.fail(
            terminal.REFUSED, N_("{path} cannot be read. Remove it and log in again."), path=str(_credentials())
        )
    return {str(server): str(token) for server, token in kept.items()}


def _keep(tokens: dict[str, str]) -> None:
    path = _credentials()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(tokens, file, indent=1)
    fresh.replace(path)


def _server(given: str | None) -> str:
    known = list(_kept())
    return (given or os.environ.get("JIEBANG_SERVER") or (known[-1] if known else DEFAULT_SERVER)).rstrip("/")


@contextmanager
def _client(server: str | None, *, signing_in: bool = False) -> Iterator[Client]:
    """A client for one verb; what goes wrong is said in one sentence, with the exit code that belongs to it."""
    address = _server(server)
    token = os.environ.get("JIEBANG_TOKEN") or _kept().get(address)
    try:
        made = Client(address, token=token, language=terminal.locale())
    except ValueError:
        terminal.fail(
            terminal.MISUSED,
            N_("{server} is no address of a server; one looks like https://jiebang.example"),
            server=address,
        )
    with made as client:
        try:
            yield client
        except Unreachable as error:
            terminal.fail(
                terminal.UNREACHABLE, N_("{server} cannot be reached: {reason}"), server=address, reason=str(error)
            )
        except ClientError as error:
            if not error.id:
                terminal.fail(
                    terminal.REFUSED,
                    N_("What answers at {server} is no Jiebang server, or something stands before it: {reason}"),
                    server=address,
                    reason=error.detail,
                )
            for field in error.fields:
                if field.get("detail") != error.detail:
                    terminal.warn("{field}: {detail}", field=field.get("field", ""), detail=field.get("detail", ""))
            terminal.warn("{detail}", detail=error.detail)
            if error.status in {401, 403}:
                if not token and not signing_in:
                    terminal.warn(N_("Log in first: jiebang login"))
                raise typer.Exit(terminal.NOT_ALLOWED) from error
            raise typer.Exit(terminal.REFUSED) from error


@contextmanager
def _bar(words: str, *, silent: bool) -> Iterator["_Bar"]:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, disable=silent, transient=True, console=terminal.on_error_stream()) as progress:
        yield _Bar(progress, translate(terminal.locale(), words))


class _Bar:
    def __init__(self, progress: Progress, words: str) -> None:
        self._progress, self._task = progress, progress.add_task(words, total=None)

    def __call__(self, done: int, total: int) -> None:
        self._progress.update(self._task, completed=done, total=total)


@app.command("login")
def login(
    server: Annotated[str, typer.Argument(help="Address of the server.")] = DEFAULT_SERVER,
    email: Annotated[str | None, typer.Option(help="E-mail address; asked for when missing.")] = None,
    organize: Annotated[bool, typer.Option(help="Also allow posting challenges.")] = False,
) -> None:
    """Asks for e-mail address and password and keeps a token (never the password) for this machine."""
    email = email or typer.prompt(translate(terminal.locale(), N_("E-mail address")))
    password = os.environ.get("JIEBANG_PASSWORD") or typer.prompt(
        translate(terminal.locale(), N_("Password")), hide_input=True
    )
    scopes = ("read", "submit", "organize") if organize else ("read", "submit")
    with _client(server, signing_in=True) as client:
        token = client.login(email, password, scopes=scopes)
        name = client.me()["name"]
    address = server.rstrip("/")
    _keep({**{known: kept for known, kept in _kept().items() if known != address}, address: token})
    terminal.say(N_("Logged in to {server} as {name}."), server=address, name=name)


@app.command("logout")
def logout(server: Server = None) -> None:
    """Revokes this machine's token and forgets it."""
    address = _server(server)
    kept = _kept()
    if address not in kept:
        terminal.fail(terminal.REFUSED, N_("Not logged in to {server}."), server=address)
    with _client(server) as client:
        client.logout()
    del kept[address]
    _keep(kept)
    terminal.say(N_("Logged out of {server}."), server=address)


@app.command("challenges")
def challenges(
    words: Annotated[str, typer.Argument(help="Words to look for.")] = "",
    state: Annotated[str, typer.Option(help="open, upcoming or closed")] = "",
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Lists the challenges of a server."""
    with _client(server) as client:
        found = client.challenges(state=state, words=words)
    if as_json:
        terminal.print_json([one.model_dump(mode="json") for one in found])
        return
    if not found:
        terminal.say(N_("No challenge matches."))
        return
    zh = terminal.locale() == "zh"
    terminal.print_table(
        terminal.headings((N_("challenge"), False), (N_("title"), False), (N_("state"), False), (N_("closes"), False)),
        [
            [
                one.slug,
                one.title.zh if zh else one.title.en,
                one.status,
                f"{one.closes_at:%Y-%m-%d %H:%M} UTC" if one.closes_at else "–",
            ]
            for one in found
        ],
    )


@app.command("show")
def show(slug: Slug, server: Server = None, as_json: AsJson = False) -> None:
    """Shows one challenge: what is asked, when, how often, how it is scored."""
    with _client(server) as client:
        body = client.challenge(slug)
    if as_json:
        terminal.print_json(body)
        return
    lang = terminal.locale()
    print(f"{body['title'][lang]}\n{body['summary'][lang]}\n")
    for phase in body["phases"]:
        quota = translate(
            lang, N_("{per_day} a day, {total} in all"), per_day=phase["per_day"] or "∞", total=phase["total"] or "∞"
        )
        print(f"  {phase['title'][lang]}: {phase['opens_at']} – {phase['closes_at']}  ({quota}, {phase['zone']})")
    print("\n" + body["brief"][lang])


@app.command("enter")
def enter(
    slug: Slug,
    team: Annotated[str | None, typer.Option(help="Name of a new team; default: alone.")] = None,
    team_id: Annotated[int | None, typer.Option(help="A team that you lead.")] = None,
    accept_rules: Annotated[
        bool, typer.Option("--accept-rules", help="You have read the rules and accept them.")
    ] = False,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Enters a challenge."""
    if not accept_rules:
        terminal.fail(terminal.MISUSED, N_("To enter, read the rules and accept them with --accept-rules."))
    with _client(server) as client:
        entry = client.enter(slug, team=team, team_id=team_id)
    if as_json:
        terminal.print_json(entry)
    else:
        terminal.say(N_("Entered {challenge}."), challenge=slug)


@app.command("download")
def download(
    slug: Slug,
    out: Annotated[Path | None, typer.Option(help="Folder; default: named like the challenge.")] = None,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Downloads the public data; goes on where it stopped, and checks every digest."""
    folder = out or Path(slug)
    with _client(server) as client, _bar(N_("Downloading"), silent=as_json) as bar:
        paths = client.download(slug, folder, progress=bar)
    if as_json:
        terminal.print_json([str(path) for path in paths])
    else:
        terminal.say(N_("{count} files in {folder}."), count=len(paths), folder=str(folder))


@app.command("check")
def check(slug: Slug, file: FilePath, server: Server = None, as_json: AsJson = False) -> None:
    """Checks a file without submitting it; costs nothing. Exit code 1 when it would be refused."""
    with _client(server) as client, _bar(N_("Sending"), silent=as_json) as bar:
        found = client.check(slug, file, progress=bar)
    if as_json:
        terminal.print_json(found.model_dump(mode="json"))
    else:
        _print_findings(found.findings)
        if found.state == "accepted":
            terminal.say(N_("This file would be accepted: {rows} rows."), rows=found.rows or 0)
        else:
            terminal.say(N_("This file would be refused."))
    if found.state != "accepted":
        raise typer.Exit(terminal.REFUSED)


@app.command("submit")
def submit(
    slug: Slug,
    file: FilePath,
    note: Annotated[str, typer.Option(help="A note for your team.")] = "",
    key: Annotated[str | None, typer.Option(help="Names the deed: with the same key a file is submitted once.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the score.")] = False,
    seconds: Annotated[float, typer.Option(help="Wait no longer than this.")] = 600,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Submits a file. Exit code 1 when it is refused or fails, 5 when the score does not come in time."""
    with _client(server) as client:
        with _bar(N_("Sending"), silent=as_json) as bar:
            made = client.submit(slug, file, note=note, key=key, progress=bar)
        if wait:
            try:
                with terminal.waiting(N_("Waiting for the score"), silent=as_json) as told:
                    made = client.wait(made.id, seconds=seconds, told=lambda one: told(_standing(one)))
            except TookTooLong as late:
                _print_submission(late.submission, as_json=as_json)
                raise typer.Exit(terminal.TOO_LONG) from late
    _print_submission(made, as_json=as_json)
    if made.state in {"refused", "failed"}:
        raise typer.Exit(terminal.REFUSED)


def _standing(one: Submission) -> str:
    return one.queue.steps[-1].title if one.queue and one.queue.steps else one.state


@app.command("submissions")
def submissions(slug: Slug, server: Server = None, as_json: AsJson = False) -> None:
    """Lists your team's submissions, newest first."""
    with _client(server) as client:
        found = list(client.submissions(slug))
    if as_json:
        terminal.print_json([one.model_dump(mode="json") for one in found])
        return
    if not found:
        terminal.say(N_("Nothing submitted yet."))
        return
    terminal.print_table(
        terminal.headings(
            (N_("number"), True), (N_("file"), False), (N_("state"), False), (N_("score"), True), (N_("picked"), False)
        ),
        [[str(one.number), one.file_name, one.state, _shown(one), "✓" if one.picked else ""] for one in found],
    )


@app.command("board")
def board(
    slug: Slug,
    phase: Annotated[str | None, typer.Option(help="Phase key; default: the latest begun.")] = None,
    page: Annotated[int, typer.Option(min=1, help="Page of 100 teams.")] = 1,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Shows a board."""
    with _client(server) as client:
        found = client.board(slug, phase=phase, page=page)
    if as_json:
        terminal.print_json(found.model_dump(mode="json"))
        return
    if not found.rows:
        terminal.say(N_("No scores yet."))
        return
    terminal.print_table(
        terminal.headings(
            (N_("place"), True),
            (N_("range"), False),
            (N_("team"), False),
            (found.score, True),
            (N_("95% interval"), False),
        ),
        [
            [
                str(row.place) if row.place else "–",
                f"{row.best_place}–{row.worst_place}" if row.best_place else "",
                row.team,
                f"{row.score:.{found.digits}f}",
                f"{row.low:.{found.digits}f} – {row.high:.{found.digits}f}",
            ]
            for row in found.rows
        ],
    )


def _shown(submission: Submission) -> str:
    if submission.score is None:
        return "–"
    return f"{submission.score:.{submission.scores[0].digits}f}"


def _print_findings(findings: tuple[Finding, ...]) -> None:
    for one in findings:
        count = f" (×{one.count})" if one.count > 1 else ""
        print(f"{'✗' if one.level == 'error' else '!'} {one.column + ': ' if one.column else ''}{one.title}{count}")
        if one.hint:
            print(f"    {one.hint}")
        for place in one.examples[: terminal.SHOWN_EXAMPLES]:
            row = translate(terminal.locale(), N_("row {row}"), row=place.row) if place.row is not None else ""
            value = repr(place.value) if place.value is not None else ""
            print("    " + "  ".join(part for part in (row, value, place.expected) if part))


def _print_submission(one: Submission, *, as_json: bool) -> None:
    if as_json:
        terminal.print_json(one.model_dump(mode="json"))
        return
    terminal.say(N_("Submission {number} (id {id}): {state}"), number=str(one.number), id=str(one.id), state=one.state)
    _print_findings(one.findings)
    for score in one.scores:
        if score.value is not None and score.low is not None and score.high is not None:
            print(
                f"  {score.title or score.key}: {score.value:.{score.digits}f}  [{score.low:.{score.digits}f}, {score.high:.{score.digits}f}]"
            )
    if one.state == "refused":
        terminal.say(N_("It costs no quota. Correct the file and submit it again."))
    if one.state == "failed":
        terminal.say(
            N_("This is our fault, not yours, and costs no quota. Reference: {reference}"), reference=one.fault or "–"
        )
