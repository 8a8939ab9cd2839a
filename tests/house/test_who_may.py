"""Every route, asked by everybody: the answer is what the policy says, and nothing secret is in it.

One world, one real server. Each request starts from the same database. The expected answer is computed from the policy and
from what the role is to the thing, never from the code that answers.
"""

import gzip
import io
import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import redirect_stderr
from dataclasses import dataclass

import httpx
import pytest

from leaderboard import wiring
from leaderboard.accounts.access import acts_of
from leaderboard.accounts.policy import POLICY, allows
from tests.conftest import logging_as
from tests.house.test_routes import WITHOUT_ACT, walk
from tests.journeys import world as worlds
from tests.journeys.addresses import Call, calls
from tests.journeys.world import CLOSED, PRIVATE, PROGRAMS, REMARK, SCOPES, SEED, World
from tests.submissions import factories

pytestmark = pytest.mark.system

LOCALE = "en"
ROLES = ["anyone", *worlds.PEOPLE, *PROGRAMS]
MAY_KNOW = {"organizer", "colleague", "operator"}
"""Who may see private scores and definitions of the unit's challenges."""
REFUSALS = {409, 410, 422, 429}
"""The act is allowed, the wish was not: a form left empty, a state that forbids it."""


def _routes() -> dict[str, set[str]]:
    found = [found for router in wiring.PAGES for found in walk(router)]
    found += [found for router in wiring.API for found in walk(router, "/api/v1")]
    return {f"{method} {path}": acts_of(route) for path, route in found for method in route.methods}


ROUTES = _routes()


@dataclass(frozen=True)
class Answer:
    role: str
    route: str
    path: str
    status: int
    location: str
    head: str
    body: bytes

    def __str__(self) -> str:
        return f"{self.role}: {self.route} → {self.status} {self.location}"

    @property
    def text(self) -> str:
        """The body as a reader gets it: archives opened."""
        if self.body[:2] == b"\x1f\x8b":
            return gzip.decompress(self.body).decode("utf-8", "replace")
        if self.body[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(self.body)) as archive:
                return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
        return self.body.decode("utf-8", "replace")


@dataclass
class Walk:
    answers: dict[tuple[str, str], Answer]
    calls: dict[str, Call]
    world: World
    log: str


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """Every route asked by every role."""
    written = io.StringIO()
    with worlds.opened(tmp_path_factory.mktemp("walk")) as world:
        everything = world.resources.settings.model_copy(update={"log_level": "DEBUG", "log_format": "json"})
        with redirect_stderr(written), logging_as(everything):
            table = calls(world.cast)
            answers = {
                (role, route): answer
                for role in ROLES
                for route, answer in _asked(world, role, {key: table[key] for key in ROUTES if key in table})
            }
        yield Walk(answers, table, world, written.getvalue())


def _asked(world: World, role: str, table: dict[str, Call]) -> Iterator[tuple[str, Answer]]:
    with world.client(role) as client:
        for route, call in table.items():
            answer = _ask(client, role, route, call)
            if not route.startswith(("GET", "HEAD", "OPTIONS")) and answer.status < 400:
                world.restore()
            yield route, answer


def _ask(client: httpx.Client, role: str, route: str, call: Call) -> Answer:
    method, pattern = route.split(" ")
    path = re.sub(r":path\}", "}", pattern).format(locale=LOCALE, **call.params)
    content = call.content
    headers = dict(call.headers)
    if "boundary=x" in headers.get("Content-Type", ""):
        content = b'--x\r\nContent-Disposition: form-data; name="note"\r\n\r\nno file\r\n--x--\r\n'
    data = None if content is not None else call.form
    asked = client.build_request(method, path, data=data, json=call.json, content=content, headers=headers)
    try:
        answer = client.send(asked, stream=True)
    except httpx.HTTPError as error:
        return Answer(role, route, path, 599, "", "", repr(error).encode())
    live = answer.headers.get("content-type", "").startswith("text/event-stream")
    body = b"" if live else answer.read()
    answer.close()
    head = "\n".join(f"{key}: {value}" for key, value in answer.headers.items())
    return Answer(role, route, path, answer.status_code, answer.headers.get("location", ""), head, body)


# What the policy says


def relations(role: str, kind: str) -> set[str]:
    who = role.split(":", maxsplit=1)[0]
    if who == "anyone":
        return {"anyone"}
    found = {"person"}
    if who in {"organizer", "rival", "operator"}:
        found.add("founder")
    if who == "operator":
        found.add("operator")
    if who in {"organizer", "colleague"}:
        found.add("auditor")
    if kind == "site" and who in {"organizer", "colleague", "rival", "operator"}:
        found |= {"organizer", "host"}
    if kind != "site" and who in {"organizer", "colleague"}:
        found |= {"organizer", "host"}
    if kind != "site" and who == "organizer":
        found.add("owner")
    if kind in {"team", "entered", "captain's"} and who in {"captain", "member"}:
        found |= {"member", "captain"} if who == "captain" else {"member"}
    if kind == "entered" and who == "alone":
        found |= {"member", "captain"}
    return found


def may(act: str, role: str, kind: str) -> bool:
    scopes = SCOPES[role.split(":")[1]] if ":" in role else None
    return allows(act, relations(role, kind), scopes)


def expected(route: str, role: str, call: Call) -> str:
    """``allowed``, ``nothing`` (404), ``sign in`` or ``forbidden``."""
    who = role.split(":", maxsplit=1)[0]
    refused = "sign in" if who == "anyone" else "forbidden"
    stated = call.instead or next(iter(ROUTES[route]), None)
    if stated is None or call.open:
        return "allowed"
    for act, kind in call.first:
        if not may(act, role, kind):
            return "nothing" if POLICY[act].hidden else refused
    if who in call.absent or (call.kind == "captain's" and who != "captain"):
        return "nothing"
    if who in call.unattached or (call.entered and who not in {"captain", "member", "alone"}):
        return refused
    if not may(stated, role, call.kind):
        return "nothing" if POLICY[stated].hidden else refused
    return "allowed"


def found(answer: Answer) -> str:
    """What an answer amounts to."""
    if answer.status == 401 or (answer.status == 303 and f"/{LOCALE}/sign-in?next=" in answer.location):
        return "sign in"
    if answer.status == 404:
        return "nothing"
    if answer.status == 403:
        return "forbidden"
    if answer.status < 400 or answer.status in REFUSALS:
        return "allowed"
    return str(answer.status)


def test_every_route_is_walked():
    table = set(calls(worlds.origin()[1]))
    assert set(ROUTES) - table == set(), "say in tests/journeys/addresses.py how these are called"
    assert table - set(ROUTES) == set(), "these are no more"
    assert {route.split(" ")[1] for route, acts in ROUTES.items() if not acts} <= WITHOUT_ACT


@pytest.mark.parametrize("route", ROUTES)
def test_who_may(walked: Walk, route: str):
    assert route in walked.calls, "say in tests/journeys/addresses.py how it is called"
    wrong = {}
    for role in ROLES:
        answer, want = walked.answers[role, route], expected(route, role, walked.calls[route])
        if found(answer) != want:
            wrong[role] = f"{want} expected, got {answer.status} {answer.location} {_said(answer)}"
    assert wrong == {}


def _said(answer: Answer) -> str:
    if answer.status < 400:
        return ""
    if answer.body[:1] == b"{":
        return str(json.loads(answer.body).get("detail"))
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", answer.text, re.DOTALL)
    return heading.group(1) if heading else ""


def test_nothing_breaks(walked: Walk):
    faults = [json.loads(line) for line in walked.log.splitlines() if '"level": "error"' in line]
    assert {fault.get("exception", fault["event"]).splitlines()[-1]: fault.get("path") for fault in faults} == {}
    assert [str(answer) for answer in walked.answers.values() if answer.status >= 500] == []


def test_organizers_see_what_others_must_not(walked: Walk):
    """Else the next test would look for what is nowhere."""
    private = walked.answers["organizer", "GET /{locale}/organize/challenges/{slug}/private"].text
    assert f"{PRIVATE:.3f}" in private


@pytest.mark.parametrize("path", ["public.zip", "files/public/train.csv"])
def test_data_about_people_is_for_who_has_entered(walked: Walk, path: str):
    """The same routes as for open data; the service demands another act."""
    wrong = {}
    for role in ROLES:
        with walked.world.client(role) as client:
            answer = client.get(f"/api/v1/challenges/{CLOSED}/{path}")
        if (answer.status_code == 200) != may("challenge.data_restricted", role, "entered"):
            wrong[role] = answer.status_code
    assert wrong == {}


# Secrets


def _secrets(walked: Walk) -> dict[str, re.Pattern[str]]:
    cast = walked.world.cast
    truth = "".join(f"f{row},{late}\\W+" for row, late in enumerate(factories.truth(200)[:6]))
    written = [*cast.hashes, "$argon2", *cast.cookies.values(), *cast.keys.values()]
    return {
        "a private score": re.compile(r"0\.7771|0\.777\b|77\.7"),
        "the split seed": re.compile(str(SEED)),
        "the answers": re.compile(f"{REMARK}|{truth}"),
        "a key or a password hash": re.compile("|".join(re.escape(one) for one in written)),
        "the invitation": re.compile(re.escape(cast.invitation)),
        "an upload or a check of somebody": re.compile(f"{re.escape(cast.upload)}|{re.escape(cast.check)}"),
    }


def test_no_answer_holds_a_secret(walked: Walk):
    patterns = _secrets(walked)
    leaks = [
        f"{answer}: {name}"
        for answer in walked.answers.values()
        if answer.role.split(":")[0] not in MAY_KNOW
        for name, pattern in patterns.items()
        if pattern.search(f"{answer.head}\n{answer.text}") and not _asked_with(answer, pattern)
    ]
    assert leaks == []


def _asked_with(answer: Answer, pattern: re.Pattern[str]) -> bool:
    """Whoever sends a secret may get it back."""
    return bool(pattern.search(answer.path)) or "/uploads" in answer.path


def test_not_even_organizers_get_answers_and_keys(walked: Walk):
    patterns = _secrets(walked)
    leaks = [
        f"{answer}: {name}"
        for answer in walked.answers.values()
        for name in ("the answers", "a key or a password hash")
        if patterns[name].search(f"{answer.head}\n{answer.text}")
    ]
    assert leaks == []


def test_no_log_line_holds_a_secret(walked: Walk):
    lines = walked.log.splitlines()
    assert len(lines) > len(ROUTES) * len(ROLES) / 2, "the log was not caught"
    leaks = {
        name: line
        for name, pattern in _secrets(walked).items()
        for line in lines
        if pattern.search(line) and name != "a private score"  # milliseconds look like scores
    }
    assert leaks == {}
