"""How each route is called on the world: parameters, bodies, what is asked about, and whom it is hidden from.

A new route fails the walk (`tests/house/test_who_may.py`) until it stands here.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.journeys.world import DRAFT, OPEN, PASSWORD, PEOPLE, UNIT, Cast

Kind = Literal["site", "unit", "team", "entered", "captain's"]
"""Whose it is: the installation's, the unit's (of `organizer`), the team's in the unit's challenge, that of whoever has entered
the unit's challenge, or a thing of the captain's own, which to everybody else is not there."""


@dataclass(frozen=True)
class Call:
    """One way to call a route, where it is not only the stated act that decides.

    ``first``: (act, kind) demanded before anything is looked up; ``absent``: those for whom there is nothing here (they have no
    entry, no such token); ``unattached``: those who would be let but belong to no organization for which they could; ``instead``:
    the act that is demanded in place of the stated one.
    ``entered``: whoever has not entered the challenge is sent to enter it, whatever they are. ``open``: answers everybody, and
    leads those on who have signed in.
    """

    kind: Kind
    params: Mapping[str, Any] = field(default_factory=dict)
    form: Mapping[str, Any] | None = None
    json: Any = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    first: tuple[tuple[str, Kind], ...] = ()
    instead: str | None = None
    absent: frozenset[str] = frozenset()
    unattached: frozenset[str] = frozenset()
    entered: bool = False
    open: bool = False


def _words(said: Mapping[str, str]) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in said.items())


OWN: tuple[tuple[str, Kind], ...] = (("token.own", "site"),)
CREATE: tuple[tuple[str, Kind], ...] = (("challenge.create", "site"),)
ENTER: tuple[tuple[str, Kind], ...] = (("entry.create", "site"),)
SAVE: tuple[tuple[str, Kind], ...] = (("exchange.save", "site"),)
OPERATOR = frozenset({"operator"})
MATCH: tuple[tuple[str, Kind], ...] = (("match.read", "unit"),)
SEEN: tuple[tuple[str, Kind], ...] = (("submission.read", "team"),)
TUS = {"Tus-Resumable": "1.0.0"}
PIECE = {**TUS, "Content-Type": "application/offset+octet-stream", "Upload-Offset": "7"}
NO_FILE: dict[str, Any] = {"form": {"note": "no file"}, "headers": {"Content-Type": "multipart/form-data; boundary=x"}}


def calls(cast: Cast) -> dict[str, Call]:
    """``GET /{locale}/…`` → how it is called."""
    scored = {"submission_id": cast.submissions["scored"]}
    refused = {"submission_id": cast.submissions["refused"]}
    team, invited = {"team_id": cast.team}, {"team_id": cast.team, "invitation_id": cast.invitation_id}
    ours, draft, unit = {"slug": OPEN}, {"slug": DRAFT}, {"slug": UNIT}
    sent = {"package_id": cast.packages["spare"]}
    member = cast.people["member"].id
    token = {"token_id": cast.token_ids["captain:read"]}
    half, checked = {"token": cast.upload}, {"token": cast.check}
    strangers = frozenset({"stranger", "organizer", "colleague", "rival", "operator"})
    card = {"slug": cast.dataset}
    mine = {"slug": cast.uploaded, "number": 1}
    need = {"key": cast.demand}
    offered = {"key": cast.listing}
    dealt = {"key": cast.deal}
    offer, watch = {"key": cast.offer}, {"watch_id": cast.watch}
    fair, seat = {"slug": cast.fair}, {"registration_id": cast.registration}
    meeting, made = {"meeting_id": cast.meeting}, {"slug": cast.fair, "number": 1}
    not_the_captain = frozenset({"member", "alone", *strangers})
    site: dict[str, Call] = {path: Call("site") for path in SITE}
    return (
        site
        | {path: Call("site", open=True) for path in COMING_IN}
        | {
            "GET /{locale}/help/exchange/{topic}": Call("site", {"topic": "deals"}),
            # accounts
            "GET /{locale}/organizations/{slug}": Call("unit", unit),
            "POST /{locale}/organizations/{slug}/name": Call("unit", unit, form={"name": ""}),
            "POST /{locale}/organizations/{slug}/members": Call("unit", unit, form={"email": "", "role": "member"}),
            "POST /{locale}/organizations/{slug}/members/{person_id}": Call(
                "unit", {**unit, "person_id": cast.people["colleague"].id}, form={"role": "owner"}
            ),
            "POST /{locale}/organizations/{slug}/standing": Call(
                "unit", unit, form={"posts": "yes", "verified": "1", "region": "CN-44"}
            ),
            "POST /{locale}/organizations/{slug}/leave": Call("unit", unit, form={}),
            "POST /{locale}/people/{person_id}": Call("site", {"person_id": member}, form={"do": "close"}),
            "POST /{locale}/account/tokens/{token_id}/revoke": Call(
                "site", token, form={}, first=OWN, absent=not_the_captain
            ),
            "DELETE /api/v1/tokens/{token_id}": Call("site", token, first=OWN, absent=not_the_captain),
            "POST /api/v1/tokens": Call("site", json={"email": cast.people["alone"].email, "password": PASSWORD}),
            "GET /api/v1/organizations/{slug}": Call("unit", unit),
            # the organizer's desk
            "POST /{locale}/organize/new": Call("site", **NO_FILE),
            "GET /{locale}/organize/challenges/{slug}/package": Call("unit", ours, first=CREATE),
            "POST /{locale}/organize/challenges/{slug}/package": Call("unit", ours, first=CREATE, **NO_FILE),
            "GET /{locale}/organize/packages/{package_id}": Call("unit", sent),
            "GET /{locale}/organize/packages/{package_id}/events": Call("unit", sent),
            "POST /{locale}/organize/packages/{package_id}/check-again": Call("unit", sent, form={}),
            "POST /{locale}/organize/packages/{package_id}/draft": Call("unit", sent, form={}),
            "POST /{locale}/organize/packages/{package_id}/adopt": Call("unit", sent, form={"challenge": OPEN}),
            "GET /{locale}/organize/challenges/{slug}": Call("unit", ours),
            "GET /{locale}/organize/challenges/{slug}/phases": Call("unit", ours),
            "POST /{locale}/organize/challenges/{slug}/phases": Call("unit", ours, form={"zone": "Asia/Shanghai"}),
            "GET /{locale}/organize/challenges/{slug}/preview": Call("unit", draft),
            "POST /{locale}/organize/challenges/{slug}/post": Call("unit", draft, form={}),
            "POST /{locale}/organize/challenges/{slug}/close": Call("unit", ours, form={"reason": "It is enough now."}),
            "GET /{locale}/organize/challenges/{slug}/announce": Call("unit", ours),
            "POST /{locale}/organize/challenges/{slug}/announce": Call("unit", ours, form={}),
            "GET /{locale}/organize/challenges/{slug}/private": Call("unit", ours),
            "GET /{locale}/organize/challenges/{slug}/alike": Call("unit", ours),
            "GET /{locale}/organize/challenges/{slug}/alike.csv": Call("unit", ours),
            "POST /{locale}/organize/challenges/{slug}/finalise": Call("unit", ours, form={}),
            "POST /api/v1/packages": Call("site", **NO_FILE),
            "GET /api/v1/packages/{package_id}": Call("unit", sent),
            "POST /api/v1/challenges": Call("unit", json={"package": cast.packages["spare"]}, instead="challenge.edit"),
            "PUT /api/v1/challenges/{slug}/phases": Call("unit", draft, json={"phases": []}),
            "POST /api/v1/challenges/{slug}/post": Call("unit", draft),
            "POST /api/v1/challenges/{slug}/close": Call("unit", ours, json={"reason": "It is enough now."}),
            "POST /api/v1/challenges/{slug}/version": Call(
                "unit", ours, json={"package": cast.packages["spare"], "reason": "Better words."}
            ),
            "GET /api/v1/challenges/{slug}/announcements": Call("unit", ours),
            "POST /api/v1/challenges/{slug}/announcements": Call(
                "unit", ours, json={"title": {"en": "A", "zh": "甲"}, "text": {"en": "B", "zh": "乙"}}
            ),
            # challenges
            **{f"GET /{{locale}}/challenges/{{slug}}{tail}": Call("unit", ours) for tail in PUBLIC},
            "GET /{locale}/challenges/{slug}/files/{path:path}": Call("unit", {**ours, "path": "public/train.csv"}),
            "GET /{locale}/challenges/{slug}/results": Call("unit", ours),
            "GET /{locale}/challenges/{slug}/results.csv": Call("unit", ours),
            "GET /{locale}/seasons/{slug}": Call("unit", {"slug": "open"}),
            "GET /badge/{slug}.svg": Call("unit", ours),
            **{f"GET /api/v1/challenges/{{slug}}{tail}": Call("unit", ours) for tail in PUBLIC_API},
            "GET /api/v1/challenges/{slug}/files/{path:path}": Call("unit", {**ours, "path": "public/train.csv"}),
            "GET /api/v1/challenges/{slug}/results": Call("unit", ours),
            # entries and teams
            "POST /{locale}/challenges/{slug}/enter": Call("unit", ours, form={"team": "alone"}),
            "POST /{locale}/challenges/{slug}/accept-rules": Call("unit", ours, form={}),
            "POST /{locale}/entries/{entry_id}/withdraw": Call("team", {"entry_id": cast.entry}, form={}),
            "POST /{locale}/me/teams": Call("site", form={"name": ""}),
            "GET /{locale}/teams/{team_id}": Call("team", team),
            "POST /{locale}/teams/{team_id}/rename": Call("team", team, form={"name": ""}),
            "POST /{locale}/teams/{team_id}/invite": Call("team", team, form={}),
            "POST /{locale}/teams/{team_id}/invitations/{invitation_id}/revoke": Call("team", invited, form={}),
            "POST /{locale}/teams/{team_id}/leave": Call("team", team, form={}),
            "POST /{locale}/teams/{team_id}/remove": Call("team", team, form={"person": cast.people["captain"].id}),
            "POST /{locale}/teams/{team_id}/hand-over": Call("team", team, form={"person": member}),
            "POST /{locale}/teams/{team_id}/dissolve": Call("team", team, form={}),
            "GET /{locale}/invitations/{token}": Call("site", {"token": cast.invitation}),
            "POST /{locale}/invitations/{token}": Call("site", {"token": cast.invitation}, form={}),
            "POST /api/v1/challenges/{slug}/entry": Call("unit", ours, json={"accept_rules": True}),
            "GET /api/v1/challenges/{slug}/entry": Call("unit", ours, first=ENTER, absent=strangers),
            "DELETE /api/v1/challenges/{slug}/entry": Call("entered", ours, first=ENTER, absent=strangers),
            "POST /api/v1/challenges/{slug}/rules": Call("unit", ours, first=ENTER, entered=True),
            "POST /api/v1/teams": Call("site", json={"name": "x"}),
            "GET /api/v1/teams/{team_id}": Call("team", team),
            "GET /api/v1/teams/{team_id}/members": Call("team", team),
            "PATCH /api/v1/teams/{team_id}": Call("team", team, json={"name": "x"}),
            "DELETE /api/v1/teams/{team_id}": Call("team", team),
            "POST /api/v1/teams/{team_id}/captain": Call("team", team, json={"person_id": member}),
            "DELETE /api/v1/teams/{team_id}/members/{person_id}": Call("team", {**team, "person_id": member}),
            "GET /api/v1/teams/{team_id}/invitations": Call("team", team),
            "POST /api/v1/teams/{team_id}/invitations": Call("team", team),
            "DELETE /api/v1/teams/{team_id}/invitations/{invitation_id}": Call("team", invited),
            "POST /api/v1/invitations": Call("site", json={"token": cast.invitation}),
            # submissions
            "GET /{locale}/challenges/{slug}/submit": Call("entered", ours, entered=True, instead="submission.read"),
            "POST /{locale}/challenges/{slug}/submit": Call("entered", ours, entered=True, **NO_FILE),
            "POST /{locale}/challenges/{slug}/check": Call("entered", ours, **NO_FILE),
            "GET /{locale}/challenges/{slug}/check/{token}": Call("captain's", {**ours, **checked}),
            "GET /{locale}/challenges/{slug}/check/{token}/events": Call("captain's", {**ours, **checked}),
            "GET /{locale}/challenges/{slug}/submissions": Call("entered", ours, entered=True),
            "GET /{locale}/challenges/{slug}/submissions.csv": Call("entered", ours, entered=True),
            "GET /{locale}/challenges/{slug}/submissions/events": Call("entered", ours, entered=True),
            "GET /{locale}/submissions/{submission_id}": Call("team", scored),
            "GET /{locale}/submissions/{submission_id}/file": Call("team", scored),
            "GET /{locale}/submissions/{submission_id}/findings.csv": Call("team", refused),
            "GET /{locale}/submissions/{submission_id}/events": Call("team", scored),
            **{f"GET /{{locale}}/submissions/{{submission_id}}/{file}": Call("team", scored) for file in OF_DATASETS},
            **{f"GET /{{locale}}/submissions/{{submission_id}}/{file}": Call("team", scored) for file in OF_LABELS},
            "GET /api/v1/submissions/{submission_id}/annotation": Call("team", scored),
            "GET /{locale}/challenges/{slug}/check/{token}/quality": Call("captain's", {**ours, **checked}),
            "GET /api/v1/submissions/{submission_id}/quality": Call("team", scored),
            "GET /api/v1/submissions/{submission_id}/patch.csv": Call("team", scored),
            "GET /api/v1/submissions/{submission_id}/findings.parquet": Call("team", scored),
            "POST /{locale}/submissions/{submission_id}/withdraw": Call("team", scored, form={}),
            "POST /{locale}/submissions/{submission_id}/pick": Call("team", scored, form={"picked": "true"}),
            "POST /{locale}/submissions/{submission_id}/rescore": Call("team", scored, form={}),
            "OPTIONS /api/v1/uploads/{token}": Call("site", half),
            "POST /api/v1/uploads": Call(
                "entered",
                headers={
                    **TUS,
                    "Upload-Length": "10",
                    "Upload-Metadata": _words({"challenge": OPEN, "filename": "a.csv"}),
                },
                first=(("upload.own", "site"),),
                instead="submission.create",
                entered=True,
            ),
            "HEAD /api/v1/uploads/{token}": Call("captain's", half, headers=TUS),
            "PATCH /api/v1/uploads/{token}": Call("captain's", half, headers=PIECE, content=b"abc"),
            "DELETE /api/v1/uploads/{token}": Call("captain's", half, headers=TUS),
            "POST /api/v1/challenges/{slug}/submissions": Call("entered", ours, entered=True, **NO_FILE),
            "GET /api/v1/challenges/{slug}/submissions": Call("entered", ours, entered=True),
            "GET /api/v1/submissions/{submission_id}": Call("team", scored),
            "GET /api/v1/submissions/{submission_id}/file": Call("team", scored),
            "GET /api/v1/submissions/{submission_id}/findings.csv": Call("team", refused),
            "POST /api/v1/submissions/{submission_id}/withdraw": Call("team", scored),
            "PUT /api/v1/submissions/{submission_id}/picked": Call("team", scored, json={"picked": True}),
            "POST /api/v1/submissions/{submission_id}/rescore": Call("team", scored),
            "POST /api/v1/challenges/{slug}/rescore": Call("unit", ours),
            "POST /api/v1/challenges/{slug}/check": Call("entered", ours, **NO_FILE),
            "GET /api/v1/checks/{token}": Call("captain's", checked),
            # datasets
            **{
                f"GET {path}": Call("captain's" if path in OF_OWNERS else "site", card) for path in (*CARDS, *OF_OWNERS)
            },
            **{f"GET {path}": Call("captain's", mine) for path in OF_FILES},
            "GET /{locale}/datasets/{slug}/dcat.{form}": Call("site", {**card, "form": "ttl"}),
            "GET /{locale}/catalog.{form}": Call("site", {"form": "jsonld"}),
            **{
                f"{method} /{{locale}}/datasets/{{slug}}/versions/{{number}}/audit": Call(
                    "site", {**card, "number": 1}, form={} if method == "POST" else None
                )
                for method in ("GET", "POST")
            },
            "POST /{locale}/datasets/{slug}/audits/{audit_id}/withdraw": Call(
                "unit", {**card, "audit_id": cast.audit}, form={}
            ),
            "POST /{locale}/datasets/new/imported": Call("site", form={"owner": ""}),
            "POST /{locale}/datasets/new/import": Call("site", form={"description": "{}"}),
            "POST /api/v1/datasets/import": Call("site", content=b"{}"),
            **{
                f"{method} /api/{version}action/{{name}}": Call(
                    "site", {"name": "site_read"}, json={} if method == "POST" else None
                )
                for method in ("GET", "POST")
                for version in ("", "3/")
            },
            "POST /{locale}/datasets/upload": Call("site", **NO_FILE),
            "POST /{locale}/datasets/{slug}/upload": Call("captain's", mine, **NO_FILE),
            "POST /{locale}/datasets/{slug}/versions/{number}": Call("captain's", mine, form={"unit-0": "K"}),
            "POST /{locale}/datasets/{slug}/versions/{number}/again": Call("captain's", mine, form={}),
            "POST /{locale}/datasets/{slug}/versions/{number}/preview": Call("captain's", mine, form={}),
            "POST /{locale}/datasets/new": Call("site", form={"owner": ""}),
            "POST /{locale}/datasets/{slug}/edit": Call("captain's", card, form={"title_en": ""}),
            "POST /{locale}/datasets/{slug}/publish": Call("captain's", card, form={}),
            "POST /{locale}/datasets/{slug}/version": Call("captain's", card, form={"kind": "reference"}),
            "POST /{locale}/datasets/{slug}/withdraw": Call(
                "team",
                card,
                form={},
                absent=frozenset({"organizer", "colleague"}),  # of another's unit, not of the team
            ),
            "GET /{locale}/submissions/{submission_id}/dataset": Call("team", scored, first=SEEN),
            "POST /{locale}/submissions/{submission_id}/dataset": Call("team", scored, form={}, first=SEEN),
            # deals
            **{f"GET {path}": Call("unit", dealt) for path in OF_DEALS},
            "GET /{locale}/deals/{key}/do/{move}": Call("unit", {**dealt, "move": "terminate"}),
            "POST /{locale}/deals/{key}/do/{move}": Call("unit", {**dealt, "move": "terminate"}, form={}),
            "POST /{locale}/deals/{key}/do/{move}/upload": Call("unit", {**dealt, "move": "write"}, **NO_FILE),
            "GET /{locale}/deals/{key}/files/{file_id}": Call("unit", {**dealt, "file_id": cast.deal_file}),
            "GET /{locale}/deals/{key}/samples/{sample_id}": Call("unit", {**dealt, "sample_id": cast.deal_sample}),
            "GET /{locale}/deals/{key}/deliveries/{number}/report.json": Call("unit", {**dealt, "number": 1}),
            "GET /{locale}/deals/new": Call("site"),
            "POST /{locale}/deals/new": Call("site", form={"listing": cast.listing, "by": "demander"}),
            "POST /api/v1/deals": Call("site", json={"listing": cast.listing, "by": "demander"}),
            "POST /api/v1/deals/{key}/moves": Call(
                "unit", dealt, json={"move": "write", "message_id": "walk-0001", "body": {"text": "x"}}
            ),
            "POST /api/v1/deals/{key}/uploads": Call("unit", dealt, **NO_FILE),
            "GET /{locale}/listings/{key}/trace": Call("unit", offered),
            "POST /{locale}/listings/{key}/trace/upload": Call("unit", offered, **NO_FILE),
            "POST /api/v1/listings/{key}/trace/upload": Call("unit", offered, **NO_FILE),
            # listings
            **{f"GET {path}": Call("site", offered) for path in OF_LISTINGS},
            "GET /{locale}/organizations/{slug}/offers": Call("site", unit),
            "GET /{locale}/listings/{key}/edit": Call("unit", offered),
            "POST /{locale}/listings/new": Call("site", form={}),
            **{f"POST /{{locale}}/listings/{{key}}/{deed}": Call("unit", offered, form={}) for deed in OFFERED},
            "POST /{locale}/exchange/review/{key}": Call("site", offered, form={"do": "take-up"}),
            # demands
            **{f"GET {path}": Call("site", need) for path in OF_DEMANDS},
            **{f"GET /{{locale}}/demands/{{key}}/{tail}": Call("unit", need) for tail in DEMANDERS},
            "POST /{locale}/demands/new": Call("site", form={}),
            "POST /{locale}/demands/{key}/edit": Call("unit", need, form={}),
            **{f"POST /{{locale}}/demands/{{key}}/{deed}": Call("unit", need, form={}) for deed in DEEDS},
            **{f"POST /api/v1/demands/{{key}}/{deed}": Call("unit", need) for deed in API_DEEDS},
            "GET /api/v1/demands/{key}/document": Call("unit", need),
            "PUT /api/v1/demands/{key}/document": Call("unit", need, json={**SAID, "version": 1}),
            "POST /api/v1/demands": Call("site", json=SAID),
            "POST /{locale}/demands/{key}/vet": Call("site", need, form={"do": "approve"}),
            "POST /{locale}/exchange/proposals/{key}": Call("site", need, form={}),
            # matches
            **{f"GET {path}": Call("unit", need) for path in MATCHES},
            "POST /{locale}/demands/{key}/matches": Call("unit", need, form={}),
            **{f"POST /{{locale}}/demands/{{key}}/matches/{deed}": Call("unit", need, form={}) for deed in MATCH_DEEDS},
            "POST /{locale}/demands/{key}/matches/watch": Call("unit", need, form={"cadence": "daily"}, first=MATCH),
            **{f"GET {path}": Call("unit", offer) for path in SUPPLIERS},
            "POST /{locale}/me/listings/{key}/demands/watch": Call(
                "unit", offer, form={"cadence": "daily"}, first=MATCH
            ),
            "POST /{locale}/me/listings/{key}/questions/{question_id}": Call(
                "unit", {**offer, "question_id": cast.question}, form={}
            ),
            "POST /{locale}/exchange": Call("site", form={}),
            "POST /{locale}/me/watches/{watch_id}": Call("captain's", watch, form={"cadence": "weekly"}, first=SAVE),
            "POST /{locale}/me/watches/{watch_id}/end": Call("captain's", watch, form={}, first=SAVE),
            "GET /{locale}/exchange/watches/{token}/stop": Call("site", {"token": cast.stop}),
            "POST /{locale}/exchange/watches/{token}/stop": Call("site", {"token": cast.stop}, form={}),
            # events
            **{f"GET {path}": Call("site", fair) for path in OF_EVENTS},
            **{f"GET {path}": Call("site", {"slug": cast.past_fair}) for path in OF_PAST_EVENTS},
            **{f"GET /{{locale}}/events/{{slug}}/{tail}": Call("unit", fair) for tail in HOSTS},
            "GET /{locale}/events/{slug}/timetables/{number}": Call("unit", made),
            "GET /{locale}/events/feeds/{registration_id}/{key}.ics": Call(
                "site", {**seat, "key": "x" * 43}, absent=frozenset({"anyone", *PEOPLE})
            ),
            "POST /{locale}/events/new": Call("site", form={"title_en": ""}),
            "POST /{locale}/events/{slug}/edit": Call("unit", fair, form={"title_en": ""}),
            "POST /{locale}/events/{slug}/state": Call("unit", fair, form={"to": "live"}),
            "POST /{locale}/events/{slug}/call-off": Call("unit", fair, form={}),
            "POST /{locale}/events/{slug}/delete": Call("unit", fair, form={}),
            "POST /{locale}/events/{slug}/timetables": Call("unit", fair, form={"method": "plan"}),
            "POST /{locale}/events/{slug}/timetables/{number}/publish": Call("unit", made, form={}),
            "POST /{locale}/events/{slug}/repair": Call("unit", fair, form={}),
            "POST /{locale}/events/{slug}/check-in": Call("unit", fair, form={"code": "NOBODY"}),
            "POST /{locale}/events/{slug}/meetings/{meeting_id}": Call(
                "unit", {**fair, **meeting}, form={"held": "yes"}
            ),
            "GET /{locale}/events/{slug}/register": Call("site", fair, unattached=OPERATOR),
            "POST /{locale}/events/{slug}/register": Call("site", fair, form={}, unattached=OPERATOR),
            "GET /{locale}/events/registrations/{registration_id}": Call("unit", seat),
            "GET /{locale}/events/registrations/{registration_id}/preferences": Call("unit", seat),
            **{
                f"POST /{{locale}}/events/registrations/{{registration_id}}{tail}": Call("unit", seat, form={})
                for tail in ("", "/withdraw", "/rejoin", "/feed", "/preferences")
            },
            "POST /{locale}/events/meetings/{meeting_id}/answer": Call("unit", meeting, form={"comes": "yes"}),
            "POST /{locale}/events/meetings/{meeting_id}/outcome": Call("unit", meeting, form={}),
        }
    )


OF_EVENTS = (
    "/{locale}/events/{slug}", "/{locale}/events/{slug}/now", "/{locale}/events/{slug}/now/events", "/{locale}/events/{slug}/mine",
    "/{locale}/events/{slug}/mine.ics", "/api/v1/events/{slug}",
)  # fmt: skip
OF_PAST_EVENTS = (
    "/{locale}/events/{slug}/report", "/{locale}/events/{slug}/report.csv", "/api/v1/events/{slug}/report",
)  # fmt: skip
HOSTS = (
    "edit", "desk", "timetables", "timetables/events", "repair", "check-in", "programme", "programme.csv",
)  # fmt: skip
MATCHES = (
    "/{locale}/demands/{key}/matches", "/{locale}/demands/{key}/matches.csv", "/{locale}/demands/{key}/matches/compare",
    "/api/v1/demands/{key}/matches",
)  # fmt: skip
MATCH_DEEDS = ("feedback", "ask", "weights", "relax")
SUPPLIERS = ("/{locale}/me/listings/{key}/demands", "/api/v1/listings/{key}/demands")
CARDS = (
    "/{locale}/datasets/{slug}", "/{locale}/datasets/{slug}/croissant.json", "/{locale}/datasets/{slug}/datapackage.json",
    "/api/v1/datasets/{slug}",
)  # fmt: skip
OF_OWNERS = ("/{locale}/datasets/{slug}/edit", "/{locale}/datasets/{slug}/version")
OF_FILES = (
    "/{locale}/datasets/{slug}/upload", "/{locale}/datasets/{slug}/versions/{number}",
    "/{locale}/datasets/{slug}/versions/{number}/report", "/{locale}/datasets/{slug}/versions/{number}/events",
)  # fmt: skip
OF_LISTINGS = (
    "/{locale}/listings/{key}", "/{locale}/listings/{key}/policy.json", "/api/v1/listings/{key}", "/{locale}/exchange/review/{key}",
)  # fmt: skip
OFFERED = ("edit", "submit", "withdraw", "confirm", "suspend", "resume")
OF_DEMANDS = (
    "/{locale}/demands/{key}", "/api/v1/demands/{key}", "/{locale}/exchange/proposals/{key}/brief.md",
)  # fmt: skip
DEMANDERS = ("edit", "brief.md", "access.csv")
OF_DEALS = (
    "/{locale}/deals/{key}", "/{locale}/deals/{key}/nda.md", "/{locale}/deals/{key}/agreement",
    "/{locale}/deals/{key}/agreement.json", "/api/v1/deals/{key}", "/api/v1/deals/{key}/agreement",
)  # fmt: skip
DEEDS = ("submit", "take-back", "withdraw", "close", "propose", "retract", "renew")
API_DEEDS = ("submit", "take-back", "withdraw", "renew")
SAID = {"title": {"en": "Cracked insulators"}, "need": {"en": "Pictures."}}
OF_DATASETS = ("quality", "quality.html", "quality.json", "croissant.json", "patch.csv", "findings.parquet")
OF_LABELS = ("annotators", "annotators.csv", "annotation.json")
PUBLIC = (
    "", "/data", "/data.csv", "/rules", "/announcements", "/public.zip", "/enter", "/board", "/board.csv", "/board/events",
    "/history", "/history.csv", "/changes.csv",
)  # fmt: skip
PUBLIC_API = ("", "/files", "/public.zip", "/board")
COMING_IN = (
    "GET /{locale}/sign-in", "POST /{locale}/sign-out", "GET /{locale}/register", "GET /{locale}/password/forgotten",
)  # fmt: skip
SITE = (
    "POST /theme", "GET /{locale}/patterns", "GET /{locale}/api/docs", "GET /{locale}/", "GET /{locale}/help/scoring",
    "GET /{locale}/help",
    "GET /{locale}/status", "GET /api/v1/status", "OPTIONS /api/v1/uploads",
    "GET /{locale}/challenges", "GET /{locale}/challenges.csv", "GET /api/v1/challenges",
    "GET /{locale}/listings.csv", "GET /api/v1/listings", "GET /{locale}/listings/new",
    "GET /{locale}/me/deals", "GET /{locale}/me/deals.csv", "GET /api/v1/deals",
    "GET /{locale}/me/listings", "GET /{locale}/me/listings.csv", "GET /{locale}/exchange/review",
    "GET /{locale}/demands", "GET /{locale}/demands.csv", "GET /api/v1/demands",
    "GET /{locale}/demands/mine", "GET /api/v1/demands/mine", "GET /{locale}/demands/new",
    "GET /{locale}/exchange/vetting", "GET /{locale}/exchange/proposals",
    "GET /{locale}/exchange/gaps", "GET /{locale}/exchange/gaps.csv", "GET /api/v1/exchange/gaps",
    "GET /{locale}/events", "GET /{locale}/events.csv", "GET /api/v1/events", "GET /{locale}/events/new",
    "GET /{locale}/exchange", "GET /{locale}/exchange.csv", "GET /api/v1/exchange/search", "GET /{locale}/me/watches",
    "GET /{locale}/exchange/loop", "GET /{locale}/exchange/loop.csv", "GET /api/v1/exchange/loop",
    "GET /{locale}/datasets", "GET /{locale}/datasets.csv", "GET /api/v1/datasets", "GET /{locale}/datasets/new",
    "GET /{locale}/datasets/new/import",
    "GET /{locale}/datasets/upload",
    "POST /{locale}/sign-in", "POST /{locale}/register", "POST /{locale}/password/forgotten",
    "GET /{locale}/password/new", "POST /{locale}/password/new",
    "GET /{locale}/account", "POST /{locale}/account", "POST /{locale}/account/sign-ins",
    "GET /{locale}/account/password", "POST /{locale}/account/password",
    "GET /{locale}/account/close", "POST /{locale}/account/close",
    "GET /{locale}/account/tokens", "POST /{locale}/account/tokens", "GET /api/v1/tokens", "DELETE /api/v1/tokens/current",
    "GET /api/v1/me", "GET /api/v1/organizations", "GET /api/v1/people", "GET /{locale}/people", "GET /{locale}/people.csv",
    "GET /{locale}/organizations", "GET /{locale}/organizations.csv",
    "GET /{locale}/organizations/new", "POST /{locale}/organizations/new",
    "GET /{locale}/organize", "GET /{locale}/organize/new",
    "GET /{locale}/me/teams", "GET /{locale}/me/teams.csv", "GET /api/v1/me/entries", "GET /api/v1/me/teams",
)  # fmt: skip
