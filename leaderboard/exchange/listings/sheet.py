"""All that a supplier says of a listing: its words in both languages and its facts; what is missing, and what has changed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any, Final, Self

from leaderboard.core.errors import FieldError, Malformed
from leaderboard.core.i18n import N_
from leaderboard.datasets.typed import Typed
from leaderboard.exchange.listings.models import ListingRow, ListingVersion
from leaderboard.terms.listing import Listing

LONGEST: Final[Mapping[str, int]] = MappingProxyType(
    {"title": 120, "summary": 1_000, "scenario": 2_000, "source": 4_000}
)

FACTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "title": N_("Title"),
        "summary": N_("Summary"),
        "source": N_("Source and lawful basis"),
        "sector": N_("Sector"),
        "task": N_("Task"),
        "modalities": N_("Kind of data"),
        "languages": N_("Languages of the content"),
        "sizes": N_("Size"),
        "capacity": N_("Capacity a week"),
        "fields": N_("Fields"),
        "regions": N_("Geography"),
        "period": N_("Period of the data"),
        "updated": N_("Newest record"),
        "deliveries": N_("Delivery"),
        "price": N_("Price"),
        "exclusivity": N_("Exclusivity"),
        "security": N_("Security class"),
        "personal": N_("Personal data"),
        "cross_border": N_("Crossing of borders"),
        "policy": N_("Terms of use"),
        "receives_from": N_("Buyers"),
        "version": N_("File"),
    }
)
"""What a version says, by key, in the order of the card; those that are no words stand in its document."""

REVIEWED: Final = frozenset({"source", "security", "personal", "cross_border", "policy"})
"""Facts of compliance: of a listing that has passed its review, a change of these waits for another one."""

_WORDS: Final = ("title", "summary", "source")
_NEEDED_OF_ALL: Final[Mapping[str, str]] = MappingProxyType(
    {
        "title": N_("Give it a title, in one language at least"),
        "summary": N_("Say in a sentence or two what it is, in one language at least"),
        "scenario": N_("Say what it is for, in one language at least: without a scenario of use nothing is registered"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The texts of a listing. Empty ones are missing."""

    title_en: str = ""
    title_zh: str = ""
    summary_en: str = ""
    summary_zh: str = ""
    scenario_en: str = ""
    scenario_zh: str = ""
    source_en: str = ""
    source_zh: str = ""

    @classmethod
    def typed(cls, form: Mapping[str, str]) -> Self:
        """From a form."""
        typed = Typed(form)
        return cls(**{name: typed.text(name) for name in cls.__slots__})

    @classmethod
    def of(cls, row: ListingRow, version: ListingVersion) -> Self:
        """As they stand in a version; the scenario is the listing's."""
        scenario = {"scenario_en": row.scenario_en, "scenario_zh": row.scenario_zh}
        said = {name: getattr(version, name) for name in cls.__slots__ if name not in scenario}
        return cls(**said, **scenario)

    def has(self, name: str) -> bool:
        """Whether there is such a text, in one language at least."""
        return bool(getattr(self, f"{name}_en") or getattr(self, f"{name}_zh"))

    def versioned(self) -> dict[str, str]:
        """What a version keeps of them."""
        return {name: text for name, text in asdict(self).items() if not name.startswith("scenario")}

    def faults(self) -> Iterator[FieldError]:
        """What is too long; what is missing is no fault of a draft."""
        for name, text in asdict(self).items():
            most = LONGEST[name.rpartition("_")[0]]
            if len(text) > most:
                yield FieldError(name, N_("At most {most} characters"), {"most": most})


@dataclass(frozen=True, slots=True)
class Sheet:
    """Words and facts as they were handed in. ``faults``: what could not be read, so that the facts lack it.

    ``listing`` counts without key, version, supplier, home and evidence: these are not the supplier's to say.
    """

    words: Wording
    listing: Listing
    faults: tuple[FieldError, ...] = field(default=())

    def demand_sound(self) -> None:
        """Raises Malformed with every fault at once."""
        faults = (*self.faults, *self.words.faults())
        if faults:
            raise Malformed("listings.form", N_("Some of what was entered cannot be used."), fields=faults)

    def demand_complete(self) -> None:
        """Raises Malformed, naming all that a listing needs before it can be reviewed and this one lacks."""
        missing = tuple(self.missing())
        if missing:
            raise Malformed(
                "listings.incomplete",
                N_("The listing is not complete yet; what is missing is named below."),
                fields=missing,
            )

    def missing(self) -> Iterator[FieldError]:
        """One for each fact that is missing. Services need not say what only data have."""
        for name, sentence in _NEEDED_OF_ALL.items():
            if not self.words.has(name):
                yield FieldError(f"{name}_zh", sentence)
        if self.listing.kind == "dataset":
            yield from self._missing_of_data()
        if not self.listing.deliveries:
            yield FieldError("deliveries", N_("Choose at least one way of delivery"))
        if self.listing.price is None:
            yield FieldError("price_model", N_("Say what it costs, or that the price is on request"))

    def _missing_of_data(self) -> Iterator[FieldError]:
        if not self.words.has("source"):
            yield FieldError("source_zh", N_("Say where the data come from and by what right you offer them"))
        if self.listing.sector is None:
            yield FieldError("sector", N_("Choose one of the sectors"))
        if not self.listing.modalities:
            yield FieldError("modalities", N_("Choose at least one kind of data"))
        if self.listing.security is None:
            yield FieldError("security", N_("Choose the security class"))
        if self.listing.personal is None:
            yield FieldError("personal", N_("Say whether there are personal data in it"))
        if not self.listing.policy.permissions:
            yield FieldError("licence", N_("Permit something: choose a licence, or write terms of your own"))


def changed(before: ListingVersion, after: ListingVersion, *, of_card: bool) -> tuple[str, ...]:
    """The keys of `FACTS` in which two versions differ; a listing without a card has no file that could be another."""
    return tuple(key for key in FACTS if (of_card or key != "version") and _of(before, key) != _of(after, key))


def _of(version: ListingVersion, key: str) -> Any:
    if key in _WORDS:
        return getattr(version, f"{key}_en"), getattr(version, f"{key}_zh")
    return _unordered(version.document.get(key))


def _unordered(fact: Any) -> Any:
    """Clauses, regions, ways of delivery … in another order say the same."""
    if isinstance(fact, dict):
        return {name: _unordered(part) for name, part in fact.items()}
    return sorted(map(_unordered, fact), key=repr) if isinstance(fact, list) else fact


def needs_review(keys: Iterable[str]) -> bool:
    """Whether a change of these facts waits for the operator.

    >>> needs_review(["title", "price"]), needs_review(["price", "policy"])
    (False, True)
    """
    return not REVIEWED.isdisjoint(keys)
