"""A card as a Frictionless Data Package 2.0."""

from collections.abc import Mapping
from typing import Any, Final

from challenges.quality import ColumnFound
from leaderboard.datasets import columns
from leaderboard.datasets.described import licence_address
from leaderboard.datasets.standards.subject import Subject

PROFILE: Final = "https://datapackage.org/profiles/2.0/datapackage.json"
_TYPES: Final[Mapping[str, str]] = {
    "number": "number",
    "integer": "integer",
    "unsigned": "integer",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "text": "string",
}


def datapackage(subject: Subject, page: str, locale: str) -> dict[str, Any]:
    """The dataset by its newest version, in the language of ``locale`` as far as it is written in it.

    page   the card's address, absolute; the path of a file that stays with its team: it is asked for there
    """
    words, newest = subject.words, subject.newest
    resource: dict[str, Any] = {
        "name": f"{subject.slug}-v{newest.number}",
        "path": newest.address or page,
        "mediatype": newest.media_type,
        "hash": f"sha256:{newest.sha256}",
    }
    if newest.size is not None:
        resource["bytes"] = newest.size
    report = subject.report
    if report is not None and 0 < report.columns_in_all == len(
        report.columns
    ):  # a schema without some columns would be wrong
        resource["schema"] = {"fields": [_field(column) for column in report.columns]}
    elif report is None and newest.kind == "reference" and newest.columns:
        resource["schema"] = {"fields": [_said(column) for column in columns.read(newest.columns)]}
    made = {
        "$schema": PROFILE,
        "name": subject.slug,
        "id": subject.address,
        "title": subject.first("title", locale),
        "description": subject.first("summary", locale),
        "homepage": page,
        "version": str(newest.number),
        "created": newest.created_at.isoformat(),
        "licenses": [_licence(words.licence)] if words.licence else [],
        "contributors": [{"title": subject.owner, "roles": ["creator"], "path": f"{subject.site}{subject.owner_path}"}],
        "sources": [{"title": text} for text in [subject.first("provenance", locale)] if text],
        "keywords": [word for word in (words.sector, *words.modalities) if word],
        "odrl:hasPolicy": subject.offer,
        "resources": [resource],
    }
    return {key: value for key, value in made.items() if value not in ("", [], None)}


def _said(column: columns.Column) -> dict[str, str]:
    said = {"type": "object" if column.type == "nested" else column.type or "any", "unit": column.unit}
    told = {"description": column.about_en or column.about_zh}
    return {"name": column.name} | {key: text for key, text in (said | told).items() if text}


def _field(column: ColumnFound) -> dict[str, str]:
    return {"name": column.name, "type": _TYPES.get(column.kind, "any")}


def _licence(identifier: str) -> dict[str, str]:
    address = licence_address(identifier)
    return {"name": identifier} | ({"path": address} if address else {})
