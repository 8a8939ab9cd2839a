"""The front page: what it tells everybody of every room, and what waits for whom."""

import re
from datetime import timedelta

import pytest

from leaderboard.accounts import organizations
from leaderboard.core import jobs
from leaderboard.entries import teams
from leaderboard.exchange.deals import service as deals
from leaderboard.exchange.listings import deeds
from leaderboard.front import pages
from tests.exchange import scene as scenes
from tests.exchange.scene import scene
from tests.seasons import factories

__all__ = ["scene"]

pytestmark = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)


def waiting(html):
    """Path → count, as the section says it."""
    return {
        path: int(count) for path, count in re.findall(r'<dt><a href="/en([^"]+)">[^<]+</a></dt><dd[^>]*>(\d+)', html)
    }


def test_everybody_reads_of_both_halves(scene, browser_of):
    with scene.resources.write() as work:
        shown = scenes.listed(work, scene, scene.lake)
        hidden = scenes.drafted(work, scene.bay, scenes.sheet(title="Not yet to be seen"))
    page = browser_of().get("/en/").text
    assert f'href="/en/listings/{shown}"' in page
    assert hidden not in page
    assert "Not yet to be seen" not in page
    for way in ("/challenges", "/exchange", "/demands/new", "/listings/new", "/events", "/datasets"):
        assert f'href="/en{way}"' in page
    assert "Waiting for you" not in page
    assert "Post a challenge" not in page  # it would end in a refusal
    assert "1 offer " in page


def test_an_empty_installation_says_what_will_appear(scene, browser_of):
    page = browser_of().get("/zh/").text
    assert "暂无供给" in page
    assert "<table" not in page


def test_the_operator_is_told_what_waits_and_where(scene, browser_of, clock):
    operator = browser_of(scene.operator)
    assert 'href="/en/organize">Post a challenge' in operator.get("/en/").text
    before = waiting(operator.get("/en/").text)
    assert before == {"/exchange/review": 0, "/exchange/vetting": 0, "/organizations": 0, "/events": 0, "/status": 0}
    with scene.resources.write() as work:
        key = scenes.drafted(work, scene.lake)
        deeds.submit(work, scene.lake.actor, key)
        organizations.create_organization(work, factories.person(work, "He Ping"), name="He", slug="he-and-sons")
        jobs.enqueue(work.session, "letter", "letter:1", work.now)
        (job,) = jobs.claim(work.session, "test", work.now, timedelta(seconds=30), kinds=["letter"])
        jobs.retry(work.session, job, work.now, "Traceback\nConnectionRefusedError: no mail server", attempts=1)
    after = waiting(operator.get("/en/").text)
    assert after == before | {"/exchange/review": 1, "/organizations": 1, "/status": 1}
    assert f'href="/en/exchange/review/{key}"' in operator.get("/en/exchange/review").text
    assert "ConnectionRefusedError: no mail server" in operator.get("/en/status").text
    assert "ConnectionRefusedError" not in browser_of(scene.lake.actor).get("/en/status").text


def test_a_word_of_the_operator_whatever_it_is_ends_the_waiting(scene):
    with scene.resources.write() as work:
        unit = organizations.create_organization(work, factories.person(work, "He Ping"), name="He", slug="he-and-sons")
        assert organizations.unjudged(work, scene.operator) == {unit.id}
        assert organizations.unjudged(work, scene.lake.actor) == set()
        organizations.vouch(work, scene.operator, unit, posts=False, audits=False, verified="0", region="")
        assert organizations.unjudged(work, scene.operator) == set()


def test_organizations_that_wait_for_a_word_stand_first(scene, browser_of):
    with scene.resources.write() as work:
        organizations.create_organization(work, factories.person(work, "Zu Wei"), name="Zz last", slug="zz-last")
    rows = re.findall(r'href="/en/organizations/([a-z-]+)"', browser_of(scene.operator).get("/en/organizations").text)
    assert next(slug for slug in rows if slug != "new") == "zz-last"


def test_a_party_is_told_of_deals_that_wait_for_its_side(scene):
    with scene.resources.write() as work:
        key = scenes.listed(work, scene, scene.lake)
        deals.begin(work, scene.clinic.actor, key, organization_id=scene.clinic.id, by="demander")
    with scene.resources.read() as work:
        (told,) = pages.front(work, scene.lake.actor, "en").waiting
        assert (told.count, told.path) == (1, "/me/deals")
        assert pages.front(work, scene.clinic.actor, "en").waiting == ()


def test_whoever_belongs_nowhere_yet_is_told_what_comes_first(scene, browser_of):
    with scene.resources.write() as work:
        new = factories.person(work, "Xin Lai")
        captain = factories.person(work, "Dui Zhang")
        teams.create(work, captain, "Night owls")
    assert "Your account is ready." in (page := browser_of(new).get("/en/").text)
    assert 'href="/en/me/teams"' in page
    assert 'href="/en/organizations/new"' in page
    for other in (None, captain, scene.lake.actor):
        assert "Your account is ready." not in browser_of(other).get("/en/").text
