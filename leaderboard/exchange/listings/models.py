"""Tables of listings and their versions."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Column, Index, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from leaderboard.core.database import Instant, JsonColumn
from leaderboard.exchange.listings.states import State

Holder = Literal["", "operator", "card"]


class ListingRow(SQLModel, table=True):
    """What an organization offers: a dataset, with a card or without, or a service. Its facts are in its versions."""

    __tablename__ = "listing"
    __table_args__ = (Index("ix_listing_state", "state", "listed_at"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, description="its address, never changed")
    organization_id: int = Field(foreign_key="organization.id", index=True)
    dataset_id: int | None = Field(
        default=None, foreign_key="dataset.id", index=True, description="the card it is about"
    )
    kind: str = Field(description="dataset, or the kind of service, as in `terms.words.KINDS`")
    state: State = Field(default=State.DRAFT, sa_type=String)
    version: int = Field(default=1, description="number of the version that holds")
    proposed: int | None = Field(default=None, description="number of a later version that waits for review")
    proposed_at: datetime | None = Field(default=None, sa_type=Instant)
    scenario_en: str = ""
    scenario_zh: str = ""
    review_note: str = Field(default="", description="what the operator wrote to the last decision")
    held_by: Holder = Field(default="", sa_type=String, description="who suspended it; card: its card was withdrawn")
    created_at: datetime = Field(sa_type=Instant)
    submitted_at: datetime | None = Field(default=None, sa_type=Instant)
    review_at: datetime | None = Field(default=None, sa_type=Instant, description="taken up by the operator")
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    registered_at: datetime | None = Field(default=None, sa_type=Instant)
    listed_at: datetime | None = Field(default=None, sa_type=Instant, description="for the first time")
    confirmed_at: datetime | None = Field(
        default=None, sa_type=Instant, description="its owner last said that it holds"
    )
    ended_at: datetime | None = Field(default=None, sa_type=Instant, description="withdrawn or rejected")


class ListingVersion(SQLModel, table=True):
    """What a listing said at one time; nothing of it changes afterwards, but `holds_from` is written once.

    ``document`` is a `terms.listing.Listing` without evidence: that is read from the dataset's card when it is asked for.
    """

    __tablename__ = "listing_version"
    __table_args__ = (UniqueConstraint("listing_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    listing_id: int = Field(foreign_key="listing.id")
    number: int = Field(description="1, 2, 3 … within the listing")
    title_en: str = ""
    title_zh: str = ""
    summary_en: str = ""
    summary_zh: str = ""
    source_en: str = Field(default="", description="where the data come from, and by what right they are offered")
    source_zh: str = ""
    document: dict[str, Any] = Field(sa_column=Column(JsonColumn, nullable=False))
    sha256: str = Field(description="of the words and the document")
    created_at: datetime = Field(sa_type=Instant)
    created_by: int | None = Field(default=None, foreign_key="person.id", description="None: followed from its card")
    holds_from: datetime | None = Field(
        default=None, sa_type=Instant, description="since when it is shown; None: never yet"
    )
