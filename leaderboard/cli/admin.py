"""``jiebang admin …``: what only whoever runs the machine may do."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from challenges import SHIPPED
from challenges.findings import Finding
from leaderboard import wiring
from leaderboard.accounts import organizations, people, service
from leaderboard.accounts.access import SYSTEM
from leaderboard.cli import terminal
from leaderboard.core.database import migrate
from leaderboard.core.errors import JiebangError
from leaderboard.core.i18n import N_, translate
from leaderboard.core.settings import Settings
from leaderboard.core.work import Resources
from leaderboard.seasons import shelf

app = typer.Typer()
admin = typer.Typer(no_args_is_help=True, help="Operators, organizers, shipped challenges.")
app.add_typer(admin, name="admin")


@app.callback()
def _group() -> None:
    """Keeps ``admin`` a group even while it is the only verb here."""


@contextmanager
def opened(settings: Settings) -> Iterator[Resources]:
    """The installation, migrated; refusals end the command with their sentences."""
    migrate(settings.database_address)
    resources = wiring.build(settings)
    try:
        yield resources
    except JiebangError as error:
        for fault in error.fields:
            terminal.warn(fault.message, **fault.params)
        terminal.print_findings(Finding.model_validate(one) for one in error.findings)
        terminal.fail(terminal.REFUSED, error.message, **error.params)
    finally:
        resources.database.dispose()


@admin.command("create")
def create(
    email: Annotated[str, typer.Option(prompt=True, help="E-mail address of the operator.")],
    name: Annotated[str, typer.Option(prompt=True, help="Name of the operator.")],
) -> None:
    """Makes an operator. The password is asked for, or read from JIEBANG_PASSWORD; never an argument, which others see."""
    password = os.environ.get("JIEBANG_PASSWORD") or typer.prompt(
        translate(terminal.locale(), N_("Password")), hide_input=True, confirmation_prompt=True
    )
    with opened(Settings()) as resources:
        service.create_operator(resources, SYSTEM, email=email, name=name, password=password, locale=terminal.locale())
    terminal.say(N_("{name} runs this installation now."), name=name)


@admin.command("role")
def role(
    email: Annotated[str, typer.Argument(help="E-mail address of the account.")],
    new: Annotated[str, typer.Argument(metavar="ROLE", help="participant, organizer or operator")],
) -> None:
    """Gives an account another role."""
    with opened(Settings()) as resources, resources.write() as work:
        person = people.person_by_email(work, SYSTEM, email)
        assert person.id is not None
        people.set_role(work, SYSTEM, person.id, new)
        name = person.name
    terminal.say(N_("{name} is {role} now."), name=name, role=new)


@admin.command("post")
def post(
    package: Annotated[str, typer.Argument(help=f"A package folder, or one that is shipped: {', '.join(SHIPPED)}.")],
    organization: Annotated[str, typer.Option(help="The posting organization, as in its address.")],
    opens: Annotated[str, typer.Option(help="First moment, ISO 8601 with an offset.")] = "",
    closes: Annotated[str, typer.Option(help="Last moment, ISO 8601 with an offset.")] = "",
) -> None:
    """Checks and posts a challenge from a folder on this machine."""
    span = _span(opens, closes)
    with opened(Settings()) as resources, resources.write() as work:
        unit = organizations.organization_by_slug(work, SYSTEM, organization)
        assert unit.id is not None
        make = shelf.post_shipped if package in SHIPPED else shelf.post_from_folder
        where = package if package in SHIPPED else Path(package)
        challenge = make(work, SYSTEM, where, organization_id=unit.id, span=span)  # type: ignore[arg-type]
        slug = challenge.slug
    terminal.say(N_("Posted: {slug}"), slug=slug)


def _span(opens: str, closes: str) -> shelf.Span | None:
    from datetime import datetime

    if not opens and not closes:
        return None
    try:
        first, last = datetime.fromisoformat(opens), datetime.fromisoformat(closes)
    except ValueError:
        terminal.fail(terminal.MISUSED, N_("Give both --opens and --closes, like 2026-12-01T09:00+08:00."))
    if first.tzinfo is None or last.tzinfo is None or last <= first:
        terminal.fail(terminal.MISUSED, N_("Give both --opens and --closes, like 2026-12-01T09:00+08:00."))
    return shelf.Span(first, last)
