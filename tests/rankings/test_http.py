"""Boards as readers get them, over HTTP: page, CSV, JSON, badge, events; and pages that are kept."""

import asyncio
import csv
import io
import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import httpx
import pytest

from leaderboard.rankings.boards import PAGE_ROWS
from leaderboard.seasons.models import Challenge, Phase
from tests.rankings.test_final import after_the_close, finalise
from tests.seasons.factories import session_of

pytestmark = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)

BOARD = "/en/challenges/tides/board"


@pytest.fixture
def site(harbour, start_server):
    """A reader's browser."""
    with start_server(harbour.resources).client() as client:
        yield client


def rows_of(answer):
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def teams_on(html):
    return re.findall(r'href="/en/teams/\d+"[^>]*>([^<]+)<', html)


def test_page_csv_and_json_say_the_same(harbour, site):
    harbour.hand_in("Beijiang", 0.812, 0.41)
    harbour.hand_in("龙舟队", 0.845, 0.39)
    harbour.hand_in("reference", 0.5, 0.69, baseline=True)
    page, table, data = site.get(BOARD), site.get(f"{BOARD}.csv"), site.get("/api/v1/challenges/tides/board").json()
    assert page.status_code == 200
    assert teams_on(page.text)[:3] == ["龙舟队", "Beijiang", "reference"]
    assert [(row["place"], row["team"], row["score"]) for row in data["rows"]] == [
        (1, "龙舟队", 0.845),
        (2, "Beijiang", 0.812),
        (None, "reference", 0.5),
    ]
    assert data["rows"][0]["scores"] == {"auc": 0.845, "loss": 0.39}
    head, *lines = rows_of(table)
    assert [line[head.index("team")] for line in lines] == ["龙舟队", "Beijiang", "reference"]
    assert [float(line[head.index("auc")]) for line in lines] == [0.845, 0.812, 0.5]
    assert "attachment" in table.headers["content-disposition"]


def test_both_languages(harbour, site):
    harbour.hand_in("a", 0.8)
    zh, en = site.get("/zh/challenges/tides/board"), site.get(BOARD)
    assert 'lang="zh-Hans"' in zh.text
    assert 'lang="en"' in en.text
    assert "潮汐" in zh.text
    assert "Tides" in en.text


def test_private_numbers_show_nowhere_before_finalisation(harbour, site):
    harbour.hand_in("a", 0.812, private=0.123456)
    addresses = [
        BOARD,
        f"{BOARD}.csv",
        "/api/v1/challenges/tides/board",
        "/en/challenges/tides/history",
        "/en/challenges/tides/history.csv",
        "/en/challenges/tides/results",
        "/en/challenges/tides/results.csv",
        "/api/v1/challenges/tides/results",
        "/badge/tides.svg",
        "/en/",
    ]
    for address in addresses:
        answer = site.get(address)
        assert answer.status_code == 200, address
        assert "0.123" not in answer.text, address
    assert site.get("/en/organize/challenges/tides/private").status_code == 404  # hidden from everybody else
    after_the_close(harbour)
    finalise(harbour)
    assert "0.123" in site.get("/en/challenges/tides/results").text
    assert site.get("/api/v1/challenges/tides/results").json()["rows"][0]["score"] == 0.123456
    assert rows_of(site.get("/en/challenges/tides/results.csv"))[1][-3:] == ["0.123456"] * 3


def test_the_organizer_sees_the_preview_and_finalises_by_a_button(harbour, site):
    harbour.hand_in("a", 0.812, private=0.123456)
    after_the_close(harbour)
    with harbour.resources.write() as work:
        from leaderboard.accounts.models import Membership, Person

        unit = work.session.get_one(Challenge, harbour.challenge_id).organization_id
        work.session.add(Membership(organization_id=unit, person_id=harbour.owner_id, role="owner", joined_at=work.now))
        owner = work.session.get_one(Person, harbour.owner_id)
        from leaderboard.accounts.actor import Actor

        cookies = session_of(work, Actor(person_id=owner.id, name=owner.name, email=owner.email, role=owner.role))
    site.cookies.update(cookies)
    assert "0.123" in site.get("/en/organize/challenges/tides/private").text
    done = site.post("/en/organize/challenges/tides/finalise")
    assert (done.status_code, done.headers["location"]) == (303, "/en/challenges/tides/results")
    again = site.post("/en/organize/challenges/tides/finalise")
    assert again.status_code == 409
    assert "finalised already" in again.text


# What the address asks for


def test_search_keeps_places_and_says_when_nothing_matches(harbour, site):
    for name, auc in [("alpha", 0.6), ("beta", 0.8), ("betamax", 0.7)]:
        harbour.hand_in(name, auc)
    data = site.get("/api/v1/challenges/tides/board?q=BETAM").json()
    assert [(row["place"], row["team"]) for row in data["rows"]] == [(2, "betamax")]
    assert "No team is called so" in site.get(f"{BOARD}?q=%25").text


def test_as_of_a_moment_and_before_there_was_anything(harbour, site):
    harbour.hand_in("a", 0.7)
    moment = harbour.clock.now() - timedelta(seconds=30)
    harbour.hand_in("b", 0.8)
    earlier = site.get("/api/v1/challenges/tides/board", params={"as_of": moment.isoformat()}).json()
    assert [(row["place"], row["team"]) for row in earlier["rows"]] == [(1, "a")]
    assert "as it was at" in site.get(BOARD, params={"as_of": moment.isoformat()}).text
    before = site.get(BOARD, params={"as_of": (moment - timedelta(days=5)).isoformat()})
    assert "Nothing had been scored then" in before.text


@pytest.mark.parametrize(
    ("query", "status"),
    [("as_of=yesterday", 422), ("sort=nothing", 422), ("page=0", 422), ("phase=nosuch", 404), ("page=7", 404)],
)
def test_what_cannot_be_shown_is_refused_with_words(harbour, site, query, status):
    harbour.hand_in("a", 0.7)
    assert site.get(f"{BOARD}?{query}").status_code == status
    problem = site.get(f"/api/v1/challenges/tides/board?{query}")
    assert problem.status_code == status
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["detail"]


def test_pages_are_linked_and_their_links_keep_the_rest_of_the_address(harbour, site):
    with harbour.resources.write() as work:
        work.session.add(
            Phase(
                challenge_id=harbour.challenge_id,
                key="later",
                opens_at=work.now - timedelta(days=1),
                closes_at=work.now + timedelta(days=20),
            )
        )
    for number in range(PAGE_ROWS + 3):
        harbour.hand_in(f"t{number:03}", 0.5 + number / 1000)
    first = site.get("/api/v1/challenges/tides/board?phase=open&sort=team").json()
    assert len(first["rows"]) == PAGE_ROWS
    second = site.get(f"/api/v1/challenges/tides/board{first['next']}").json()
    assert second["phase"] == "open"
    assert second["next"] is None
    assert [row["team"] for row in first["rows"] + second["rows"]] == [f"t{n:03}" for n in range(PAGE_ROWS + 3)]
    page = site.get(f"{BOARD}?phase=open")
    assert "page=2" in page.text
    assert site.get("/api/v1/challenges/tides/board").json() == {
        **first,
        "phase": "later",
        "teams": 0,
        "next": None,
        "rows": [],
    }


def test_a_baseline_is_on_exactly_one_page(harbour, site):
    for number in range(PAGE_ROWS + 1):
        harbour.hand_in(f"t{number:03}", 0.9 - number / 1000)
    # Between the last team of the first page and the first of the second, before all, and after all.
    for name, auc in [("between", 0.9 - 0.0995), ("before", 0.95), ("after", 0.1)]:
        harbour.hand_in(name, round(auc, 4), baseline=True)
    now = {"as_of": harbour.clock.now().isoformat()}
    for params in ({}, now):
        seen = []
        for page in (1, 2):
            data = site.get("/api/v1/challenges/tides/board", params={"page": page, **params}).json()
            seen += [row["team"] for row in data["rows"] if row["baseline"]]
        assert sorted(seen) == ["after", "before", "between"], params


# When there is nothing


def test_each_empty_state_says_why(harbour, site):
    def phase(**change):
        with harbour.resources.write() as work:
            row = work.session.get_one(Phase, harbour.phase_id)
            for name, value in change.items():
                setattr(row, name, value)

    now = harbour.clock.now()
    assert "No scores yet" in site.get(f"{BOARD}?page=1").text
    phase(opens_at=now + timedelta(days=1), closes_at=now + timedelta(days=2))
    assert "Not open yet" in site.get(f"{BOARD}?sort=place").text
    phase(opens_at=now - timedelta(days=2), closes_at=now - timedelta(days=1))
    assert "ended without a score" in site.get(f"{BOARD}?sort=-place").text
    with harbour.resources.write() as work:
        work.session.delete(work.session.get_one(Phase, harbour.phase_id))
    assert "No board yet" in site.get(f"{BOARD}?sort=team").text
    assert site.get("/en/challenges/nosuch/board").status_code == 404


# Badges


def test_a_badge_is_an_image_whatever_a_team_is_called(harbour, site):
    hostile = '<script>alert(1)</script>&"quote'
    harbour.hand_in(hostile, 0.9)
    answer = site.get("/badge/tides.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    tree = ET.fromstring(answer.text)
    assert {element.tag.rpartition("}")[2] for element in tree.iter()} == {"svg", "title", "rect", "g", "text"}
    assert hostile[:20] in tree.attrib["aria-label"]
    assert "0.900" in tree.attrib["aria-label"]


def test_a_badge_says_where_a_team_stands(harbour, site):
    harbour.hand_in("a", 0.9)
    harbour.hand_in("b", 0.8)
    data = site.get("/api/v1/challenges/tides/board").json()
    team = next(row["team_id"] for row in data["rows"] if row["team"] == "b")
    assert "place 2 of 2" in site.get(f"/badge/tides.svg?team={team}&lang=en").text
    assert "no score yet" in site.get("/badge/tides.svg?team=99999&lang=en").text


# Kept pages


def test_a_kept_page_answers_304_to_whoever_has_it(harbour, site):
    harbour.hand_in("a", 0.9)
    first = site.get(BOARD)
    assert site.get(BOARD, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    plain = site.get(BOARD, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == first.content
    assert plain.headers["etag"] != first.headers["etag"]  # other bytes, another name
    assert site.get(BOARD, headers={"If-None-Match": '"other"'}).status_code == 200
    assert "jiebang-keep" not in first.headers


def test_a_change_is_on_the_page_as_soon_as_it_is_news(harbour, site):
    harbour.hand_in("a", 0.9)
    etag = site.get(BOARD).headers["etag"]
    harbour.hand_in("b", 0.95)
    with httpx.Client(base_url=site.base_url, timeout=120) as other:
        for _ in range(200):
            if other.get(BOARD).headers["etag"] != etag:
                break
            asyncio.run(asyncio.sleep(0.05))
    assert teams_on(site.get(BOARD).text)[0] == "b"
    assert site.get(BOARD, headers={"If-None-Match": etag}).status_code == 200


def test_what_a_signed_in_reader_gets_is_not_kept(harbour, site):
    harbour.hand_in("a", 0.9)
    with harbour.resources.write() as work:
        from tests.seasons import factories

        cookies = session_of(work, factories.person(work, "Lin Xiaolan"))
    site.cookies.update(cookies)
    mine = site.get(BOARD)
    assert "Lin Xiaolan" in mine.text
    assert "private" in mine.headers["cache-control"]
    site.cookies.clear()
    assert "Lin Xiaolan" not in site.get(BOARD).text
    token = site.get(BOARD, headers={"Authorization": "Bearer jb_nonsense"})
    assert token.status_code == 401 or "Lin Xiaolan" not in token.text


def test_each_theme_and_language_is_kept_apart(harbour, site):
    harbour.hand_in("a", 0.9)
    dark = site.get(BOARD, headers={"Cookie": "jiebang_theme=dark"}).text
    assert dark != site.get(BOARD).text
    bogus = site.get(BOARD, headers={"Cookie": "jiebang_theme=sepia"}).text
    assert bogus == site.get(BOARD).text
    assert (
        site.get("/badge/tides.svg", headers={"Accept-Language": "zh"}).text
        != site.get("/badge/tides.svg", headers={"Accept-Language": "en"}).text
    )


def test_fifty_readers_at_once_have_a_page_rendered_once(harbour, site, monkeypatch):
    from leaderboard.rankings import pages

    harbour.hand_in("a", 0.9)
    rendered = []
    really = pages.board
    monkeypatch.setattr(pages, "board", lambda *args: rendered.append(1) or really(*args))

    async def all_at_once():
        limits = httpx.Limits(max_connections=50)
        async with httpx.AsyncClient(base_url=str(site.base_url), timeout=120, limits=limits) as client:
            return await asyncio.gather(*(client.get(f"{BOARD}?sort=place") for _ in range(50)))

    answers = asyncio.run(all_at_once())
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert len(rendered) == 1


def test_pages_that_are_not_kept_do_not_wait_for_each_other(harbour, site):
    async def all_at_once():
        async with httpx.AsyncClient(base_url=str(site.base_url), timeout=120) as client:
            return await asyncio.gather(*(client.get("/en/challenges/nosuch/board") for _ in range(10)))

    assert [answer.status_code for answer in asyncio.run(all_at_once())] == [404] * 10


# Events


def test_an_open_page_hears_of_a_new_score(harbour, site):
    with site.stream("GET", f"{BOARD}/events?phase=open") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        assert next(lines) == "retry: 3000"
        harbour.hand_in("a", 0.9)
        assert next(line for line in lines if line.startswith("event")) == "event: change"


def test_events_of_a_board_that_is_not_there_are_refused(harbour, site):
    assert site.get("/en/challenges/nosuch/board/events").status_code == 404
    assert site.get(f"{BOARD}/events?phase=nosuch").status_code == 404
