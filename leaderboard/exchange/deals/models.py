"""Tables of deals, of everything that is said and signed in them, and of what changes hands."""

from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import BigInteger, Column, Index, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from leaderboard.core.database import Instant, JsonColumn
from leaderboard.exchange.deals.states import Side, State, Turn

SampleState = Literal["requested", "approved", "denied", "fulfilled", "expired", "revoked", "failed"]
Measuring = Literal["none", "waiting", "measured", "failed"]


class Deal(SQLModel, table=True):
    """A supplier and a demander about one listing, with or without a demand behind it.

    ``blind``: the supplier does not learn who the demander is before both have shown interest (``met_at``).
    ``auditor_of_supplier`` and ``auditor_of_demander`` are what each side named: an organization's id, 0 for none needed, None
    for not said; ``auditor_id`` is the one that both named.
    """

    __table_args__ = (
        Index("ix_deal_supplier", "supplier_id", "state"),
        Index("ix_deal_demander", "demander_id", "state"),
        Index("ix_deal_about", "listing_id", "demander_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, description="drawn by lot: it tells nothing")
    listing_id: int = Field(foreign_key="listing.id")
    demand_id: int | None = Field(default=None, foreign_key="demand.id", index=True)
    supplier_id: int = Field(foreign_key="organization.id")
    demander_id: int = Field(foreign_key="organization.id")
    auditor_id: int | None = Field(default=None, foreign_key="organization.id", index=True)
    auditor_of_supplier: int | None = None
    auditor_of_demander: int | None = None
    begun_by: Side = Field(sa_type=String)
    blind: bool = False
    state: State = Field(default=State.INTEREST, sa_type=String)
    turn: Turn = Field(default="", sa_type=String)
    reason: str = Field(default="", description="why it ended, a key of `states.REASONS`")
    sector: str = Field(default="", description="of the listing, so that deals can be counted")
    created_at: datetime = Field(sa_type=Instant)
    moved_at: datetime = Field(sa_type=Instant, description="last change of state or turn")
    met_at: datetime | None = Field(default=None, sa_type=Instant, description="both sides have shown interest")
    agreed_at: datetime | None = Field(default=None, sa_type=Instant)
    settled_at: datetime | None = Field(default=None, sa_type=Instant)


class DealStep(SQLModel, table=True):
    """One move that was made; never changed. The same ``message_id`` again is the same move, not another one."""

    __tablename__ = "deal_step"
    __table_args__ = (UniqueConstraint("deal_id", "message_id"),)

    id: int | None = Field(default=None, primary_key=True)
    deal_id: int = Field(foreign_key="deal.id")
    message_id: str
    move: str = Field(description="a key of `states.MOVES`, or begin")
    side: Side = Field(sa_type=String)
    person_id: int | None = Field(default=None, foreign_key="person.id")
    body_sha256: str = Field(description="of the move and its body")
    before: str
    after: str
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JsonColumn, nullable=False))
    at: datetime = Field(sa_type=Instant)


class DealFile(SQLModel, table=True):
    """A file that one side put into a deal: downloaded as an attachment, never opened here outside the sandbox."""

    __tablename__ = "deal_file"

    id: int | None = Field(default=None, primary_key=True)
    deal_id: int = Field(foreign_key="deal.id", index=True)
    side: Side = Field(sa_type=String)
    person_id: int = Field(foreign_key="person.id")
    name: str
    size: int = Field(sa_type=BigInteger)
    sha256: str
    storage_key: str = Field(unique=True)
    at: datetime = Field(sa_type=Instant)


class DealMessage(SQLModel, table=True):
    """What somebody wrote to the others in the deal."""

    __tablename__ = "deal_message"

    id: int | None = Field(default=None, primary_key=True)
    deal_id: int = Field(foreign_key="deal.id", index=True)
    side: Side = Field(sa_type=String)
    person_id: int = Field(foreign_key="person.id")
    text: str
    file_id: int | None = Field(default=None, foreign_key="deal_file.id")
    at: datetime = Field(sa_type=Instant)


class DealReader(SQLModel, table=True):
    """Until when a person has seen a deal."""

    __tablename__ = "deal_reader"

    deal_id: int = Field(foreign_key="deal.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True)
    seen_at: datetime = Field(sa_type=Instant)


class DealDigest(SQLModel, table=True):
    """When a person was last written to about news in deals."""

    __tablename__ = "deal_digest"

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    sent_at: datetime = Field(sa_type=Instant)


class DealSample(SQLModel, table=True):
    """A sample that a demander asked for. ``secret`` decides which rows it has and in which order: whoever leaks it is found.

    ``threshold``: the largest keyed hash of its rows (hexadecimal), ``of_rows``: out of how many they were drawn.
    """

    __tablename__ = "deal_sample"

    id: int | None = Field(default=None, primary_key=True)
    deal_id: int = Field(foreign_key="deal.id", index=True)
    state: SampleState = Field(default="requested", sa_type=String)
    rows: int = Field(description="asked for; after approval, allowed")
    purpose: str = ""
    asked_by: int = Field(foreign_key="person.id")
    asked_at: datetime = Field(sa_type=Instant)
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    expires_at: datetime | None = Field(default=None, sa_type=Instant)
    reason: str = Field(default="", description="why it was denied, taken back, or could not be made")
    source_id: int | None = Field(
        default=None, foreign_key="deal_file.id", description="uploaded by the supplier for it"
    )
    secret: str = Field(repr=False)
    storage_key: str | None = None
    sha256: str | None = None
    made_rows: int | None = None
    of_rows: int | None = None
    threshold: str | None = None


class DealSampleDownload(SQLModel, table=True):
    """Somebody fetched a sample."""

    __tablename__ = "deal_sample_download"

    id: int | None = Field(default=None, primary_key=True)
    sample_id: int = Field(foreign_key="deal_sample.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    at: datetime = Field(sa_type=Instant)


class DealNda(SQLModel, table=True):
    """The confidentiality agreement of a deal as it was first signed; the other side signs the very same text."""

    __tablename__ = "deal_nda"

    deal_id: int = Field(foreign_key="deal.id", primary_key=True)
    template: int = Field(description="number of the template")
    template_sha256: str
    text_en: str
    text_zh: str
    sha256: str = Field(description="of both texts: what is signed")
    made_at: datetime = Field(sa_type=Instant)


class DealSignature(SQLModel, table=True):
    """A side has signed the confidentiality agreement."""

    __tablename__ = "deal_signature"

    deal_id: int = Field(foreign_key="deal.id", primary_key=True)
    side: Side = Field(primary_key=True, sa_type=String)
    person_id: int = Field(foreign_key="person.id")
    sha256: str
    at: datetime = Field(sa_type=Instant)


class DealOffer(SQLModel, table=True):
    """Terms that one side named: a request of the demander or an offer of the supplier. ``document`` is an `offers.Terms`."""

    __tablename__ = "deal_offer"
    __table_args__ = (UniqueConstraint("deal_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    deal_id: int = Field(foreign_key="deal.id")
    number: int = Field(description="1, 2, 3 … within the deal")
    side: Side = Field(sa_type=String)
    person_id: int = Field(foreign_key="person.id")
    document: dict[str, Any] = Field(sa_column=Column(JsonColumn, nullable=False))
    sha256: str
    valid_until: date
    note: str = ""
    at: datetime = Field(sa_type=Instant)


class DealAgreement(SQLModel, table=True):
    """What both sides agreed on, frozen. A further one only after the auditor returned the one before."""

    __tablename__ = "deal_agreement"

    id: int | None = Field(default=None, primary_key=True)
    deal_id: int = Field(foreign_key="deal.id", index=True)
    offer_id: int = Field(foreign_key="deal_offer.id")
    document: dict[str, Any] = Field(sa_column=Column(JsonColumn, nullable=False))
    sha256: str
    findings: str = Field(default="", description="of the auditor who returned it")
    signed_by: int | None = Field(default=None, foreign_key="person.id", description="of the auditor, or the demander")
    signed_at: datetime | None = Field(default=None, sa_type=Instant)
    at: datetime = Field(sa_type=Instant)


class DealDelivery(SQLModel, table=True):
    """One delivery: a file that is kept here and measured again, or an address with the hash of what lies there."""

    __tablename__ = "deal_delivery"
    __table_args__ = (UniqueConstraint("deal_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    deal_id: int = Field(foreign_key="deal.id")
    number: int = Field(description="1, 2, 3 … within the deal")
    file_id: int | None = Field(default=None, foreign_key="deal_file.id")
    address: str = ""
    sha256: str
    measuring: Measuring = Field(default="none", sa_type=String)
    quality_key: str | None = Field(default=None, description="the report on this very file, JSON")
    failure: str = Field(default="", description="why it could not be measured: a sentence to be translated")
    verdict: str = Field(default="", description="accepted or rejected by the demander")
    note: str = ""
    at: datetime = Field(sa_type=Instant)


class DealRating(SQLModel, table=True):
    """One side's word on the other, 1 to 5; nobody sees it before both have spoken or the time is over."""

    __tablename__ = "deal_rating"

    deal_id: int = Field(foreign_key="deal.id", primary_key=True)
    side: Side = Field(primary_key=True, sa_type=String)
    rated_id: int = Field(foreign_key="organization.id", index=True, description="whom it is about")
    person_id: int = Field(foreign_key="person.id")
    described: int = Field(description="as described; of a demander: terms kept")
    punctual: int
    spoken: int = Field(description="communication")
    note: str = ""
    at: datetime = Field(sa_type=Instant)
