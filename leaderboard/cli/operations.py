"""Verbs for whoever runs an installation: migrate, rebuild, backup, restore, doctor."""

from pathlib import Path
from typing import Annotated

import typer

from leaderboard import wiring
from leaderboard.cli import diagnosis, terminal
from leaderboard.core import backup as archives
from leaderboard.core.database import migrate as bring_up_to_date
from leaderboard.core.i18n import N_
from leaderboard.core.settings import Settings
from leaderboard.rankings import rebuild as boards

app = typer.Typer()


@app.command("migrate")
def migrate() -> None:
    """Brings the database to the newest schema; serve and worker do so by themselves at start."""
    settings = Settings()
    bring_up_to_date(settings.database_address)
    terminal.say(N_("The database has the newest schema."))


@app.command("rebuild")
def rebuild(
    check: Annotated[bool, typer.Option("--check", help="Only compare; exit code 1 when something differs.")] = False,
) -> None:
    """Recomputes every board from the scored submissions."""
    resources = wiring.build(Settings())
    try:
        if not check:
            with resources.write() as work:
                count = boards.rebuild(work)
            terminal.say(N_("Recomputed {count} standings."), count=count)
        with resources.read() as work:
            differences = boards.check(work)
    finally:
        resources.database.dispose()
    for one in differences:
        print(f"phase {one.phase_id}: {one.what}: {one.maintained} / {one.recomputed}")
    if differences:
        terminal.fail(
            terminal.REFUSED, N_("The boards differ from a recomputation in {count} places."), count=len(differences)
        )
    terminal.say(N_("Every board equals a recomputation from its submissions."))


@app.command("backup")
def backup(out: Annotated[Path, typer.Argument(help="The archive to write (.tar).")]) -> None:
    """Writes a consistent archive of database and files, also while the server runs."""
    try:
        summary = archives.backup(Settings(), out.absolute())
    except archives.BackupRefused as refused:
        terminal.fail(terminal.REFUSED, N_("No backup was written: {reason}."), reason=str(refused))
    terminal.say(
        N_("{path}: {rows} rows, {files} files, {megabytes} MB."),
        path=str(out),
        rows=summary.rows,
        files=summary.files,
        megabytes=f"{summary.bytes / 1e6:.1f}",
    )


@app.command("restore")
def restore(
    source: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An archive that backup wrote.")],
) -> None:
    """Puts an archive into an empty installation; its database may be the other engine."""
    try:
        summary = archives.restore(Settings(), source)
    except archives.BackupRefused as refused:
        terminal.fail(terminal.REFUSED, N_("Nothing was restored: {reason}."), reason=str(refused))
    terminal.say(N_("Restored {rows} rows and {files} files."), rows=summary.rows, files=summary.files)


@app.command("doctor")
def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False) -> None:
    """Looks at this set-up and says what is wrong with it and how to mend it. Exit code 1 when something is."""
    found = diagnosis.examine(Settings())
    if as_json:
        terminal.print_json([{"state": one.state, "what": one.said(terminal.locale())} for one in found])
    else:
        for one in found:
            print(f"{ {'ok': '✓', 'warning': '!', 'wrong': '✗'}[one.state] } {one.said(terminal.locale())}")
    if any(one.state == "wrong" for one in found):
        raise typer.Exit(terminal.REFUSED)
