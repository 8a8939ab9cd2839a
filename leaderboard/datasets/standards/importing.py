"""A description that somebody else wrote becomes a draft: through the form, where a person completes it, or at once by the API."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

from leaderboard.accounts.actor import Actor
from leaderboard.core.errors import FieldError, Malformed
from leaderboard.core.work import Work
from leaderboard.datasets import making
from leaderboard.datasets import pages as made
from leaderboard.datasets.fields import Reference
from leaderboard.datasets.models import Dataset
from leaderboard.datasets.standards.reading.notes import Understood
from leaderboard.datasets.standards.reading.understood import understood
from leaderboard.ui.forms import Form


@dataclass(frozen=True)
class ImportPage:
    """The form that takes a description."""

    form: Form


@dataclass(frozen=True, kw_only=True)
class ImportedPage(made.EditPage):
    """The form of a new dataset, filled in from a description, and what became of each of its properties."""

    found: Understood

    @classmethod
    def of(cls, page: made.EditPage, found: Understood) -> Self:
        return cls(**{one.name: getattr(page, one.name) for one in fields(page)}, found=found)


def import_page(actor: Actor, form: Form | None = None) -> ImportPage:
    """The form. Raises SignInNeeded."""
    actor.demand("dataset.refer")
    return ImportPage(form or Form())


def imported_page(work: Work, actor: Actor, found: Understood) -> ImportedPage:
    """The draft to be completed and saved. Raises SignInNeeded."""
    return ImportedPage.of(made.new_page(work, actor, Form(typed(found))), found)


def read(description: bytes) -> Understood:
    """What a person pasted or chose. Raises Malformed with the fault beside the field."""
    try:
        return understood(description)
    except Malformed as error:
        raise Malformed(
            error.id, error.message, fields=(FieldError("description", error.message, error.params),), **error.params
        ) from None


def typed(found: Understood) -> dict[str, str]:
    """A draft as the form of a new dataset would send it."""
    words = found.words
    texts = {name: value for name in words.__slots__ if isinstance(value := getattr(words, name), str)}
    return {
        **texts,
        **{f"modality-{key}": "yes" for key in words.modalities},
        "languages": ", ".join(words.languages),
        "address": found.address,
        "sha256": found.sha256,
        "media_type": found.media_type,
        "size": "" if found.size is None else str(found.size),
    }


def create(work: Work, actor: Actor, data: bytes, *, owner: str, said: Mapping[str, str]) -> tuple[Dataset, Understood]:
    """A draft out of a description. ``said``: address, sha256 and media_type where they are known better, or are missing in it.

    Raises Malformed: for what is no description, and for what a version needs and nobody said.
    """
    actor.demand("dataset.refer")
    found = understood(data)
    reference = Reference.typed(typed(found) | {name: text for name, text in said.items() if text})
    return making.create_by_reference(work, actor, owner=owner, words=found.words, reference=reference), found
