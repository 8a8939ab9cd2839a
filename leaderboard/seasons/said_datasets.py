"""What is asked of datasets and how they are judged, in sentences."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from challenges.dataset_definition import Dataset
from challenges.facets import SECTORS
from leaderboard.core.i18n import N_
from leaderboard.seasons.signals import Phrase
from leaderboard.ui.quality import BLOCK_TITLES
from scoring.quality.checks import CHECKS
from scoring.quality.gates import held
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
    if dataset.sectors:
        titles = _Words(tuple(SECTORS[sector] for sector in dataset.sectors))
        yield Phrase(N_("The records are of these sectors: {sectors}."), {"sectors": titles})
    if dataset.safety is not None:
        if dataset.safety.hidden:
            yield Phrase(N_("The records hold no unsafe word; the list of them is not shown."))
        else:
            yield Phrase(N_("The records hold no word of the list {path}."), {"path": dataset.safety.words})
    for key, limit in held(dataset.limits).items():
        yield Phrase(
            N_("Gate {key}, {title}: who does not pass it gets no rank. The limit is {limit}."),
            {"key": key, "title": Phrase(CHECKS[key].title), "limit": f"{limit * 100:.6g}%"},
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
class _Words:
    """Several sentences of the catalogue, as one list."""

    words: tuple[str, ...]

    def said(self, locale: str) -> str:
        return ("、" if locale == "zh" else ", ").join(Phrase(word).said(locale) for word in self.words)


@dataclass(frozen=True, slots=True)
class _Weights:
    """Parts with their weights, as one text."""

    of_parts: Mapping[str, float]

    def said(self, locale: str) -> str:
        return ("、" if locale == "zh" else ", ").join(
            f"{Phrase(title).said(locale)} {weight:g}" for title, weight in self.of_parts.items()
        )
