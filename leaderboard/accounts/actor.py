"""Somebody who wants something: the first argument of every verb after the unit of work."""

from dataclasses import dataclass, field

from leaderboard.accounts.policy import Relation, demand


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody (or nobody: ``person_id`` None) who wants something.

    ``organization_ids``: the organizations they belong to; ``owned_ids``: those of them that they own; ``posting_ids``: those
    that may post challenges and hold events; ``auditing_ids``: those whose audits of datasets are evidence.
    ``scopes`` None: a browser or the command line; a set: a token that may do so much.
    ``sign_in`` is the hash of the browser session, so that others can be ended and this one kept; ``token_id`` is the
    API token that was shown.
    """

    person_id: int | None = None
    name: str = ""
    email: str = ""
    role: str = "participant"
    organization_ids: frozenset[int] = frozenset()
    scopes: frozenset[str] | None = None
    sign_in: str | None = field(default=None, repr=False)
    owned_ids: frozenset[int] = frozenset()
    posting_ids: frozenset[int] = frozenset()
    auditing_ids: frozenset[int] = frozenset()
    token_id: int | None = None
    locale: str = "zh"

    def relations(
        self, *, organization_id: int | None = None, also: frozenset[Relation] = frozenset()
    ) -> frozenset[Relation]:
        """What the actor is to a thing of ``organization_id`` (None: to the installation), beside ``also``.

        Whoever belongs to an organization organizes for it, whatever their own role: its owner took them in. Anyone may
        found one; that it may post challenges is the operator's word, given to it or to its founder.
        """
        if self.is_system:
            return frozenset({"operator", "founder", "host", *also})
        if self.person_id is None:
            return frozenset({"anyone"})
        found: set[Relation] = {"person", *also}
        if self.role == "operator":
            found.add("operator")
        if self.role in {"organizer", "operator"}:
            found.add("founder")
        return frozenset(found | (self._of_installation() if organization_id is None else self._of(organization_id)))

    def _of(self, organization_id: int) -> set[Relation]:
        held: dict[Relation, frozenset[int]] = {
            "organizer": self.organization_ids,
            "host": self.posting_ids,
            "auditor": self.auditing_ids,
            "owner": self.owned_ids,
        }
        return {relation for relation, ids in held.items() if organization_id in ids}

    def _of_installation(self) -> set[Relation]:
        """For things without an organization it is enough to have some: a founder's is only not founded yet."""
        held: dict[Relation, frozenset[int]] = {"organizer": self.organization_ids, "host": self.posting_ids}
        founder = self.role in {"organizer", "operator"}
        found = {relation for relation, ids in held.items() if ids or founder}
        return found | {"auditor"} if self.auditing_ids else found

    def demand(self, act: str, *, organization_id: int | None = None, also: frozenset[Relation] = frozenset()) -> None:
        """Raises unless the policy lets this actor do ``act`` to such a thing. :data:`SYSTEM` stands outside the table."""
        if self.is_system:
            return
        demand(act, self.relations(organization_id=organization_id, also=also), self.scopes)

    @property
    def is_system(self) -> bool:
        """Whether this is the command line or the worker; no request can be, as recognition always finds a person."""
        return self.person_id is None and self.role == "operator"

    @property
    def id(self) -> int:
        """The person's id. Raises LookupError for nobody: ask only after an act that needs a person was demanded."""
        if self.person_id is None:
            raise LookupError("nobody in particular has no id")
        return self.person_id


NOBODY = Actor()
SYSTEM = Actor(name="system", role="operator")
"""The command line and the worker."""
