"""Demands for programs: what the pages show, and one's own demands written and sent on their way by the rules of the pages."""

from collections.abc import Callable

from fastapi import APIRouter, Request, Response

from leaderboard.accounts.access import CurrentActor, act
from leaderboard.core.errors import FieldError, Malformed
from leaderboard.core.web import Held, ReadWork
from leaderboard.core.work import Resources, Work
from leaderboard.exchange.demands import gaps, listing, making, out, service, showing
from leaderboard.exchange.demands.models import DemandRow
from leaderboard.exchange.demands.routes import Wanted
from leaderboard.ui.respond import locale_of

api = APIRouter(tags=["exchange"])

READ, MINE, CREATE = act("exchange.read"), act("exchange.save"), act("demand.create")
OWN, EDIT, WITHDRAW = act("demand.read_draft"), act("demand.edit"), act("demand.withdraw")

# What everybody may read


@api.get("/demands", dependencies=[READ])
def demand_list(request: Request, held: Held, work: ReadWork, actor: CurrentActor, wanted: Wanted) -> out.DemandList:
    """The open demands that you may see, sifted as on the page of the same address."""
    content = listing.listed(work, actor, wanted)
    showing.note(held, actor, content.shown)
    return out.DemandList.of(content, locale_of(request))


@api.get("/demands/mine", dependencies=[MINE])
def own_list(work: ReadWork, actor: CurrentActor) -> out.OwnList:
    """The demands of your organizations in every state, the latest first."""
    actor.demand("exchange.save")
    return out.OwnList.of(listing.mine(work, actor))


@api.get("/demands/{key}", dependencies=[READ])
def demand_by_key(request: Request, key: str, held: Held, work: ReadWork, actor: CurrentActor) -> out.DemandOut:
    """A demand as far as you may see it; its facts in the language of Accept-Language."""
    seen = showing.seen(work, actor, key)
    showing.note(held, actor, [(key, seen.tier)])
    return out.DemandOut.of(seen, locale_of(request))


@api.get("/exchange/gaps", dependencies=[READ])
def gap_list(request: Request, work: ReadWork, actor: CurrentActor) -> out.GapReport:
    """What was asked for and not found, by sector and kind of data."""
    return out.GapReport.of(gaps.gaps(work, actor), locale_of(request))


# One's own


def _own(request: Request, held: Resources, deed: Callable[[Work], DemandRow]) -> out.OwnDemand:
    """Does the deed. A refusal names each fault with the place in the body where it stands."""
    locale = locale_of(request)
    try:
        with held.write() as work:
            return out.OwnDemand.of(work, deed(work), locale)
    except Malformed as error:
        typed = [FieldError(out.place(one.field), one.message, one.params) for one in error.fields]
        fields = [*typed, *(out.in_document(finding, locale) for finding in error.findings)]
        raise Malformed(error.id, error.message, fields=fields, **error.params) from None


@api.get("/demands/{key}/document", dependencies=[OWN])
def own_demand(request: Request, key: str, work: ReadWork, actor: CurrentActor) -> out.OwnDemand:
    """Your demand as you write it, with its document and what in it cannot be had at once."""
    return out.OwnDemand.of(work, service.demand_for(work, actor, key, "demand.read_draft"), locale_of(request))


@api.post("/demands", dependencies=[CREATE], status_code=201)
def create(request: Request, response: Response, held: Held, actor: CurrentActor, said: out.DemandNew) -> out.OwnDemand:
    """Makes a draft. Sent again, as long as that draft stays as it is, it gives the same one."""
    written, faults = said.written(locale_of(request))

    def make(work: Work) -> DemandRow:
        unit = making.unit_of(work, actor, said.organization)
        return making.create(work, actor, unit, written, read=said.document is None, faults=faults)

    found = _own(request, held, make)
    response.headers["Location"] = f"/api/v1/demands/{found.key}/document"
    return found


@api.put("/demands/{key}/document", dependencies=[EDIT])
def replace(request: Request, key: str, held: Held, actor: CurrentActor, said: out.DemandChange) -> out.OwnDemand:
    """Puts all that a demand says in the place of ``version``. Sent again it changes nothing."""
    written, faults = said.written(locale_of(request))
    return _own(request, held, lambda work: making.edit(
        work, actor, key, written, base=said.version, reread=said.document is None, faults=faults
    ))  # fmt: skip


@api.post("/demands/{key}/submit", dependencies=[EDIT])
def submit(request: Request, key: str, held: Held, actor: CurrentActor) -> out.OwnDemand:
    """Hands a draft in to the operator."""
    return _own(request, held, lambda work: making.submit(work, actor, key))


@api.post("/demands/{key}/take-back", dependencies=[EDIT])
def take_back(request: Request, key: str, held: Held, actor: CurrentActor) -> out.OwnDemand:
    """Makes a draft again of what waits for the operator."""
    return _own(request, held, lambda work: making.take_back(work, actor, key))


@api.post("/demands/{key}/withdraw", dependencies=[WITHDRAW])
def withdraw(request: Request, key: str, held: Held, actor: CurrentActor) -> out.OwnDemand:
    """Takes a demand off for good."""
    return _own(request, held, lambda work: making.withdraw(work, actor, key))


@api.post("/demands/{key}/renew", dependencies=[EDIT], status_code=201)
def renew(request: Request, response: Response, held: Held, actor: CurrentActor, key: str) -> out.OwnDemand:
    """Makes a draft that asks once more for what a demand asked for that is over. Sent again it gives the same draft."""
    found = _own(request, held, lambda work: making.renew(work, actor, key))
    response.headers["Location"] = f"/api/v1/demands/{found.key}/document"
    return found
