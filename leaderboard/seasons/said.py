"""What a definition says, in sentences and tables for people; nothing in it gives away answers or the draw of the split."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from challenges.annotation_definition import Labels
from challenges.board_columns import BoardColumn, board_columns
from challenges.definition import Column, Definition, Task
from challenges.facets import PHASES
from leaderboard.core.i18n import N_, zone_label
from leaderboard.seasons import said_datasets
from leaderboard.seasons.models import Phase
from leaderboard.seasons.signals import Phrase, Words

CLASSES_SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One score of the board. ``leads``: it decides places (in its task)."""

    title: Words | Phrase
    metric: Phrase
    explanation: Phrase
    higher_is_better: bool
    digits: int
    leads: bool
    task: Words | None


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One column of a submission and what it must hold."""

    name: str
    requirement: Phrase
    task: Words | None


def phase_title(phase: Phase) -> Words | Phrase:
    """What the organizer called it; else the title that goes with a known key; else the key."""
    if phase.title_en or phase.title_zh:
        return Words(phase.title_en, phase.title_zh)
    return Phrase(PHASES[phase.key]) if phase.key in PHASES else Words(phase.key, phase.key)


def scores(definition: Definition) -> tuple[ScoreRow, ...]:
    """Every score of every task, the leading one of each first."""
    return tuple(_score_rows(definition))


def _score_rows(definition: Definition) -> Iterator[ScoreRow]:
    tasks = {part.key: task_title(part) for part in definition.parts}
    before: str | None = None
    for column in board_columns(definition):
        yield ScoreRow(
            title=_column_name(column),
            metric=Phrase(column.name),
            explanation=Phrase(column.explanation),
            higher_is_better=column.direction == "max",
            digits=column.digits,
            leads=column.task != before,
            task=tasks.get(column.task),
        )
        before = column.task


def task_title(part: Task) -> Words | None:
    """The name of one of several tasks; None in a challenge that has only one."""
    if not part.key:
        return None
    return Words(part.title.en, part.title.zh) if part.title else Words(part.key, part.key)


def columns(definition: Definition) -> tuple[ColumnRow, ...]:
    """The id column and the others, task by task; of labels the item, who labelled, and the label."""
    if definition.annotation is not None:
        return _label_columns(definition.annotation.labels)
    rows: list[ColumnRow] = []
    for part in definition.parts:
        task = task_title(part)
        rows.append(ColumnRow(str(part.submission.id), Phrase(N_("names the row; every id once, in any order")), task))
        rows += [ColumnRow(column.name, _requirement(column), task) for column in part.submission.columns]
    return tuple(rows)


def _label_columns(names: Labels) -> tuple[ColumnRow, ...]:
    shown = Phrase(N_("one of: {classes}"), {"classes": ", ".join(names.classes[:CLASSES_SHOWN])})
    rows = [
        ColumnRow(names.item, Phrase(N_("names the item")), None),
        ColumnRow(names.annotator, Phrase(N_("names who labelled it")), None),
        ColumnRow(names.label, shown, None),
    ]
    if names.seconds is not None:
        rows.append(ColumnRow(names.seconds, Phrase(N_("how long the label took, in seconds; may be empty")), None))
    return tuple(rows)


def _requirement(column: Column) -> Phrase:
    match column.type:
        case "probability":
            return _probability(column)
        case "number" | "integer":
            return _number(column)
        case "class":
            return _class(column)
        case "list":
            params = {"most": column.max_length}
            ordered = N_("a list of at most {most} items, the best first")
            return Phrase(ordered, params) if column.max_length else Phrase(N_("a list of items, the best first"))
    if column.max_length:
        return Phrase(N_("text of at most {most} characters"), {"most": column.max_length})
    return Phrase(N_("text"))


def _probability(column: Column) -> Phrase:
    params = {"label": column.of}
    if column.sums_to_one_with:
        return Phrase(N_("the probability of “{label}”, from 0 to 1; a row's probabilities sum to 1"), params)
    return Phrase(N_("the probability of “{label}”, from 0 to 1"), params)


def _class(column: Column) -> Phrase:
    shown = ", ".join(column.classes[:CLASSES_SHOWN])
    if len(column.classes) > CLASSES_SHOWN:
        return Phrase(N_("one of {count} classes: {classes} …"), {"count": len(column.classes), "classes": shown})
    return Phrase(N_("one of: {classes}"), {"classes": shown})


def _number(column: Column) -> Phrase:
    params = {"low": _plain(column.min), "high": _plain(column.max)}
    whole = column.type == "integer"
    if column.min is not None and column.max is not None:
        return Phrase(
            N_("a whole number from {low} to {high}") if whole else N_("a number from {low} to {high}"), params
        )
    if column.min is not None:
        return Phrase(N_("a whole number, {low} or more") if whole else N_("a number, {low} or more"), params)
    if column.max is not None:
        return Phrase(N_("a whole number, at most {high}") if whole else N_("a number, at most {high}"), params)
    return Phrase(N_("a whole number") if whole else N_("a number"))


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:.15g}"


def file_kinds(definition: Definition) -> Phrase:
    """What kind of file is handed in, and how large it may be."""
    params = {"formats": ", ".join(definition.submission.formats), "megabytes": definition.submission.max_mb}
    if definition.kind == "dataset":
        return Phrase(
            N_(
                "A dataset of at most {megabytes} MB: one table (CSV, TSV, JSON Lines, Parquet), or a zip in one of the layouts"
            ),
            params,
        )
    if definition.tasks:
        return Phrase(N_("One zip with one file per task ({formats}), of at most {megabytes} MB"), params)
    return Phrase(N_("One file ({formats}; plain, gzip or zip) of at most {megabytes} MB"), params)


def scoring_notes(definition: Definition) -> tuple[Phrase, ...]:
    """How scores become places, in sentences."""
    weights = () if definition.dataset is None else tuple(said_datasets.weights(definition.dataset))
    return (*_combination(definition), *weights, _split(definition), *_ties(definition), _final(definition))


def _combination(definition: Definition) -> Iterator[Phrase]:
    if definition.tasks:
        said = {
            "mean": N_("The tasks' first scores are averaged by their weights."),
            "mean rank": N_("Each task ranks the teams by its first score; the mean of these ranks decides."),
            "median rank": N_("Each task ranks the teams by its first score; the median of these ranks decides."),
        }
        yield Phrase(said[definition.board.combine])


def _split(definition: Definition) -> Phrase:
    shares: set[float | None] = {part.answers.split.public for part in definition.parts}
    if definition.dataset is not None:
        shares = {definition.dataset.hidden.public}
    elif definition.annotation is not None:
        shares = {definition.annotation.gold.public}
    share = next(iter(shares)) if len(shares) == 1 else None
    if share is None:
        return Phrase(
            N_("The public board uses the public part of the hidden rows; the private part decides at the end.")
        )
    params = {"public": f"{100 * share:.0f}", "private": f"{100 - 100 * share:.0f}"}
    return Phrase(
        N_("The public board uses {public}% of the hidden rows; the other {private}% decide at the end."), params
    )


def _ties(definition: Definition) -> Iterator[Phrase]:
    titles = {column.key: _column_name(column) for column in board_columns(definition)}
    chain: list[Words | Phrase] = [titles[key] for key in definition.board.ties if key in titles]
    earliest = "earliest" in definition.board.ties
    if not chain and not earliest:
        yield Phrase(N_("Scores that are equal as shown share a place."))
    elif not chain:
        yield Phrase(N_("Of scores that are equal as shown, the one handed in earlier comes first."))
    else:
        last = Phrase(N_("the earlier submission"))
        deciding = [*chain, last] if earliest else chain
        yield Phrase(N_("Between scores that are equal as shown decides: {chain}."), {"chain": _Chain(tuple(deciding))})


def _column_name(column: BoardColumn) -> Words | Phrase:
    return Words(column.title.en, column.title.zh) if column.title else Phrase(column.name)


@dataclass(frozen=True, slots=True)
class _Chain:
    """Names in their order, as one text."""

    names: tuple[Words | Phrase, ...]

    def said(self, locale: str) -> str:
        return ("、" if locale == "zh" else ", ").join(name.said(locale) for name in self.names)


def _final(definition: Definition) -> Phrase:
    params = {"count": definition.board.final.picked}
    if definition.board.final.otherwise == "latest":
        return Phrase(
            N_("Each team may choose {count} submissions for the end; without a choice its latest ones count."), params
        )
    return Phrase(
        N_("Each team may choose {count} submissions for the end; without a choice its best public ones count."), params
    )


def quota(phase: Phase) -> Phrase:
    """How often a team may submit in a phase, with the day's zone in words."""
    params = {
        "per_day": phase.per_day,
        "total": phase.total,
        "zone": phase.zone,
        "offset": zone_label(phase.zone, phase.opens_at),
    }
    if phase.per_day is None:
        return (
            Phrase(N_("at most {total} submissions in all"), params)
            if phase.total
            else Phrase(N_("as many submissions as you like"))
        )
    if phase.total is None:
        return Phrase(N_("{per_day} submissions a day; a day begins at 00:00 in {zone} ({offset})"), params)
    return Phrase(N_("{per_day} submissions a day, {total} in all; a day begins at 00:00 in {zone} ({offset})"), params)


def rules(definition: Definition, phases: list[Phase], grace_minutes: int) -> list[Phrase]:
    """The rules that follow from the definition and the windows; other rooms add theirs."""
    found: list[Phrase] = []
    for phase in phases:
        params = {"phase": phase_title(phase), "quota": quota(phase)}
        found.append(Phrase(N_("{phase}: each team has {quota}. What is refused or fails costs nothing."), params))
    found.append(
        Phrase(
            N_(
                "For a deadline, the server's time of a file's first byte counts; the file must be complete within {minutes} minutes."
            ),
            {"minutes": grace_minutes},
        )
    )
    if definition.dataset is not None:
        found += said_datasets.requirements(definition.dataset)
    found += scoring_notes(definition)
    if definition.data.licence == "custom":
        found.append(
            Phrase(
                N_("The data may be used under the licence that comes with it: {file}."),
                {"file": definition.data.licence_file},
            )
        )
    else:
        found.append(Phrase(N_("The data may be used under {licence}."), {"licence": definition.data.licence}))
    if definition.data.personal != "none":
        found.append(
            Phrase(
                N_(
                    "The data is about people: use it for this challenge only, pass it to nobody, and delete it afterwards."
                )
            )
        )
    return found


def public_definition(definition: Definition) -> dict[str, Any]:
    """The definition as anyone may see it: without where the answers are and how the split is drawn."""
    hidden: dict[str, Any] = {
        "answers": True,
        "phases": True,
        "tasks": {"__all__": {"answers"}},
        "dataset": {"hidden": True, "utility": {"features"}},
        "annotation": {"gold"},
    }
    # The windows in force are the platform's, not those that the package proposed.
    return definition.effective().model_dump(mode="json", exclude=hidden)
