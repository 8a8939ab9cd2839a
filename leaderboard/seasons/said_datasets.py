"""What is asked of datasets and how they are judged, in sentences."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from challenges.dataset_definition import Dataset
from leaderboard.core.i18n import N_
from leaderboard.seasons.signals import Phrase
from leaderboard.ui.quality import BLOCK_TITLES
from scoring.quality.checks import CHECKS
from scoring.quality.rubric import BLOCKS, PARTS, PRESETS, chosen_weights


def requirements(dataset: Dataset) -> Iterator[Phrase]:
    """What a dataset must be, beyond being good."""
    if dataset.table_schema is not None:
        yield Phrase(N_("The table is held against the schema {path}."), {"path": dataset.table_schema})
    if dataset.licences:
        yield Phrase(
            N_("The dataset has one of these licences: {licences}."), {"licences": ", ".join(dataset.licences)}
        )
    for column, asked in dataset.strata.items():
        if isinstance(asked, int):
            yield Phrase(
                N_("The column {column} has at least {count} different values."), {"column": column, "count": asked}
            )
        else:
            counts = ", ".join(f"{value}: {count}" for value, count in asked.items())
            yield Phrase(
                N_("The column {column} has at least so many records of each value: {counts}."),
                {"column": column, "counts": counts},
            )
    for check in (one for one in CHECKS.values() if one.gate is not None):
        yield Phrase(
            N_("Gate {key}, {title}: who does not pass it gets no rank."),
            {"key": check.key, "title": Phrase(check.title)},
        )


def weights(dataset: Dataset) -> Iterator[Phrase]:
    """How measures become blocks, and blocks the composite."""
    chosen = chosen_weights(PRESETS[dataset.rubric.preset], dataset.rubric.weights)
    for block in BLOCKS:
        parts = {key: part for key, part in PARTS.items() if part.block == block and chosen[key] > 0}
        total = sum(chosen[key] for key in parts)
        shown = _Weights({part.title: chosen[key] for key, part in parts.items()})
        yield Phrase(
            N_("{block} counts {total} of 100: {parts}."),
            {"block": Phrase(BLOCK_TITLES[block]), "total": f"{total:g}", "parts": shown},
        )
    yield Phrase(
        N_(
            "Within a block a weighted geometric mean counts, so that a weak part cannot be bought back; a part that cannot be measured gives its weight to the others."
        )
    )
    if dataset.utility is not None:
        yield Phrase(
            N_(
                "Usefulness for training: what reference models gain on hidden rows, from the raw data (0) to the organizer's curated version (100)."
            )
        )


@dataclass(frozen=True, slots=True)
class _Weights:
    """Parts with their weights, as one text."""

    of_parts: Mapping[str, float]

    def said(self, locale: str) -> str:
        return ("、" if locale == "zh" else ", ").join(
            f"{Phrase(title).said(locale)} {weight:g}" for title, weight in self.of_parts.items()
        )
