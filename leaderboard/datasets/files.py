"""Where the file of a version is, for those who may have it."""

from pathlib import Path

from leaderboard.core.work import Work
from leaderboard.datasets.models import DatasetVersion
from leaderboard.submissions.models import Submission


def key_of(work: Work, version: DatasetVersion) -> str | None:
    """The storage key of an uploaded or submitted file; None for one that is kept elsewhere."""
    if version.submission_id is not None:
        return work.session.get_one(Submission, version.submission_id).storage_key
    return version.storage_key


def path_of(work: Work, version: DatasetVersion) -> Path | None:
    """The file itself, to be read only; None for one that is kept elsewhere. Raises FileNotFoundError when it is gone."""
    key = key_of(work, version)
    return None if key is None else work.storage.path(key)
