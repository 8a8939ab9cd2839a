"""What this room tells the rooms above it, and itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class FileMeasured:
    """What became of a file whose measuring was asked for by `measuring.enqueue`.

    subject      as it was asked for, such as ``version:12`` or ``deal:7:2``
    request      what `measuring.enqueue` returned: tells an answer to an older question from one to the newest
    outcome      ``measured``; ``refused``: the file is no dataset that can be read, ``findings`` say why; ``failed``: our fault
    quality_key  where the whole quality report is stored (`evidence.read` reads it); None unless it was asked for and measured
    preview_key  where the preview is stored; None unless it was asked for and measured
    columns      of the file as it was found, each with name, type and role: see `columns.Column`; empty unless measured
    rows         records
    findings     each a `challenges.findings.Finding` as JSON; `submissions.findings.groups` turns them into sentences
    """

    subject: str
    request: str
    outcome: Literal["measured", "refused", "failed"]
    quality_key: str | None = None
    preview_key: str | None = None
    columns: tuple[Mapping[str, Any], ...] = ()
    rows: int | None = None
    findings: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class DatasetChanged:
    """A card came, went or has another version, or a version of it was measured. What the card says may be as before."""

    dataset_id: int
