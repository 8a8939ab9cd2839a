"""What the API of imports gives, typed."""

from typing import Self

from pydantic import BaseModel, Field

from leaderboard.core.i18n import LocaleCode, translate
from leaderboard.datasets.standards.reading.notes import Understood


class WrongOut(BaseModel):
    """A property whose value could not be used, or not as it was."""

    property: str
    detail: str


class ImportOut(BaseModel):
    """The drafts that were made, and what became of the description's properties."""

    slug: str = Field(description="of the card")
    listing: str | None = Field(description="key of the listing; null: none was asked for")
    kind: str = Field(description="such as Croissant 1.1 or Frictionless")
    used: list[str] = Field(description="paths of properties that are on the card now")
    unused: list[str] = Field(description="paths of properties that no field of a card holds")
    unnamed: int = Field(description="how many more were not used")
    wrong: list[WrongOut]

    @classmethod
    def of(cls, slug: str, listing: str | None, found: Understood, locale: LocaleCode) -> Self:
        wrong = [
            WrongOut(property=one.field, detail=translate(locale, one.message, **dict(one.params)))
            for one in found.wrong
        ]
        return cls(
            slug=slug,
            listing=listing,
            kind=found.kind,
            used=list(found.used),
            unused=list(found.unused),
            unnamed=found.unnamed,
            wrong=wrong,
        )
