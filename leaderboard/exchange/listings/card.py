"""What a dataset card knows that a listing asks for: its words, and the facts of its newest file."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlmodel import col, select

from leaderboard.core.work import Work
from leaderboard.datasets import columns, evidence, usage
from leaderboard.datasets.fields import CardWords
from leaderboard.datasets.models import Dataset, DatasetVersion
from leaderboard.exchange.listings.sheet import LONGEST, Wording
from leaderboard.terms.forms import MOST
from leaderboard.terms.listing import FieldOffered, Listing

_TYPES: Final[Mapping[str, str]] = {
    "number": "number", "integer": "integer", "unsigned": "integer", "boolean": "boolean", "text": "text", "string": "text",
    "date": "date", "datetime": "time",
}  # fmt: skip
"""Kinds of columns in quality reports and on cards → types of fields; others are left unsaid."""


def newest(work: Work, dataset_id: int) -> DatasetVersion | None:
    """The last file of a card that others may know of: an upload counts once it has been measured. None: there is none yet."""
    query = select(DatasetVersion).where(
        col(DatasetVersion.dataset_id) == dataset_id,
        (col(DatasetVersion.kind) != "upload") | col(DatasetVersion.quality_key).is_not(None),
    )
    return work.session.exec(query.order_by(col(DatasetVersion.number).desc())).first()


def is_measured(version: DatasetVersion | None) -> bool:
    """Whether its quality is known, as far as it can be: of a file that is kept elsewhere nothing can be measured."""
    return version is not None and (version.kind == "reference" or version.quality_key is not None)


def words(card: Dataset) -> Wording:
    """Title, summary and source as the card has them; what is longer than a listing takes is cut."""
    parts = {"title": "title", "summary": "summary", "source": "provenance"}
    return Wording(
        **{
            f"{part}_{locale}": getattr(card, f"{of}_{locale}")[: LONGEST[part]]
            for part, of in parts.items()
            for locale in ("en", "zh")
        }
    )


def facts(card: Dataset) -> dict[str, Any]:
    """The facts of a `Listing` that the card itself states. A licence that we cannot read as terms is left out."""
    words = CardWords.of(card)
    languages = dict.fromkeys(tag.split("-")[0] for tag in card.languages)
    return {
        "sector": card.sector or None,
        "modalities": tuple(card.modalities),
        "languages": tuple(languages)[:MOST],
        "policy": usage.policy_of(words.licence, words.own),
    }


def measured(work: Work, version: DatasetVersion, before: Listing) -> dict[str, Any]:
    """The facts of a `Listing` that follow from a file: its hash, rows, bytes, and its fields: as they were measured, or as the
    card's owner says of a file that is kept elsewhere.

    Units, and types that a report does not tell apart, stay as they were said before, on the listing or else on the card.
    """
    counted = {"rows": version.rows, "bytes": version.size}
    sizes = before.sizes | {unit: float(count) for unit, count in counted.items() if count is not None}
    report = evidence.report_of(work, version)
    told = {column.name: column for column in columns.read(version.columns)}
    if report is not None and report.columns:
        kinds = [(column.name, column.kind) for column in report.columns]
    else:
        kinds = [(column.name, column.type) for column in told.values()] if version.kind == "reference" else []
    found = {"fields": _fields(kinds, told, before)} if kinds else {}
    return {"version": version.sha256, "sizes": sizes, **found}


def _fields(
    kinds: Sequence[tuple[str, str]], told: Mapping[str, columns.Column], before: Listing
) -> tuple[FieldOffered, ...]:
    known = {field.name: field for field in before.fields}
    found = {}
    for column, kind in kinds:
        name = " ".join(column.split())
        if name and name not in found:
            said = known.get(name)
            type_ = said.type if said is not None and said.type else _TYPES.get(kind)
            unit = said.unit if said is not None else told[column].unit if column in told else None
            found[name] = FieldOffered(name=name, type=type_, unit=unit or None)
    return tuple(found.values())
