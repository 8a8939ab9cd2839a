"""People for the tests of accounts, what the ledger says, and a worker's round by hand."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import SimpleNamespace

from sqlmodel import col, select

from leaderboard import wiring
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Membership, Organization, Person
from leaderboard.accounts.recognition import recognise
from leaderboard.accounts.sign_in import SignedIn, Visitor, sign_in
from leaderboard.core import jobs
from leaderboard.core.ledger import LedgerLine
from leaderboard.core.work import Resources, Work

PASSWORD = "nine dragons in a lake"


def belongings(work: Work, person_id: int) -> dict[str, frozenset[int]]:
    """What recognition finds out about a person's organizations, as arguments of `Actor`."""
    query = select(Membership, Organization).join(Organization, col(Organization.id) == col(Membership.organization_id))
    rows = work.session.exec(query.where(Membership.person_id == person_id)).all()
    return {
        "organization_ids": frozenset(member.organization_id for member, _ in rows),
        "owned_ids": frozenset(member.organization_id for member, _ in rows if member.role == "owner"),
        "posting_ids": frozenset(member.organization_id for member, unit in rows if unit.posts),
        "auditing_ids": frozenset(member.organization_id for member, unit in rows if unit.audits),
    }


@dataclass
class People:
    """Puts people into the database and plays them."""

    resources: Resources
    password_hash: str
    password: str = PASSWORD
    visitor: Visitor = field(default_factory=lambda: Visitor("203.0.113.7", "Mozilla/5.0 (X11; Linux) Firefox/140.0"))

    def add(self, name: str = "Lin Xiaolan", role: str = "participant", locale: str = "en", **values: object) -> Actor:
        """A person, known by the first word of their name."""
        email = f"{name.split(maxsplit=1)[0].lower()}@songshanlake.example"
        with self.resources.write() as work:
            person = Person(
                email=email,
                name=name,
                role=role,
                locale=locale,
                password_hash=self.password_hash,
                created_at=work.now,
                **values,
            )
            work.session.add(person)
            work.session.flush()
        return self.actor(person.id)

    def actor(self, person_id: int | None, **how: object) -> Actor:
        """The person as recognition finds them in a browser without a session of its own."""
        with self.resources.read() as work:
            person = work.session.get_one(Person, person_id)
            actor = Actor(
                person_id=person.id,
                name=person.name,
                email=person.email,
                role=person.role,
                locale=person.locale,
                **belongings(work, person_id),
            )
        return replace(actor, **how)

    def sign_in(self, actor: Actor, password: str | None = None, by: Actor | None = None) -> SignedIn:
        """A real sign-in with the right password, ``by`` whoever the browser was before."""
        return sign_in(
            self.resources, by or Actor(), self.visitor, email=actor.email, password=password or self.password
        )

    def recognised(self, signed: SignedIn) -> Actor:
        """Who a request with this session's cookie comes from."""
        return recognise(self.resources, cookie=signed.key, authorization=None)

    def row(self, person_id: int | None) -> Person:
        with self.resources.read() as work:
            person = work.session.get_one(Person, person_id)
            work.session.expunge(person)
        return person


@dataclass
class Ledger:
    resources: Resources

    def lines(self, act: str | None = None) -> list[LedgerLine]:
        with self.resources.read() as work:
            rows = work.session.exec(select(LedgerLine).order_by(LedgerLine.id)).all()
            work.session.expunge_all()
        return [row for row in rows if act in {None, row.act}]


class Letterbox:
    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: SimpleNamespace) -> str:
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"


@dataclass
class PostOffice:
    """A real SMTP server, and the rounds of a worker that sends what is queued."""

    resources: Resources
    box: Letterbox

    def round(self) -> None:
        """Does every waiting job that needs no child, as the worker would."""
        now = self.resources.clock.now
        while True:
            with self.resources.write() as work:
                leased = jobs.claim(work.session, "test", now(), timedelta(seconds=30), kinds=list(wiring.PLAIN_JOBS))
            if not leased:
                return
            for job in leased:
                wiring.PLAIN_JOBS[job.kind](self.resources, job)
                with self.resources.write() as work:
                    assert jobs.finish(work.session, job, now())

    def mails(self) -> list[EmailMessage]:
        """Everything that arrived, after a round."""
        self.round()
        return self.box.mails
