"""A card with two versions, made by hand: full of signs that some form must escape."""

from dataclasses import replace
from datetime import date

from leaderboard.accounts.models import Organization
from leaderboard.datasets.audits import Audited
from leaderboard.datasets.fields import CardWords
from leaderboard.datasets.models import DatasetAudit, DatasetVersion
from leaderboard.datasets.standards.subject import Subject
from tests.conftest import NOON

WORDS = CardWords(
    title_en='Tides "quoted" \\ <b>& more',
    title_zh="潮位",
    summary_en="Two\nlines, a tab\there and no control signs: \x00\x1b\u2028",
    summary_zh="每小时的潮位。",
    provenance_en="Read off gauges; see https://gauges.example.org?a=1&b=2.",
    sector="energy",
    modalities=("table", "time-series"),
    languages=("zh", "yue", "fr"),
    licence="CC-BY-NC-4.0",
)


def version(number: int, **changes: object) -> DatasetVersion:
    return DatasetVersion(
        **{
            "id": number,
            "dataset_id": 1,
            "number": number,
            "kind": "reference",
            "sha256": f"{number:064x}",
            "address": 'https://data.example.org/a b?<"{}>^`|\\潮.csv',
            "media_type": "text/csv",
            "size": 10,
            "created_at": NOON,
            "changelog_en": "Fewer copies.",
        }
        | changes
    )


def audited(id: int = 1, **changes: object) -> Audited:
    """Of the newest version."""
    auditor = Organization(id=9, slug="lawyers", name="Recht & <Ordnung>", audits=True, created_at=NOON)
    audit = DatasetAudit(
        **{
            "id": id,
            "version_id": 2,
            "organization_id": 9,
            "matter": "personal",
            "outcome": "remarks",
            "text_en": 'One "name" & <two> \\ lines\nare left.',
            "text_zh": "仍有一处姓名。",
            "audited_on": date(2026, 11, 2),
            "report_sha256": "cd" * 32,
            "recorded_by": 1,
            "recorded_at": NOON,
        }
        | changes
    )
    return Audited(audit, auditor)


def subject(**changes: object) -> Subject:
    made = Subject(
        site="https://jiebang.example",
        slug="tides",
        state="published",
        words=WORDS,
        owner="Obst & Söhne <AG>",
        owner_path="/teams/1",
        versions=(version(2), version(1)),
        created_at=NOON,
        published_at=NOON,
    )
    return replace(made, **changes)
