"""``jiebang docs``: reference pages made from the code, so that they cannot disagree with it."""

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from pydantic_core import PydanticUndefined

from challenges import reference as package_format
from leaderboard import wiring
from leaderboard.app import create_app
from leaderboard.cli import VERBS, terminal
from leaderboard.cli import app as whole
from leaderboard.core.i18n import N_
from leaderboard.core.settings import Settings
from scoring import METRICS
from scoring.quality.check import Check
from scoring.quality.checks import CHECKS
from scoring.quality.rubric import GRADES, PARTS, PRESETS

app = typer.Typer()

MADE: Final = "<!-- Made by `jiebang docs` from the code; edit the code. -->\n\n"


@app.callback()
def _group() -> None:
    """Keeps ``docs`` a verb even while it is the only one here."""


@app.command("docs")
def docs(
    out: Annotated[Path, typer.Option(help="Folder for the pages.")] = Path("docs/reference"),
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit code 1 when a page is out of date.")
    ] = False,
) -> None:
    """Writes the reference pages that are made from the code."""
    pages = {
        "settings": _settings,
        "commands": _commands,
        "metrics": _metrics,
        "quality": _quality,
        "package": _package,
        "api": _api,
    }
    stale = []
    for name, page in pages.items():
        text, path = MADE + "\n".join(page()) + "\n", out / f"{name}.md"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(str(path))
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    if check and stale:
        terminal.fail(terminal.REFUSED, N_("Out of date: {paths}. Run: make docs"), paths=", ".join(stale))
    terminal.say(N_("{count} pages in {folder}."), count=len(pages), folder=str(out))


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _table(*headings: str) -> Iterator[str]:
    yield _row(*headings)
    yield _row(*("---" for _ in headings))


def _settings() -> Iterator[str]:
    yield "# Settings\n"
    yield "Every setting is an environment variable, or a line of a file `.env` in the folder the program is started in.\n"
    yield from _table("variable", "default", "meaning")
    for name, field in Settings.model_fields.items():
        default = "as many as processors" if field.default is PydanticUndefined else field.default
        yield _row(f"`JIEBANG_{name.upper()}`", f"`{default}`" if default is not None else "–", field.description)


def _commands() -> Iterator[str]:
    yield "# Commands\n"
    yield "Exit codes: 0 done; 1 refused or failed; 2 the command itself is wrong; 3 the server cannot be reached;"
    yield "4 not signed in, or not allowed; 5 waited too long.\n"
    group = typer.main.get_command(whole)
    context = typer.Context(group, info_name="jiebang")
    for verb in VERBS:
        command: Any = group.get_command(context, verb)  # type: ignore[attr-defined]
        yield from _command(command, f"jiebang {verb}")


def _command(command: Any, name: str) -> Iterator[str]:
    below: Mapping[str, Any] = getattr(command, "commands", {})
    if below:
        for verb, one in below.items():
            yield from _command(one, f"{name} {verb}")
        return
    yield f"## {name}\n"
    yield f"{(command.help or '').strip()}\n"
    shown = [one for one in command.params if one.name != "help"]
    if not shown:
        return
    yield from _table("option", "default", "meaning")
    for one in shown:
        spelled = ", ".join(one.opts) if one.param_type_name == "option" else (one.metavar or one.name).upper()
        default = "" if one.default in {None, False} or callable(one.default) else one.default
        yield _row(f"`{spelled}`", f"`{default}`" if default != "" else "–", getattr(one, "help", "") or "")
    yield ""


def _metrics() -> Iterator[str]:
    yield "# Metrics\n"
    yield "Every score has a 95 % interval: by DeLong's method, by the closed form for means of rows, or by a Poisson bootstrap"
    yield "with weights that all submissions of a challenge share.\n"
    yield from _table("key", "name", "better", "range", "interval", "meaning", "source")
    for metric in METRICS.values():
        better = "higher" if metric.direction == "max" else "lower"
        yield _row(
            f"`{metric.key}`",
            metric.title,
            better,
            f"{metric.low:g} to {metric.high:g}",
            metric.interval,
            metric.explanation,
            metric.source,
        )


def _quality() -> Iterator[str]:
    yield "# Measures of datasets\n"
    yield "`jiebang quality DATASET` measures what applies. Points go straight from one anchor to the next; they never depend on other datasets.\n"
    yield from _table("key", "name", "meaning", "formula", "points by anchors", "gate", "standards")
    for check in CHECKS.values():
        shown = "{:.4g} %" if check.unit == "share" else "{:g}"
        scale = 100 if check.unit == "share" else 1
        yield _row(
            check.key,
            check.title,
            check.explanation,
            check.formula,
            ", ".join(f"{shown.format(value * scale)} → {points:g}" for value, points in check.anchors),
            _gate(check, shown, scale),
            ", ".join(check.codes),
        )
    yield "\nA challenge may move a gate, switch it off, or set one where the table says so (`[dataset.gates]`).\n"
    yield "## Weights\n"
    yield "What does not apply gives its weight to the others of its part, a part to the others of its block, a block to the other blocks."
    yield "A block is the weighted geometric mean of its measures, each floored at 1; the composite is the weighted mean of the blocks.\n"
    yield from _table("part", "block", "measures", *PRESETS)
    for part in PARTS.values():
        weights = (f"{preset.weights[part.key]:.3g}" for preset in PRESETS.values())
        yield _row(part.title, part.block, ", ".join(part.measures), *weights)
    yield "\n## Grades\n"
    yield from _table("grade", "lower bound of the composite", "every block")
    for grade, bound, block in GRADES:
        yield _row(grade, f"≥ {bound:g}", f"≥ {block:g}" if block else "–")
    yield _row("C", "below", "–")


def _gate(check: Check, shown: str, scale: int) -> str:
    if check.gate is None:
        return "where a challenge sets one" if check.may_gate else "–"
    return shown.format(check.gate * scale)


def _package() -> Iterator[str]:
    yield "# Keys of challenge.toml\n"
    yield "`jiebang challenge show` prints a definition with every default filled in; `jiebang challenge schema` prints a JSON Schema.\n"
    yield from _table("key", "type", "default", "meaning")
    for entry in package_format.entries():
        yield _row(
            f"`{entry.path}`",
            entry.type,
            "required" if entry.default is None else f"`{entry.default}`" if entry.default else "–",
            entry.description,
        )


def _api() -> Iterator[str]:
    yield "# HTTP API\n"
    yield "The document at `/api/v1/openapi.json` has every field and examples. Errors are problem details (RFC 9457) with a stable"
    yield "`id`, a sentence in the language of `Accept-Language`, and every finding.\n"
    with tempfile.TemporaryDirectory() as folder:
        resources = wiring.build(Settings(data_dir=Path(folder)))
        schema = create_app(resources).openapi()
        resources.database.dispose()
    yield from _table("method", "address", "what it does")
    for path, methods in sorted(schema["paths"].items()):
        for method, operation in methods.items():
            said = operation.get("description") or operation.get("summary", "")
            yield _row(method.upper(), f"`{path}`", said.split("\n\n")[0])
