"""``jiebang challenge …``: everything about a package, on this machine, without a server."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from challenges import BUILT, SHIPPED
from leaderboard.cli import terminal
from leaderboard.core.i18n import N_, translate

if TYPE_CHECKING:
    from challenges.expected import BaselineScores
    from challenges.report import Scored

app = typer.Typer()
challenge = typer.Typer(no_args_is_help=True, help="Write, check, score and pack a challenge, offline.")
app.add_typer(challenge, name="challenge")


@app.callback()
def _group() -> None:
    """Keeps ``challenge`` a group even while it is the only verb here."""


Folder = Annotated[Path, typer.Argument(help="The package: a folder with a challenge.toml.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]


@challenge.command("check")
def check(
    folder: Folder = Path(),
    baselines: Annotated[bool, typer.Option(help="Score the baselines and compare with expected.json.")] = True,
    as_json: AsJson = False,
) -> None:
    """Reports every problem of a package at once. Exit code 1 when there are errors; warnings pass."""
    _check(_existing(folder), baselines=baselines, as_json=as_json)


def _check(folder: Path, *, baselines: bool = True, as_json: bool = False) -> None:
    import challenges

    report = challenges.check(folder, baselines=baselines)
    if as_json:
        terminal.print_json(
            {
                "ok": report.ok,
                "findings": [
                    {**finding.model_dump(mode="json"), "text": terminal.sentence(finding)}
                    for finding in report.findings
                ],
                "baselines": [_baseline(one) for one in report.baselines],
            }
        )
    else:
        terminal.print_findings(report.findings)
        _print_baselines(report.baselines)
        errors = sum(finding.level == "error" for finding in report.findings)
        warnings = sum(finding.level == "warning" for finding in report.findings)
        if report.ok:
            terminal.say(N_("Sound. Warnings: {warnings}."), warnings=warnings)
        else:
            terminal.say(N_("Not sound. Errors: {errors}, warnings: {warnings}."), errors=errors, warnings=warnings)
    if not report.ok:
        raise typer.Exit(terminal.REFUSED)


@challenge.command("score")
def score(
    folder: Folder,
    submission: Annotated[Path, typer.Argument(help="The file to score.")],
    as_json: AsJson = False,
) -> None:
    """Scores a file as the platform would, on both parts of the answers."""
    from challenges.findings import PackageRefused
    from challenges.run import score_offline

    if not submission.exists():
        terminal.fail(terminal.MISUSED, N_("There is no file {path}."), path=str(submission))
    try:
        report = score_offline(_existing(folder), submission)
    except PackageRefused as refused:
        terminal.print_findings(refused.findings)
        terminal.fail(terminal.REFUSED, N_("The package cannot be used."))
    if as_json:
        terminal.print_json(report.model_dump(mode="json", exclude={"spreads"}))
    else:
        terminal.print_findings(report.findings)
        if report.scores:
            _print_scores(report.scores)
    if report.outcome != "scored":
        raise typer.Exit(terminal.REFUSED)


@challenge.command("show")
def show(
    folder: Folder = Path(),
    effective: Annotated[bool, typer.Option(help="With every default filled in.")] = True,
    comments: Annotated[bool, typer.Option(help="Say at each key what it means.")] = False,
) -> None:
    """Prints the definition as the platform understands it."""
    import challenges
    from challenges.findings import PackageRefused

    if not effective:
        print((_existing(folder) / "challenge.toml").read_text(encoding="utf-8"), end="")
        return
    try:
        package = challenges.load(_existing(folder))
    except PackageRefused as refused:
        terminal.print_findings(refused.findings)
        raise typer.Exit(terminal.REFUSED) from refused
    print(challenges.write(package.definition.effective(), comments=comments), end="")


@challenge.command("pack")
def pack(
    folder: Folder = Path(),
    out: Annotated[Path, typer.Option(help="Where the two archives go.")] = Path("dist"),
    as_json: AsJson = False,
) -> None:
    """Writes the archive for the platform and the public one (never with answers), with the package's digest."""
    import challenges
    from challenges.findings import PackageRefused

    try:
        packed = challenges.pack(_existing(folder), out)
    except PackageRefused as refused:
        terminal.print_findings(refused.findings)
        terminal.fail(terminal.REFUSED, N_("The package has errors; nothing was packed."))
    if as_json:
        terminal.print_json({"full": str(packed.full), "public": str(packed.public), "digest": packed.digest})
        return
    terminal.say(N_("For the platform: {path}"), path=str(packed.full))
    terminal.say(N_("For everyone: {path}"), path=str(packed.public))
    terminal.say(N_("Digest: {digest}"), digest=packed.digest)


@challenge.command("new")
def new(
    slug: Annotated[str, typer.Argument(help="Name in addresses: small letters, digits, hyphens.")],
    data: Annotated[Path | None, typer.Option(help="A labelled table: CSV, TSV, JSONL or Parquet.")] = None,
    test: Annotated[Path | None, typer.Option(help="Another labelled table to test on; default: a quarter.")] = None,
    target: Annotated[str | None, typer.Option(help="Column to be predicted; default: guessed.")] = None,
    id_column: Annotated[str | None, typer.Option("--id", help="Column that names the rows.")] = None,
    title_en: Annotated[str | None, typer.Option(help="Title in English.")] = None,
    title_zh: Annotated[str | None, typer.Option(help="Title in Chinese.")] = None,
    sector: Annotated[str | None, typer.Option(help="Sector, such as transport.")] = None,
    licence: Annotated[str | None, typer.Option(help="SPDX licence of the data, such as CC-BY-4.0, or custom.")] = None,
    licence_file: Annotated[Path | None, typer.Option(help="Text of a custom licence.")] = None,
    source: Annotated[str | None, typer.Option(help="Where the data comes from.")] = None,
    personal: Annotated[str, typer.Option(help="none, pseudonymous or personal.")] = "none",
    into: Annotated[Path, typer.Option(help="The folder to make the package in.")] = Path(),
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing; what is missing is an error.")] = False,
) -> None:
    """Looks at a table, asks a few questions, and writes a package that passes ``check``."""
    import challenges
    from challenges.findings import PackageRefused
    from challenges.strict import Words

    path = Path(_answered(str(data) if data else None, N_("Labelled table (path)"), yes=yes))
    if not path.exists():
        terminal.fail(terminal.MISUSED, N_("There is no file {path}."), path=str(path))
    title = Words(
        en=_answered(title_en, N_("Title in English"), yes=yes), zh=_answered(title_zh, N_("Title in Chinese"), yes=yes)
    )
    sector = _answered(sector, N_("Sector (one of: {sectors})"), yes=yes, sectors=", ".join(challenges.SECTORS))
    licence = _answered(licence, N_("Licence of the data (SPDX, or custom)"), yes=yes)
    source = _answered(source, N_("Where the data comes from"), yes=yes)
    folder = into / slug
    try:
        seen = challenges.look(path, target=target, id=id_column)
        terminal.say(
            N_("Understood: predict {target}, a {task}, scored by {metric}."),
            target=seen.target,
            task=seen.task,
            metric=seen.scores[0].metric,
        )
        package = challenges.new(
            folder,
            path,
            slug=slug,
            title=title,
            sector=sector,
            licence=licence,
            source=source,
            personal=personal,
            licence_file=licence_file,
            test=test,
            target=target,
            id=id_column,
        )
    except PackageRefused as refused:
        terminal.print_findings(refused.findings)
        terminal.fail(terminal.REFUSED, N_("Nothing was written."))
    except FileExistsError:
        terminal.fail(terminal.REFUSED, N_("{path} is there already; nothing was written."), path=str(folder))
    terminal.say(N_("Written: {path}. Next: edit the two READMEs, then check it:"), path=str(package.folder))
    print(f"  jiebang challenge check {package.folder}")


@challenge.command("build")
def build(
    slug: Annotated[str, typer.Argument(help=f"A shipped challenge; without its data come: {', '.join(BUILT)}.")],
    out: Annotated[Path, typer.Option(help="The folder to make the package in: not there yet, or empty.")],
    source: Annotated[
        Path | None,
        typer.Option(help="What its data is made from: a wheel, or a folder; default: the project as installed here."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Makes a shipped package anew from the source of its data, and checks it as ``check`` does."""
    import challenges
    from challenges.findings import PackageRefused

    if slug not in (known := (*BUILT, *SHIPPED)):
        terminal.fail(
            terminal.MISUSED,
            N_("There is no shipped challenge {name}; there are: {known}"),
            name=slug,
            known=", ".join(known),
        )
    try:
        challenges.build(Path(challenges.__file__).parent / "shipped" / slug, out, source)
    except PackageRefused as refused:
        terminal.print_findings(refused.findings)
        terminal.fail(terminal.REFUSED, N_("Nothing was written."))
    if not as_json:
        terminal.say(N_("Written: {path}. It is checked now; that trains many models."), path=str(out))
    _check(out, as_json=as_json)


@challenge.command("schema")
def schema(out: Annotated[Path | None, typer.Option(help="File to write; default: standard output.")] = None) -> None:
    """Prints the JSON Schema of challenge.toml, for editors."""
    import json

    import challenges

    text = json.dumps(challenges.json_schema(), ensure_ascii=False, indent=2) + "\n"
    if out is None:
        print(text, end="")
    else:
        out.write_text(text, encoding="utf-8")


def _existing(folder: Path) -> Path:
    if not folder.is_dir():
        terminal.fail(terminal.MISUSED, N_("There is no folder {path}."), path=str(folder))
    return folder


def _answered(given: str | None, question: str, *, yes: bool, **params: Any) -> str:
    if given:
        return given
    asked = translate(terminal.locale(), question, **params)
    if yes:
        terminal.fail(terminal.MISUSED, N_("Missing: {what}"), what=asked)
    return str(typer.prompt(asked)).strip()


def _print_scores(scores: "tuple[Scored, ...]") -> None:
    tasks = any(one.task for one in scores)
    columns = [(N_("task"), False)] if tasks else []
    columns += [(N_("score"), False), (N_("part"), False), (N_("value"), True), (N_("95% interval"), True)]
    terminal.print_table(
        terminal.headings(*columns),
        [
            [
                *([one.task or "–"] if tasks else []),
                one.key,
                one.split,
                f"{one.value:.6f}",
                f"{one.low:.6f}–{one.high:.6f}",
            ]
            for one in scores
        ],
    )


def _baseline(one: "BaselineScores") -> dict[str, Any]:
    return {"path": one.path, "scores": one.scores}


def _print_baselines(baselines: "tuple[BaselineScores, ...]") -> None:
    for one in baselines:
        numbers = (f"{key} {part} {value}" for key, parts in one.scores.items() for part, value in parts.items())
        print(f"  {one.path}: " + "  ".join(numbers))
