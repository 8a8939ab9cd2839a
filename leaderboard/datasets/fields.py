"""What people type about a dataset, brought to one form, or the sentences that say what is wrong or missing."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Self
from urllib.parse import urlsplit

from challenges.facets import MODALITIES, SECTORS
from challenges.licences import LICENCES
from leaderboard.core.errors import FieldError, Malformed
from leaderboard.core.i18n import N_
from leaderboard.datasets import columns as said
from leaderboard.datasets import usage, usage_form
from leaderboard.datasets.columns import Column
from leaderboard.datasets.models import Dataset
from leaderboard.datasets.typed import Typed
from leaderboard.terms.policy import Policy

LONGEST: Final[Mapping[str, int]] = MappingProxyType(
    {"title": 120, "summary": 1_000, "provenance": 4_000, "citation": 1_000}
)
LONGEST_CHANGELOG: Final = 1_000
LONGEST_ADDRESS: Final = 500
MOST_LANGUAGES: Final = 20
LEAST_WRONG_COUNT: Final = 10**15
NEEDED: Final[Mapping[str, str]] = {
    "title": N_("Give it a title, in one language at least"),
    "summary": N_("Say in a sentence or two what it is, in one language at least"),
    "provenance": N_("Say where the data comes from, in one language at least"),
}
_TAG: Final = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_MEDIA_TYPE: Final = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]{0,80}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CardWords:
    """All that people write on a card. Empty texts are missing; tags of languages are BCP 47.

    own      what the owner says of its use beside the licence
    unread   what was typed of that and cannot be read
    """

    title_en: str = ""
    title_zh: str = ""
    summary_en: str = ""
    summary_zh: str = ""
    provenance_en: str = ""
    provenance_zh: str = ""
    citation_en: str = ""
    citation_zh: str = ""
    sector: str = ""
    modalities: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    licence: str = ""
    own: Policy = usage.NOTHING
    unread: tuple[FieldError, ...] = ()

    @classmethod
    def typed(cls, form: Mapping[str, str]) -> Self:
        """From a form: ``modality-table`` and so on are boxes, ``languages`` is a list with commas or spaces."""
        typed = Typed(form)
        licence = typed.text("licence")
        own = usage.beside(licence, usage_form.rules(typed))
        texts = {name: typed.text(name) for key in LONGEST for name in (f"{key}_en", f"{key}_zh")}
        return cls(
            **texts,
            sector=typed.text("sector"),
            modalities=typed.boxes("modality", MODALITIES),
            languages=typed.words("languages"),
            licence=licence,
            own=own,
            unread=tuple(typed.faults),
        )

    @classmethod
    def of(cls, dataset: Dataset) -> Self:
        """As they stand on a card."""
        kept = {name: getattr(dataset, name) for name in _KEPT}
        lists = {"modalities": tuple(dataset.modalities), "languages": tuple(dataset.languages)}
        return cls(**kept | lists, own=Policy.model_validate(dataset.own_terms, strict=False))

    def write(self, dataset: Dataset) -> None:
        """Puts them on a card."""
        for name in _KEPT:
            value = getattr(self, name)
            setattr(dataset, name, list(value) if isinstance(value, tuple) else value)
        dataset.own_terms = self.own.model_dump(mode="json", exclude_defaults=True)

    def demand_complete(self) -> None:
        """Raises Malformed, naming all that a published card needs and this one lacks."""
        missing = [*self._missing()]
        if missing:
            raise Malformed(
                "datasets.incomplete",
                N_("The card is not complete yet; what is missing is named below."),
                fields=missing,
            )

    def faults(self) -> Iterator[FieldError]:
        """What is wrong with what is there; what is missing is no fault of a draft."""
        for key, most in LONGEST.items():
            for name in (f"{key}_en", f"{key}_zh"):
                if len(getattr(self, name)) > most:
                    yield FieldError(name, N_("At most {most} characters"), {"most": most})
        if self.sector and self.sector not in SECTORS:
            yield FieldError("sector", N_("Choose one of the sectors"))
        if not set(self.modalities) <= set(MODALITIES):
            yield FieldError("modalities", N_("Choose among the kinds of data"))
        wrong = next((tag for tag in self.languages if not _TAG.fullmatch(tag)), None)
        if wrong is not None or len(self.languages) > MOST_LANGUAGES:
            yield FieldError("languages", N_("Write tags such as zh, en or yue, with commas between them"))
        if self.licence and self.licence not in LICENCES:
            yield FieldError("licence", N_("Choose one of the licences"))
        yield from self.unread
        yield from usage.faults(self.licence, self.own)

    def _missing(self) -> Iterator[FieldError]:
        for key, sentence in NEEDED.items():
            if not getattr(self, f"{key}_en") and not getattr(self, f"{key}_zh"):
                yield FieldError(f"{key}_zh", sentence)
        if not self.sector:
            yield FieldError("sector", N_("Choose one of the sectors"))
        if not self.modalities:
            yield FieldError("modalities", N_("Choose at least one kind of data"))
        if not self.licence and not self.own.permissions:
            yield FieldError(
                "licence", N_("Choose the licence under which others may use it, or permit something on your own terms")
            )


_KEPT: Final = tuple(name for name in CardWords.__slots__ if name not in {"own", "unread"})
"""What a card keeps under the same name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A file that is kept elsewhere. ``size`` in bytes and ``rows``: None where nobody says; ``columns``: () where nobody does.

    unread   what was typed of columns and counts and cannot be read
    """

    address: str
    sha256: str
    media_type: str
    size: int | None = None
    rows: int | None = None
    columns: tuple[Column, ...] = ()
    unread: tuple[FieldError, ...] = ()

    @classmethod
    def typed(cls, form: Mapping[str, str]) -> Self:
        """From a form."""
        typed = Typed(form)
        counts = {name: typed.count(name, LEAST_WRONG_COUNT - 1) for name in ("size", "rows")}
        columns = said.of_lines(typed, "columns")
        return cls(
            columns=columns,
            unread=tuple(typed.faults),
            address=typed.text("address"),
            sha256=typed.text("sha256").lower(),
            media_type=typed.text("media_type").lower(),
            **counts,
        )

    def faults(self) -> Iterator[FieldError]:
        """What is wrong with it."""
        if not _is_https(self.address):
            yield FieldError("address", N_("Enter an address that begins with https:// and holds no password"))
        if not _DIGEST.fullmatch(self.sha256):
            yield FieldError("sha256", N_("Enter the SHA-256 of the file: 64 digits from 0 to 9 and a to f"))
        if not _MEDIA_TYPE.fullmatch(self.media_type):
            yield FieldError("media_type", N_("Enter a media type such as text/csv"))
        for name, count in (("size", self.size), ("rows", self.rows)):
            if count is not None and not 0 <= count < LEAST_WRONG_COUNT:
                yield FieldError(name, N_("Write a whole number, or leave it empty"))
        yield from self.unread


@dataclass(frozen=True, slots=True)
class Changelog:
    """What is new in a version, in one language or both, or in none."""

    en: str = ""
    zh: str = ""

    @classmethod
    def typed(cls, form: Mapping[str, str]) -> Self:
        """From a form."""
        typed = Typed(form)
        return cls(typed.text("changelog_en"), typed.text("changelog_zh"))

    def faults(self) -> Iterator[FieldError]:
        """What is wrong with it."""
        for name, text in (("changelog_en", self.en), ("changelog_zh", self.zh)):
            if len(text) > LONGEST_CHANGELOG:
                yield FieldError(name, N_("At most {most} characters"), {"most": LONGEST_CHANGELOG})


def consent_faults(consent: bool) -> Iterator[FieldError]:
    """Nothing is published where nobody agreed."""
    if not consent:
        yield FieldError("consent", N_("Nothing is published before you have agreed to it"))


def refuse(faults: Iterable[FieldError]) -> None:
    """Raises Malformed with every fault at once; returns when there is none."""
    found = tuple(faults)
    if found:
        raise Malformed("datasets.form", N_("Some of what was entered cannot be used."), fields=found)


def _is_https(address: str) -> bool:
    if len(address) > LONGEST_ADDRESS or re.search(r"\s", address):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc
