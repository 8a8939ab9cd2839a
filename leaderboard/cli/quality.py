"""``jiebang quality …``: the quality of a dataset, on this machine, without a server and without hidden parts."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from leaderboard.cli import terminal
from leaderboard.core.i18n import N_, translate

if TYPE_CHECKING:
    import polars as pl

    from challenges.dataset_report import Assessed
    from challenges.quality import QualityReport


class _ReportByDefault(TyperGroup):
    """``jiebang quality DATASET`` is ``jiebang quality report DATASET``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in {*self.commands, "--help"}:
            args = ["report", *args]
        return super().parse_args(ctx, args)


app = typer.Typer()
quality = typer.Typer(
    cls=_ReportByDefault, no_args_is_help=True, help="The quality of a dataset: a report, and proposals to mend it."
)
app.add_typer(quality, name="quality")


@app.callback()
def _group() -> None:
    """Keeps ``quality`` a group even while it is the only verb here."""


Dataset = Annotated[
    Path, typer.Argument(help="A table (CSV, TSV, JSON Lines, Parquet), or a folder or zip with a description.")
]
Out = Annotated[Path | None, typer.Option(dir_okay=False)]


@quality.command("report")
def report(
    dataset: Dataset,
    label: Annotated[str | None, typer.Option(help="The column with the labels.")] = None,
    text: Annotated[str | None, typer.Option(help="The column with the texts.")] = None,
    id_column: Annotated[str | None, typer.Option("--id", help="The column that names the record.")] = None,
    schema: Annotated[Path | None, typer.Option(help="A Table Schema to hold the table against.")] = None,
    raw: Annotated[Path | None, typer.Option(help="The challenge's raw data, to compare with.")] = None,
    unsafe_words: Annotated[
        Path | None, typer.Option(help="A table of words that must not be there (columns word and category).")
    ] = None,
    exceptions: Annotated[Path | None, typer.Option(help="Harmless phrases that hold such a word, one a line.")] = None,
    licence: Annotated[list[str] | None, typer.Option(help="An accepted licence (SPDX); may come again.")] = None,
    sector: Annotated[list[str] | None, typer.Option(help="A sector of the records; may come again.")] = None,
    gate: Annotated[list[str] | None, typer.Option(help="A moved gate, Q5=0.001 or Q5=off; may come again.")] = None,
    preset: Annotated[str, typer.Option(help="Weights: competition or tc609.")] = "competition",
    html: Annotated[Path | None, typer.Option(help="Write the report as one page to read and print.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write the report as JSON.")] = None,
    issues: Annotated[Path | None, typer.Option(help="Write the issues, row by row (.parquet, else CSV).")] = None,
    patch: Annotated[Path | None, typer.Option(help="Write proposals to mend the dataset (CSV), for “apply”.")] = None,
) -> None:
    """Measures a dataset: grade, blocks, what to fix first. Exit code 1 when a gate is not passed."""
    from challenges.dataset_report import assess_dataset
    from challenges.datasets import DatasetRefused
    from challenges.findings import PackageRefused
    from challenges.known_offline import known_offline
    from scoring.quality.checks import CHECKS
    from scoring.quality.rubric import PRESETS

    if preset not in PRESETS:
        terminal.fail(
            terminal.MISUSED,
            N_("There is no preset {preset}; there are: {known}"),
            preset=preset,
            known=", ".join(PRESETS),
        )
    for path in (dataset, schema, raw, unsafe_words, exceptions):
        if path is not None and not path.exists():
            terminal.fail(terminal.MISUSED, N_("There is no file {path}."), path=str(path))
    roles = {role: name for role, name in (("label", label), ("text", text), ("id", id_column)) if name is not None}
    try:
        known = known_offline(
            raw=raw, unsafe_words=unsafe_words, exceptions=exceptions,
            licences=licence or (), sectors=sector or (), gates=gate or (),
        )  # fmt: skip
    except PackageRefused as refused:
        terminal.print_findings(refused.findings)
        terminal.fail(terminal.REFUSED, N_("Nothing was measured."))
    with terminal.waiting(N_("Measuring"), silent=False) as say:
        try:
            found = assess_dataset(
                dataset, roles=roles, schema=schema, reference=known, preset=preset,
                progress=lambda step: say(translate(terminal.locale(), CHECKS[step].title) if step in CHECKS else "…"),
            )  # fmt: skip
        except DatasetRefused as refused:
            terminal.print_findings(refused.findings)
            terminal.fail(terminal.REFUSED, N_("The dataset cannot be read."))
    terminal.print_findings(found.bundle.findings)
    _print(found.report)
    terminal.print_findings(found.gates)
    _write(found, html=html, json=json, issues=issues, patch=patch)
    if found.report.gates_failed:
        raise typer.Exit(terminal.REFUSED)


@quality.command("apply")
def apply(
    dataset: Annotated[Path, typer.Argument(help="The table that the proposals are for.")],
    patch: Annotated[Path, typer.Argument(help="The proposals that you accept, as “report --patch” wrote them.")],
    out: Annotated[Path, typer.Option(help="Where the mended table goes; its ending says the format.")],
) -> None:
    """Applies accepted proposals. Nothing is written when a single one does not fit."""
    import polars as pl

    from challenges import patches
    from challenges.datasets import DatasetRefused, open_dataset
    from challenges.findings import PackageRefused

    for path in (dataset, patch):
        if not path.exists():
            terminal.fail(terminal.MISUSED, N_("There is no file {path}."), path=str(path))
    try:
        table = open_dataset(dataset).table
        accepted = pl.read_csv(
            patch,
            schema_overrides={"column": pl.String, "old": pl.String, "new": pl.String, "check": pl.String},
        )
        mended = patches.applied(table, accepted, file=patch.name)
    except (DatasetRefused, PackageRefused) as refused:
        terminal.print_findings(refused.findings)
        terminal.fail(terminal.REFUSED, N_("Nothing was written."))
    except pl.exceptions.PolarsError as error:
        terminal.fail(
            terminal.REFUSED,
            N_("{path} cannot be read as CSV: {reason}"),
            path=str(patch),
            reason=str(error).splitlines()[0],
        )
    _save(mended, out)
    terminal.say(
        N_("{path}: {records} records; {dropped} left out, {set} cells set."),
        path=str(out), records=mended.height, dropped=table.height - mended.height,
        set=accepted.filter(pl.col("act") == "set").height,
    )  # fmt: skip


def _print(report: "QualityReport") -> None:
    from leaderboard.ui.quality import BLOCK_TITLES
    from scoring.quality.checks import CHECKS

    lang = terminal.locale()
    terminal.say(
        N_("Grade {grade} (provisional, hidden parts were not measured). Composite {value}, 95% interval {low} to {high}."),
        grade=report.grade, value=f"{report.composite.value:.2f}", low=f"{report.composite.low:.2f}", high=f"{report.composite.high:.2f}",
    )  # fmt: skip
    terminal.print_table(
        terminal.headings((N_("Block"), False), (N_("Score"), True)),
        ([translate(lang, BLOCK_TITLES[key]), f"{scale.value:.1f}"] for key, scale in report.blocks.items()),
    )
    print()
    rows = sorted(report.measures, key=lambda one: (-one.recoverable, one.points.value))
    terminal.print_table(
        terminal.headings((N_("Measure"), False), (N_("Measured"), True), (N_("Points"), True), (N_("To be won"), True), (N_("What to do"), False)),
        (
            [
                f"{one.key} {translate(lang, CHECKS[one.key].title)}",
                f"{one.value:.2%}" if CHECKS[one.key].unit == "share" else f"{one.value:.3f}",
                f"{one.points.value:.1f}",
                f"{one.recoverable:+.1f}" if one.weight else "",
                translate(lang, CHECKS[one.key].advice) if one.points.value < 100 else "",
            ]
            for one in rows
        ),
    )  # fmt: skip
    _print_unanswered(report)
    for key in report.gates_failed:
        terminal.say(
            N_("Not passed: {check}. {advice}"),
            check=translate(lang, CHECKS[key].title),
            advice=translate(lang, CHECKS[key].advice),
        )


def _print_unanswered(report: "QualityReport") -> None:
    """The items of the documentation that are not answered, each with why and what to write."""
    from challenges.datasets.items import BY_KEY
    from scoring.quality.wording import sentence

    lang, prefix = terminal.locale(), "document."
    found = [(kind.column or "", kind.code) for kind in report.issues if kind.code.startswith(prefix)]
    if found:
        print()
        terminal.print_table(
            terminal.headings((N_("Documentation, not answered"), False), (N_("Why, and what to write"), False)),
            (
                [translate(lang, BY_KEY[key].title), translate(lang, sentence(code)[0])]
                for key, code in found
                if key in BY_KEY
            ),
        )


def _write(found: "Assessed", *, html: Path | None, json: Path | None, issues: Path | None, patch: Path | None) -> None:
    if html is not None:
        html.write_text(_page(found.report), encoding="utf-8")
    if json is not None:
        json.write_text(found.report.model_dump_json(indent=2), encoding="utf-8")
    if issues is not None:
        _save(found.issues, issues)
    if patch is not None:
        found.patch.write_csv(patch)
    for path in (html, json, issues, patch):
        if path is not None:
            terminal.say(N_("Written: {path}"), path=str(path))


def _page(report: "QualityReport") -> str:
    from leaderboard.ui.alone import standing_alone

    return standing_alone(report, terminal.locale(), datetime.now(UTC))


def _save(table: "pl.DataFrame", path: Path) -> None:
    if path.suffix == ".parquet":
        table.write_parquet(path)
    elif path.suffix in {".jsonl", ".ndjson"}:
        table.write_ndjson(path)
    else:
        table.write_csv(path, separator="\t" if path.suffix == ".tsv" else ",")
