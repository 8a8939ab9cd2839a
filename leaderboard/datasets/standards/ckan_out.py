"""Datasets, their files, owners and tags as CKAN's Action API writes them.

An owner is an organization there, a sector a group, a kind of data a tag, a version's file a resource. Identifiers are names, which
never change.
"""

import json
from typing import Any

from challenges.facets import SECTORS
from challenges.licences import LICENCES
from leaderboard.core.i18n import LocaleCode, translate
from leaderboard.datasets.described import licence_address
from leaderboard.datasets.models import DatasetVersion
from leaderboard.datasets.standards import vocabularies
from leaderboard.datasets.standards.subject import Subject

Made = dict[str, Any]


def package(one: Subject, locale: LocaleCode) -> Made:
    """A dataset, its texts in the reader's language, and in both beside them."""
    words, newest = one.words, one.newest
    said = {"grade": newest.grade, "composite": newest.composite, "low": newest.low, "high": newest.high}
    terms = {"usage_policy": json.dumps(one.offer, ensure_ascii=False) if one.offer else None}
    extras = said | terms | {"provenance": one.first("provenance", locale), "languages": " ".join(words.languages)}
    files = [resource(one, version) for version in one.versions]
    return {
        "id": one.slug,
        "name": one.slug,
        "title": one.first("title", locale) or one.slug,
        "title_translated": dict(one.said("title")),
        "notes": one.first("summary", locale),
        "notes_translated": dict(one.said("summary")),
        "type": "dataset",
        "state": "active",
        "private": False,
        "url": one.address,
        "version": str(newest.number),
        "author": one.owner,
        "license_id": words.licence or "notspecified",
        "license_title": words.licence,
        "license_url": licence_address(words.licence),
        "owner_org": organization_name(one),
        "organization": organization(one),
        "groups": [group(words.sector, locale)] if words.sector else [],
        "tags": [tag(key) for key in words.modalities],
        "num_tags": len(words.modalities),
        "resources": [made | {"position": place} for place, made in enumerate(files)],
        "num_resources": len(files),
        "metadata_created": moment_created(one),
        "metadata_modified": moment_modified(one),
        "extras": [{"key": key, "value": str(value)} for key, value in extras.items() if value not in (None, "")],
    }


def resource(one: Subject, version: DatasetVersion) -> Made:
    """The file of a version. One that stays with its team is asked for at the card."""
    return {
        "id": f"{one.slug}-v{version.number}",
        "package_id": one.slug,
        "name": f"{one.slug}-v{version.number}",
        "description": version.changelog_en or version.changelog_zh,
        "url": version.address or one.address,
        "url_type": None,
        "format": file_format(version),
        "mimetype": version.media_type,
        "size": version.size,
        "hash": f"sha256:{version.sha256}",
        "created": version.created_at.isoformat(),
        "last_modified": version.created_at.isoformat(),
        "state": "active",
    }


def file_format(version: DatasetVersion) -> str:
    """What CKAN calls a format: CSV, ZIP, or the media type where there is no such name."""
    known = vocabularies.file_type(version.media_type)
    return known.rpartition("/")[2] if known else version.media_type


def organization_name(one: Subject) -> str:
    """The owner's name as an address: ``teams-3`` or ``organizations-`` with its key."""
    return one.owner_path.strip("/").replace("/", "-")


def organization(one: Subject) -> Made:
    name = organization_name(one)
    return {
        "id": name,
        "name": name,
        "title": one.owner,
        "type": "organization",
        "is_organization": True,
        "state": "active",
    }


def group(sector: str, locale: LocaleCode) -> Made:
    title = translate(locale, SECTORS.get(sector, sector))
    return {"id": sector, "name": sector, "title": title, "display_name": title, "type": "group", "state": "active"}


def tag(key: str) -> Made:
    return {"id": key, "name": key, "display_name": key, "state": "active", "vocabulary_id": None}


def licences() -> list[Made]:
    return [{"id": key, "title": key, "url": licence_address(key) or "", "status": "active"} for key in LICENCES]


def moment_created(one: Subject) -> str:
    return (one.published_at or one.created_at).isoformat()


def moment_modified(one: Subject) -> str:
    """When it was published or got its newest version, whichever came later."""
    return max(one.published_at or one.created_at, one.newest.created_at).isoformat()
