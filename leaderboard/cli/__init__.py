"""The command line: ``jiebang VERB``. Each verb's module is loaded when the verb is used.

Exit codes, for scripts: 0 done; 1 refused or failed (the reason is on standard error); 2 the command itself is wrong;
3 the server cannot be reached; 4 not signed in, or not allowed; 5 waited too long.
"""

import importlib
import sys
from collections.abc import Mapping
from typing import Any, Final

import typer
from typer.core import TyperGroup

VERBS: Final[Mapping[str, tuple[str, str]]] = {
    # verb: (module, one line for --help)
    "demo": ("demo", "A running platform with a demo season and a demo exchange."),
    "serve": ("serve", "The web server, with its worker."),
    "worker": ("serve", "A scoring worker of its own."),
    "challenge": ("challenge", "Write, check, score and pack a challenge, offline."),
    "quality": ("quality", "Measure a dataset and mend it, offline."),
    "login": ("client", "Sign in to a server from this machine."),
    "logout": ("client", "Forget the server's token."),
    "challenges": ("client", "List a server's challenges."),
    "show": ("client", "Show one challenge."),
    "enter": ("client", "Enter a challenge, alone or with a team."),
    "download": ("client", "Download a challenge's public data."),
    "check": ("client", "Check a file against a challenge without submitting it."),
    "submit": ("client", "Submit a file."),
    "submissions": ("client", "List your submissions."),
    "board": ("client", "Show a board."),
    "admin": ("admin", "Operators, organizers, shipped challenges."),
    "migrate": ("operations", "Bring the database to the newest schema."),
    "rebuild": ("operations", "Recompute every board; --check only compares."),
    "backup": ("operations", "Write a consistent backup while the server runs."),
    "restore": ("operations", "Put a backup back into an empty installation."),
    "doctor": ("operations", "Say what is wrong with this set-up and how to mend it."),
    "docs": ("reference", "Write the reference pages that are made from the code."),
}


class _Lazy(TyperGroup):
    """Knows every verb's name and line; imports its module when it is used or its own help is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the base class's signature
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"leaderboard.cli.{VERBS[cmd_name][0]}")
        command = typer.main.get_group(module.app).get_command(ctx, cmd_name)
        assert command is not None, f"cli.{VERBS[cmd_name][0]} has no verb {cmd_name}"
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - the base class's signature
        with formatter.section("Verbs"):
            formatter.write_dl([(verb, line) for verb, (_, line) in VERBS.items()])


app = typer.Typer(
    cls=_Lazy, no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
)


@app.callback()
def _jiebang() -> None:
    """Jiebang 揭榜: post challenges, rank what teams submit, bring those who need data to those who have it."""


def main() -> None:
    """The entry point of the command ``jiebang``."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from leaderboard import __version__

        print(f"jiebang {__version__}")
        return
    try:
        app()
    except Exception as error:  # noqa: BLE001 - what cannot be explained is raised again
        from leaderboard.cli import terminal

        terminal.explain(error)
