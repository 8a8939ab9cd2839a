"""Demands over HTTP. A refusal shows the form again, with what was typed and why not."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from leaderboard.accounts.access import CurrentActor, act
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.forms import Done, Sent, Trail, again
from leaderboard.core.errors import JiebangError, Malformed, Refused
from leaderboard.core.i18n import N_, translate
from leaderboard.core.web import Held, Locale, ReadWork
from leaderboard.core.work import Resources, Work
from leaderboard.datasets.typed import Typed
from leaderboard.exchange.demands import gaps, listing, making, outlets, showing, typed, vetting
from leaderboard.exchange.demands import pages as made
from leaderboard.exchange.demands.content import LONGEST_NEED
from leaderboard.ui.forms import Form
from leaderboard.ui.respond import attachment, csv_file, locale_of, page, see_other

pages = APIRouter()

NAV: Final = "exchange"
READ, SAVE, CREATE = act("exchange.read"), act("exchange.save"), act("demand.create")
OWN, EDIT, WITHDRAW = act("demand.read_draft"), act("demand.edit"), act("demand.withdraw")
REVIEW, ORGANIZE = act("exchange.review"), act("challenge.create")


async def _asked(
    q: Annotated[str, Query(max_length=100, description="words to look for in titles and texts")] = "",
    sector: Annotated[str, Query(max_length=60)] = "",
    modality: Annotated[str, Query(max_length=60)] = "",
    kind: Annotated[str, Query(max_length=60, description="dataset, annotation, collection and so on")] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> listing.Asked:
    return listing.Asked(" ".join(q.split()), sector, modality, kind, number)


Wanted = Annotated[listing.Asked, Depends(_asked)]


def _done(held: Resources, deed: Callable[[Work], Any]) -> tuple[Any, JiebangError | None]:
    """Does the deed in a unit of work of its own; gives what it made, or the refusal, after which nothing of it is kept."""
    try:
        with held.write() as work:
            return deed(work), None
    except (Malformed, Refused) as error:
        return None, error


def _crumbs(request: Request, *steps: tuple[str, str | None]) -> Trail:
    return [(translate(locale_of(request), N_("Demands")), "/demands" if steps else None), *steps]


def _here(request: Request, message: str) -> Trail:
    return _crumbs(request, (translate(locale_of(request), message), None))


def _number(text: str) -> int:
    """A number of ours that a form carries; 0, which nothing has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


# The list


@pages.get("/{locale}/demands", dependencies=[READ])
def demands(
    request: Request, locale: Locale, held: Held, work: ReadWork, actor: CurrentActor, wanted: Wanted
) -> Response:
    content = listing.listed(work, actor, wanted)
    showing.note(held, actor, content.shown)
    return page(request, "exchange/demand_list.html", content, nav=NAV, breadcrumbs=_crumbs(request))


@pages.get("/{locale}/demands.csv", dependencies=[READ])
def demands_csv(locale: Locale, held: Held, work: ReadWork, actor: CurrentActor, wanted: Wanted) -> Response:
    content = listing.listed(work, actor, wanted)
    showing.note(held, actor, content.shown)
    return csv_file("demands", *listing.table(content, locale))


@pages.get("/{locale}/demands/mine", dependencies=[SAVE])
def mine(request: Request, locale: Locale, work: ReadWork, actor: CurrentActor) -> Response:
    content = made.mine_page(work, actor)
    crumbs = _here(request, N_("My demands"))
    return page(request, "exchange/demand_mine.html", content, nav=NAV, breadcrumbs=crumbs)


# Writing


@pages.get("/{locale}/demands/new", dependencies=[SAVE])
def new(
    request: Request,
    locale: Locale,
    work: ReadWork,
    actor: CurrentActor,
    need_zh: Annotated[str, Query(max_length=LONGEST_NEED)] = "",
    need_en: Annotated[str, Query(max_length=LONGEST_NEED)] = "",
) -> Response:
    given = {"need_zh": need_zh, "need_en": need_en}
    content = made.new_page(work, actor, Form({key: text for key, text in given.items() if text}))
    crumbs = _here(request, N_("New demand"))
    return page(request, "exchange/demand_new.html", content, nav=NAV, breadcrumbs=crumbs)


@pages.post("/{locale}/demands/new", dependencies=[CREATE])
def create(request: Request, locale: Locale, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    id = _number(sent["organization"])
    key, error = _done(held, lambda work: making.create(work, actor, id, typed.texts(sent)).key)
    if error is None:
        return see_other(request, f"/demands/{key}/edit")
    with held.read() as work:
        content = made.new_page(work, actor, Form.refused(sent, error))
    return again(request, "exchange/demand_new.html", content, error, _here(request, N_("New demand")))


@pages.get("/{locale}/demands/{key}/edit", dependencies=[EDIT])
def edit_form(
    request: Request, locale: Locale, key: str, work: ReadWork, actor: CurrentActor, done: Done = ""
) -> Response:
    content = made.edit_page(work, actor, key, done=done)
    crumbs = _edit_crumbs(request, content)
    return page(request, "exchange/demand_edit.html", content, nav=NAV, breadcrumbs=crumbs)


@pages.post("/{locale}/demands/{key}/edit", dependencies=[EDIT])
def edit(request: Request, locale: Locale, key: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    """Saves; ``do`` says what then: read the texts again, or hand the demand in. What was saved stays saved if that is refused."""
    _, error = _done(held, lambda work: _save(work, actor, key, sent))
    if error is None and sent["do"] == "submit":
        _, error = _done(held, lambda work: making.submit(work, actor, key))
        if error is None:
            return see_other(request, f"/demands/{key}")
    if error is None:
        return see_other(request, f"/demands/{key}/edit?done={'read' if sent['do'] == 'read' else 'saved'}")
    return _edit_again(request, key, held, actor, sent, error)


def _save(work: Work, actor: Actor, key: str, sent: Mapping[str, str]) -> None:
    said, faults = typed.written(sent)
    base, reread = _number(sent["version"]), sent["do"] == "read"
    making.edit(work, actor, key, said, base=base, reread=reread, faults=faults)


def _edit_again(
    request: Request, key: str, held: Resources, actor: Actor, sent: Mapping[str, str], error: JiebangError
) -> Response:
    said, faults = typed.written(sent)
    with held.read() as work:
        content = made.edit_page(work, actor, key, form=Form.refused(sent, error), typed_now=None if faults else said)
    return again(request, "exchange/demand_edit.html", content, error, _edit_crumbs(request, content))


def _edit_crumbs(request: Request, content: made.EditPage) -> Trail:
    title = content.title.said(locale_of(request))
    here = (translate(locale_of(request), N_("Edit")), None)
    return _crumbs(request, (title, f"/demands/{content.key}"), here)


# One demand


@pages.get("/{locale}/demands/{key}", dependencies=[READ])
def demand(request: Request, locale: Locale, key: str, held: Held, work: ReadWork, actor: CurrentActor) -> Response:
    content = made.demand_page(work, actor, key)
    showing.note(held, actor, [(key, content.seen.tier)])
    return page(request, "exchange/demand.html", content, nav=NAV, breadcrumbs=_demand_crumbs(request, content))


def _demand_crumbs(request: Request, content: made.DemandPage) -> Trail:
    title = content.seen.title.said(locale_of(request)) if content.seen.title else None
    return _crumbs(request, (title or translate(locale_of(request), N_("Blind demand")), None))


def _deed(
    request: Request, key: str, held: Resources, actor: Actor, sent: Mapping[str, str], deed: Callable[[Work], Any]
) -> Response:
    """Does it and shows the demand again; a refusal that names fields shows its form with them."""
    _, error = _done(held, deed)
    if error is None:
        return see_other(request, f"/demands/{key}")
    with held.read() as work:
        content = made.demand_page(work, actor, key, Form.refused(sent, error))
    return again(request, "exchange/demand.html", content, error, _demand_crumbs(request, content))


@pages.post("/{locale}/demands/{key}/submit", dependencies=[EDIT])
def submit(request: Request, locale: Locale, key: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    return _deed(request, key, held, actor, sent, lambda work: making.submit(work, actor, key))


@pages.post("/{locale}/demands/{key}/take-back", dependencies=[EDIT])
def take_back(request: Request, locale: Locale, key: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    return _deed(request, key, held, actor, sent, lambda work: making.take_back(work, actor, key))


@pages.post("/{locale}/demands/{key}/withdraw", dependencies=[WITHDRAW])
def withdraw(request: Request, locale: Locale, key: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    return _deed(request, key, held, actor, sent, lambda work: making.withdraw(work, actor, key))


@pages.post("/{locale}/demands/{key}/renew", dependencies=[EDIT])
def renew(request: Request, locale: Locale, key: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    """Makes a draft of a demand that is over, and opens it for editing."""
    made: list[str] = []
    answer = _deed(request, key, held, actor, sent, lambda work: made.append(making.renew(work, actor, key).key))
    return see_other(request, f"/demands/{made[0]}/edit") if made else answer


@pages.post("/{locale}/demands/{key}/close", dependencies=[EDIT])
def close(request: Request, locale: Locale, key: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    """``reason`` says whether it was met: each belongs to one end."""
    return _deed(request, key, held, actor, sent, lambda work: making.close(
        work, actor, key, reason=sent["reason"], note=Typed(sent).text("note")
    ))  # fmt: skip


@pages.post("/{locale}/demands/{key}/propose", dependencies=[EDIT])
def propose(request: Request, locale: Locale, key: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    return _deed(
        request, key, held, actor, sent, lambda work: outlets.propose(work, actor, key, in_full=bool(sent["in_full"]))
    )


@pages.post("/{locale}/demands/{key}/retract", dependencies=[EDIT])
def retract(request: Request, locale: Locale, key: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    return _deed(request, key, held, actor, sent, lambda work: outlets.retract(work, actor, key))


@pages.get("/{locale}/demands/{key}/brief.md", dependencies=[OWN])
def brief(locale: Locale, key: str, work: ReadWork, actor: CurrentActor) -> Response:
    return _markdown(f"{key}-{locale}.md", outlets.own_brief(work, actor, key, locale))


@pages.get("/{locale}/demands/{key}/access.csv", dependencies=[OWN])
def access(locale: Locale, key: str, work: ReadWork, actor: CurrentActor) -> Response:
    return csv_file(f"{key}-access", showing.LOG_HEADER, made.log_rows(work, actor, key, locale))


def _markdown(name: str, text: str) -> Response:
    headers = {"Content-Disposition": attachment(name), "Cache-Control": "private, no-cache"}
    return Response(text, media_type="text/markdown; charset=utf-8", headers=headers)


# The operator's desk


@pages.get("/{locale}/exchange/vetting", dependencies=[REVIEW])
def vetting_queue(request: Request, locale: Locale, work: ReadWork, actor: CurrentActor) -> Response:
    content = made.vetting_page(work, actor)
    crumbs = _here(request, N_("Demands to be checked"))
    return page(request, "exchange/demand_vetting.html", content, nav=NAV, breadcrumbs=crumbs)


@pages.post("/{locale}/demands/{key}/vet", dependencies=[REVIEW])
def vet(request: Request, locale: Locale, key: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    return _deed(request, key, held, actor, sent, lambda work: _vet(work, actor, key, sent))


def _vet(work: Work, actor: Actor, key: str, sent: Mapping[str, str]) -> None:
    version = _number(sent["version"])
    if sent["do"] == "return":
        vetting.send_back(work, actor, key, version=version, note=Typed(sent).text("note"))
    elif sent["do"] == "approve":
        vetting.approve(work, actor, key, version=version)
    else:
        vetting.take_up(work, actor, key)


# The organizers' list


@pages.get("/{locale}/exchange/proposals", dependencies=[ORGANIZE])
def proposals(request: Request, locale: Locale, held: Held, work: ReadWork, actor: CurrentActor) -> Response:
    content = made.proposals_page(work, actor, locale)
    showing.note(held, actor, [(one.key, one.tier) for one in content.proposals if one.tier != "none"])
    crumbs = _here(request, N_("Proposed as challenges"))
    return page(request, "exchange/demand_proposals.html", content, nav=NAV, breadcrumbs=crumbs)


@pages.post("/{locale}/exchange/proposals/{key}", dependencies=[ORGANIZE])
def link(request: Request, locale: Locale, key: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    _, error = _done(held, lambda work: outlets.link(work, actor, key, sent[f"challenge-{key}"].strip()))
    if error is None:
        return see_other(request, "/exchange/proposals")
    with held.read() as work:
        content = made.proposals_page(work, actor, locale, Form.refused(sent, error))
    return again(
        request, "exchange/demand_proposals.html", content, error, _here(request, N_("Proposed as challenges"))
    )


@pages.get("/{locale}/exchange/proposals/{key}/brief.md", dependencies=[ORGANIZE])
def proposed_brief(locale: Locale, key: str, held: Held, work: ReadWork, actor: CurrentActor) -> Response:
    text = outlets.proposed_brief(work, actor, key, locale)
    showing.note(held, actor, [(key, "full")])
    return _markdown(f"{key}-{locale}.md", text)


# The gap report


@pages.get("/{locale}/exchange/gaps", dependencies=[READ])
def gap_report(request: Request, locale: Locale, work: ReadWork, actor: CurrentActor) -> Response:
    crumbs = _here(request, N_("What was not found"))
    return page(request, "exchange/demand_gaps.html", gaps.gaps(work, actor), nav=NAV, breadcrumbs=crumbs)


@pages.get("/{locale}/exchange/gaps.csv", dependencies=[READ])
def gap_report_csv(locale: Locale, work: ReadWork, actor: CurrentActor) -> Response:
    return csv_file("gaps", *gaps.table(gaps.gaps(work, actor), locale))
