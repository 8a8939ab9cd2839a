import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from leaderboard.accounts.actor import Actor
from leaderboard.core.work import Resources
from leaderboard.entries import membership, teams
from tests.seasons import factories

pytestmark = pytest.mark.parametrize(
    "database_address", ["sqlite"], indirect=True
)  # services run on both; pages read alike

ENTER = "/en/challenges/flight-delays/enter"


@pytest.fixture
def organizer(resources: Resources) -> Actor:
    with resources.write() as work:
        return factories.posted(work)[1]


@pytest.fixture
def people(resources: Resources) -> list[Actor]:
    with resources.write() as work:
        return [factories.person(work, name) for name in ("Lin Xiaolan", "王伟", "<b>Zed</b>")]


@pytest.fixture
def browser_of(server: Any, resources: Resources) -> Callable[[Actor | None], httpx.Client]:
    """A signed-in browser without a screen."""

    def open_browser(actor: Actor | None) -> httpx.Client:
        if actor is None:
            return server.client()
        with resources.write() as work:
            return server.client(cookies=factories.session_of(work, actor))

    return open_browser


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_page_has_one_heading_in_its_language(organizer, people, browser_of, resources, locale):
    with resources.write() as work:
        team = teams.create(work, people[0], "Data Team").id or 0
        token = teams.invite(work, people[0], team).token
    with browser_of(people[0]) as browser:
        for path in ("/challenges/flight-delays/enter", "/me/teams", f"/teams/{team}", f"/invitations/{token}"):
            answer = browser.get(f"/{locale}{path}")
            assert answer.status_code == 200, path
            assert len(re.findall(r"<h1\b", answer.text)) == 1, path
            assert f'lang="{ {"zh": "zh-Hans", "en": "en"}[locale] }"' in answer.text[:200]


def test_entering_alone_takes_one_form(organizer, people, browser_of):
    with browser_of(None) as browser:
        assert "Sign in first" in browser.get(ENTER).text
    with browser_of(people[0]) as browser:
        unticked = browser.post(ENTER, data={"team": "alone"})
        assert unticked.status_code == 422
        assert 'href="#accept_rules"' in unticked.text
        assert (
            browser.post(ENTER, data={"team": "alone", "accept_rules": "yes"}).headers["location"]
            == "/en/challenges/flight-delays"
        )
        assert "You stand for the team Lin Xiaolan" in browser.get(ENTER).text
        again = browser.post(ENTER, data={"team": "alone", "accept_rules": "yes"})
        assert again.status_code == 409
        assert "already stands for the team" in again.text
        assert "Which flights will be late?" in browser.get("/en/me/teams").text
        assert "flight-delays" in browser.get("/en/me/teams.csv").text


def test_a_new_team_and_its_entry_come_together_or_not_at_all(organizer, people, browser_of):
    form = {"team": "new", "name": "Data Team", "accept_rules": "yes"}
    with browser_of(people[0]) as browser:
        assert browser.post(ENTER, data=form | {"accept_rules": ""}).status_code == 422
        assert "Data Team" not in browser.get("/en/me/teams").text
        assert browser.post(ENTER, data=form).status_code == 303
        assert "Data Team" in browser.get("/en/me/teams").text
    with browser_of(people[1]) as browser:
        taken = browser.post(ENTER, data=form)
        assert taken.status_code == 422
        assert "already a team called “Data Team”" in taken.text
        assert 'value="Data Team"' in taken.text


def test_an_invitation_is_shown_once_accepted_and_then_gone(organizer, people, browser_of):
    captain, member, third = people
    with browser_of(captain) as browser:
        home = browser.post("/en/me/teams", data={"name": "Data Team"}).headers["location"]
        browser.post(ENTER, data={"team": home.rsplit("/", 1)[1], "accept_rules": "yes"})
        made = browser.post(f"{home}/invite")
        assert made.status_code == 201
        path = re.search(r"http://[^<]*(/en/invitations/[\w-]+)<", made.text)[1]
        assert path not in browser.get(home).text
    with browser_of(None) as browser:
        assert browser.get(path).headers["location"].startswith("/en/sign-in?next=")
    with browser_of(member) as browser:
        page = browser.get(path).text
        assert "Data Team" in page
        assert "Which flights will be late?" in page
        assert browser.post(path).headers["location"] == home
        assert "Accept the rules" in browser.get(ENTER).text
        browser.post("/en/challenges/flight-delays/accept-rules", data={"accept_rules": "yes"})
        assert "and have accepted its rules" in browser.get(ENTER).text
    with browser_of(third) as browser:
        assert browser.get(path).status_code == 410


def test_members_are_seen_by_those_who_may_and_nobody_else(organizer, people, browser_of, resources):
    with resources.write() as work:
        team = teams.create(work, people[0], "Data Team").id or 0
        membership.accept(work, people[2], teams.invite(work, people[0], team).token)
        stranger, _ = factories.organizer(work)
    page, api = f"/en/teams/{team}", f"/api/v1/teams/{team}"
    with browser_of(people[2]) as browser:
        text = browser.get(page).text
        assert "Lin Xiaolan" in text
        assert "&lt;b&gt;Zed&lt;/b&gt;" in text
        assert "<b>Zed" not in text
        assert len(browser.get(f"{api}/members").json()) == 2
    for other in (None, people[1], stranger, organizer):
        with browser_of(other) as browser:
            assert "Lin Xiaolan" not in browser.get(page).text
            assert browser.get(api).json()["members"] is None
            assert browser.get(f"{api}/members").status_code in {401, 403}
    with browser_of(people[0]) as browser:
        browser.post(ENTER, data={"team": str(team), "accept_rules": "yes"})
    with browser_of(organizer) as browser:
        assert "Lin Xiaolan" in browser.get(page).text
    with browser_of(stranger) as browser:
        assert "Lin Xiaolan" not in browser.get(page).text


def test_a_captain_changes_the_team_and_others_cannot(people, browser_of, resources):
    with resources.write() as work:
        team = teams.create(work, people[0], "Data Team").id or 0
        membership.accept(work, people[1], teams.invite(work, people[0], team).token)
    home, other = f"/en/teams/{team}", str(people[1].person_id)
    with browser_of(people[1]) as browser:
        for verb in ("rename", "invite", "hand-over", "dissolve", "remove"):
            sent = {"name": "Mine", "person": str(people[0].person_id)}
            assert browser.post(f"{home}/{verb}", data=sent).status_code == 403
    with browser_of(people[0]) as browser:
        bad = browser.post(f"{home}/rename", data={"name": "a\u202eb"})
        assert bad.status_code == 422
        assert "cannot be seen (U+202E)" in bad.text
        assert browser.post(f"{home}/rename", data={"name": "Better Data"}).status_code == 303
        assert browser.post(f"{home}/leave").status_code == 409
        assert browser.post(f"{home}/hand-over", data={"person": "x"}).status_code == 422
        assert browser.post(f"{home}/hand-over", data={"person": other}).status_code == 303
        assert browser.post(f"{home}/leave").status_code == 303
        assert "Better Data" in browser.get(home).text
    with browser_of(people[1]) as browser:
        assert browser.post(f"{home}/dissolve").status_code == 303
        assert "This team was dissolved." in browser.get(home).text


def test_an_entry_is_withdrawn_from_my_teams(organizer, people, browser_of):
    with browser_of(people[0]) as browser:
        browser.post(ENTER, data={"team": "alone", "accept_rules": "yes"})
        path = re.search(r'action="(/en/entries/\d+/withdraw)"', browser.get("/en/me/teams").text)[1]
        assert browser.post(path).status_code == 303
        assert "No entry yet" in browser.get("/en/me/teams").text
    with browser_of(people[1]) as browser:
        assert browser.post(path).status_code == 403


def test_a_program_enters_invites_and_leaves(organizer, people, browser_of):
    captain, member, _ = people
    with browser_of(captain) as browser:
        refused = browser.post("/api/v1/challenges/flight-delays/entry", json={"accept_rules": False})
        assert (refused.status_code, refused.json()["id"]) == (409, "entries.rules")
        made = browser.post(
            "/api/v1/challenges/flight-delays/entry", json={"team_name": "Data Team", "accept_rules": True}
        )
        assert made.status_code == 201
        team = made.json()["team_id"]
        assert browser.get("/api/v1/challenges/flight-delays/entry").json() == made.json()
        assert browser.get("/api/v1/me/entries").json() == [made.json()]
        token = browser.post(f"/api/v1/teams/{team}/invitations").json()["token"]
        assert [one["token"] for one in browser.get(f"/api/v1/teams/{team}/invitations").json()] == [None]
    with browser_of(member) as browser:
        assert browser.get(f"/api/v1/teams/{team}/invitations").status_code == 403
        assert browser.post("/api/v1/invitations", json={"token": token}).json()["size"] == 2
        assert browser.get("/api/v1/challenges/flight-delays/entry").json()["accepted"] is False
        assert browser.post("/api/v1/challenges/flight-delays/rules").status_code == 200
        assert browser.get("/api/v1/challenges/flight-delays/entry").json()["accepted"] is True
        assert browser.delete(f"/api/v1/teams/{team}/members/{member.person_id}").status_code == 204
        assert browser.get("/api/v1/challenges/flight-delays/entry").status_code == 404
    with browser_of(captain) as browser:
        assert browser.delete("/api/v1/challenges/flight-delays/entry").status_code == 204
        assert browser.delete(f"/api/v1/teams/{team}").status_code == 204
        assert browser.get(f"/api/v1/teams/{team}").json()["dissolved"] is True


@pytest.mark.hostile
def test_names_are_shown_inert(organizer, people, browser_of):
    name = '<img src=x onerror="alert(1)">'
    with browser_of(people[0]) as browser:
        assert browser.post(ENTER, data={"team": "new", "name": name, "accept_rules": "yes"}).status_code == 303
        for path in ("/en/me/teams", ENTER):
            text = browser.get(path).text
            assert "&lt;img src=x" in text
            assert "<img src=x" not in text


@pytest.mark.hostile
def test_a_formula_for_a_name_stays_text_in_csv(organizer, people, browser_of):
    with browser_of(people[0]) as browser:
        browser.post(ENTER, data={"team": "new", "name": "=1+1 SUM", "accept_rules": "yes"})
        assert "'=1+1 SUM" in browser.get("/en/me/teams.csv").text
