import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from leaderboard.accounts.actor import Actor
from leaderboard.app import STREAMED
from leaderboard.core import jobs
from leaderboard.core.jobs import Leased
from leaderboard.core.sandbox import Outcome
from leaderboard.core.work import Resources
from leaderboard.seasons import packages, posting, routes, service
from leaderboard.seasons.packages import PackageJob
from tests.house.test_routes import walk
from tests.seasons import factories

pytestmark = pytest.mark.parametrize(
    "database_address", ["sqlite"], indirect=True
)  # services run on both; pages read alike

WHY = "The venue asked for it."


@pytest.fixture
def organizer(resources: Resources) -> Actor:
    with resources.write() as work:
        return factories.posted(work)[1]


@pytest.fixture
def browser_of(server: Any, resources: Resources) -> Callable[[Actor | None], httpx.Client]:
    """A signed-in browser without a screen."""

    def open_browser(actor: Actor | None) -> httpx.Client:
        if actor is None:
            return server.client()
        with resources.write() as work:
            return server.client(cookies=factories.session_of(work, actor))

    return open_browser


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


TABS = ("", "/data", "/rules", "/announcements")


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_public_page_has_one_heading_and_its_language(organizer, browser_of, resources, locale):
    with browser_of(None) as browser:
        for path in ("/challenges", "/seasons/open", *(f"/challenges/flight-delays{tab}" for tab in TABS)):
            answer = browser.get(f"/{locale}{path}")
            assert answer.status_code == 200, (path, answer.text[:300])
            assert len(re.findall(r"<h1\b", answer.text)) == 1, path
            assert f'<html lang="{ {"zh": "zh-Hans", "en": "en"}[locale] }"' in answer.text
            assert "哪些航班会晚点?" in answer.text if locale == "zh" else "Which flights will be late?" in answer.text


def test_the_overview_tells_what_to_submit_how_it_is_scored_and_until_when(organizer, browser_of):
    with browser_of(None) as browser:
        text = plain(browser.get("/en/challenges/flight-delays").text)
    for said in (
        "Closes in",
        "2027-02-28 18:00",
        "delayed the probability of “1”, from 0 to 1",
        "ROC AUC",
        "The public board uses 30% of the hidden rows; the other 70% decide at the end.",
        "5 submissions a day, 200 in all; a day begins at 00:00 in Asia/Shanghai (UTC+8)",
        "Enter alone or with a team.",
        "Predict them.",
    ):
        assert said in text, said


def test_nothing_of_the_answers_or_the_draw_is_public(organizer, browser_of):
    with browser_of(None) as browser:
        pages = [browser.get(f"/en/challenges/flight-delays{tab}").text for tab in TABS]
        pages += [browser.get(f"/api/v1/challenges/flight-delays{tab}").text for tab in ("", "/files")]
        pages.append(browser.get("/api/v1/challenges").text)
    for page in pages:
        assert "answers/" not in page
        assert '"seed"' not in page
        assert "0.987654" not in page  # what a baseline scored
        assert "prepared" not in page


def test_a_file_is_downloaded_whole_in_parts_and_not_again(organizer, browser_of):
    with browser_of(None) as browser:
        path = "/en/challenges/flight-delays/files/public/train.csv"
        whole = browser.get(path)
        assert whole.content == factories.TRAIN
        assert whole.headers["content-disposition"].startswith('attachment; filename="train.csv"')
        assert whole.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert whole.headers["x-content-type-options"] == "nosniff"
        part = browser.get(path, headers={"Range": "bytes=7-10"})
        assert (part.status_code, part.content) == (206, factories.TRAIN[7:11])
        assert browser.get(path, headers={"If-None-Match": whole.headers["etag"]}).status_code == 304
        assert browser.get("/api/v1/challenges/flight-delays/files/public/train.csv").content == factories.TRAIN
        assert browser.get("/en/challenges/flight-delays/public.zip").content == b"zip"


@pytest.mark.hostile
@pytest.mark.parametrize(
    "path",
    [
        "public/nothing.csv",
        "../../etc/passwd",
        "..%2f..%2fetc%2fpasswd",
        "answers/truth.csv",
        "public/%00",
        "/etc/passwd",
        "public/../answers/truth.csv",
    ],
)
def test_only_listed_files_are_handed_out(organizer, browser_of, path):
    with browser_of(None) as browser:
        assert browser.get(f"/en/challenges/flight-delays/files/{path}").status_code in {404, 400}
        assert browser.get(f"/api/v1/challenges/flight-delays/files/{path}").status_code in {404, 400}


@pytest.mark.hostile
def test_a_public_html_file_is_never_a_page_of_ours(resources, browser_of):
    with resources.write() as work:
        actor, unit = factories.organizer(work)
        package = packages.receive(work, actor, unit, factories.upload(work))
        report = factories.admission(factories.definition(), name="<script>alert(1)</script>.html")
        packages.record(work, package, factories.child_output(work.settings.data_dir / "out", report))
        posting.draft(work, actor, package)
        posting.post(work, actor, "flight-delays")
    with browser_of(None) as browser:
        page = browser.get("/en/challenges/flight-delays/data").text
        assert "<script>alert" not in page
        answer = browser.get("/en/challenges/flight-delays/files/public/<script>alert(1)</script>.html")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment")


def test_data_about_people_is_for_entered_teams(resources, browser_of):
    with resources.write() as work:
        said = factories.definition()["data"] | {"personal": "pseudonymous"}
        _, organizer = factories.posted(work, data=said)
        person = factories.person(work)
    path = "/en/challenges/flight-delays/files/public/train.csv"
    with browser_of(None) as browser:
        assert "only teams that have entered may download it" in browser.get("/en/challenges/flight-delays/data").text
        assert browser.get(path).status_code == 303
        assert browser.get("/api/v1/challenges/flight-delays/public.zip").status_code == 401
    with browser_of(person) as browser:
        assert browser.get(path).status_code == 403
        browser.post("/en/challenges/flight-delays/enter", data={"team": "alone", "accept_rules": "yes"})
        assert browser.get(path).status_code == 200
    with browser_of(organizer) as browser:
        assert browser.get(path).status_code == 200


# The list


@pytest.fixture
def several(resources: Resources) -> None:
    with resources.write() as work:
        _, actor = factories.posted(work, "flight-delays")
        factories.posted(
            work,
            "grid-load",
            sector="energy",
            task="forecasting",
            modality=["time-series"],
            title={"en": "Load", "zh": "电力负荷"},
        )
        _, third = factories.posted(work, "shuttle", sector="manufacturing", title={"en": "Shuttle", "zh": "航天飞机"})
        posting.close(work, third, "shuttle", reason=WHY)
        factories.closing_in(work, actor, "flight-delays", timedelta(days=2))


def slugs(browser: httpx.Client, query: str) -> list[str]:
    found = browser.get(f"/api/v1/challenges{query}")
    assert found.status_code == 200, found.text
    return [one["slug"] for one in found.json()["challenges"]]


def test_the_list_is_sifted_and_sorted_by_its_address(several, browser_of):
    with browser_of(None) as browser:
        assert slugs(browser, "") == ["flight-delays", "grid-load", "shuttle"]
        assert slugs(browser, "?sector=energy") == ["grid-load"]
        assert slugs(browser, "?state=closed") == ["shuttle"]
        assert slugs(browser, "?modality=time-series&task=forecasting") == ["grid-load"]
        assert slugs(browser, "?q=电力") == ["grid-load"]
        assert slugs(browser, "?q=LINGDONG+shuttle") == ["shuttle"]
        assert slugs(browser, "?sort=title") == ["grid-load", "shuttle", "flight-delays"]
        assert slugs(browser, "?season=open&page=2") == []
        text = browser.get("/en/challenges").text
        assert re.search(r"Energy</a> <span class=\"muted\">1<", text)
        assert "closing soon" in text


def test_page_json_and_csv_are_the_same_list(several, browser_of):
    with browser_of(None) as browser:
        rows = browser.get("/en/challenges.csv?state=open").content.decode("utf-8-sig").splitlines()
        assert [row.split(",")[0] for row in rows] == ["slug", *slugs(browser, "?state=open")]


@pytest.mark.parametrize("query", ["?sector=gardening", "?state=maybe", "?sort=size", "?page=0"])
def test_a_word_that_no_facet_knows_is_said(several, browser_of, query):
    with browser_of(None) as browser:
        assert browser.get(f"/en/challenges{query}").status_code == 422


def test_the_empty_list_says_what_will_be_there(browser_of):
    with browser_of(None) as browser:
        assert "No challenge has been posted yet" in browser.get("/en/challenges").text
        assert "还没有发布赛题" in browser.get("/zh/challenges").text


# The organizer's desk


def test_a_package_goes_from_its_upload_to_a_posted_challenge(resources, browser_of, tmp_path):
    with resources.write() as work:
        actor, _ = factories.organizer(work)
    with browser_of(actor) as browser:
        assert browser.get("/en/organize").status_code == 200
        sent = browser.post("/en/organize/new", files={"file": ("flights.zip", b"PK-the-zip", "application/zip")})
        assert sent.status_code == 303, sent.text
        report = sent.headers["location"]
        assert "Being checked." in browser.get(report).text
        package_id = int(report.rsplit("/", 1)[1])
        with resources.write() as work:
            job = Leased(1, "package", "k", "l", {"package": package_id}, 1, "w")
            PackageJob().record(
                work, job, factories.child_output(tmp_path / "out", factories.admission(factories.definition()))
            )
        assert "The package is sound." in browser.get(report).text
        made = browser.post(f"{report}/draft")
        assert made.headers["location"] == "/en/organize/challenges/flight-delays/phases"
        assert 'value="2026-12-01 09:00"' in browser.get(made.headers["location"]).text
        with server_of(browser) as public:
            assert public.get("/en/challenges/flight-delays").status_code == 404
        both = browser.get("/en/organize/challenges/flight-delays/preview").text
        assert "Predict them." in both
        assert "预测它们。" in both
        assert browser.get("/zh/organize/challenges/flight-delays").status_code == 200
        posted = browser.post("/en/organize/challenges/flight-delays/post")
        assert posted.headers["location"] == "/en/challenges/flight-delays"
        with server_of(browser) as public:
            assert public.get("/en/challenges/flight-delays").status_code == 200


def server_of(browser: httpx.Client) -> httpx.Client:
    """Somebody else at the same server."""
    return httpx.Client(base_url=browser.base_url, headers={"Sec-Fetch-Site": "same-origin"}, timeout=120)


def test_a_refused_package_shows_file_line_key_and_the_nearest_key(resources, browser_of, tmp_path):
    with resources.write() as work:
        actor, unit = factories.organizer(work)
        package = packages.receive(work, actor, unit, factories.upload(work))
        finding = {
            "id": "package.unknown_key_near", "file": "challenge.toml", "line": 3, "key": "titel", "value": "<b>x</b>",
            "params": {"nearest": "title"},
        }  # fmt: skip
        report = {"format": "jiebang-admission/1", "outcome": "refused", "findings": [finding]}
        packages.record(work, package, Outcome(json.dumps(report).encode(), tmp_path))
    with browser_of(actor) as browser:
        text = browser.get(f"/en/organize/packages/{package.id}").text
        assert "challenge.toml:3 titel = &lt;b&gt;x&lt;/b&gt;" in text
        assert "did you mean title?" in text
        assert "<b>x</b>" not in text
        found = browser.get(f"/api/v1/packages/{package.id}").json()
        assert found["state"] == "refused"
        assert found["findings"][0]["text"] == "there is no such key here; did you mean title?"


def test_a_package_is_sent_by_program_as_a_bare_body(resources, browser_of):
    with resources.write() as work:
        actor, _ = factories.organizer(work)
    with browser_of(actor) as browser:
        sent = browser.post(
            "/api/v1/packages?file_name=a.zip", content=b"PK..", headers={"Content-Type": "application/zip"}
        )
        assert sent.status_code == 202
        assert browser.get(f"/api/v1/packages/{sent.json()['id']}").json()["state"] == "checking"
    with resources.read() as work:
        assert jobs.counts(work.session) == {("package", "waiting"): 1}


@pytest.mark.hostile
def test_a_package_that_is_too_large_is_stopped_and_leaves_nothing(resources, browser_of):
    resources.settings.package_max_mb = 1
    with resources.write() as work:
        actor, _ = factories.organizer(work)
    endless = (b"x" * 65536 for _ in range(40))
    with browser_of(actor) as browser:
        for kwargs in ({"content": endless}, {"files": {"file": ("a.zip", b"x" * 2_000_000)}}):
            answer = browser.post("/api/v1/packages", **kwargs)
            assert answer.status_code == 413
    assert not list((resources.settings.data_dir / "uploads").iterdir())
    with resources.read() as work:
        assert jobs.counts(work.session) == {}


def test_sending_nothing_or_for_a_foreign_unit_is_refused_in_the_form(resources, browser_of):
    with resources.write() as work:
        actor, _ = factories.organizer(work)
        factories.organizer(work, "Other")
        participant = factories.person(work)
    with browser_of(actor) as browser:
        empty = browser.post("/en/organize/new", files={"file": ("", b"")})
        assert empty.status_code == 422
        assert "Choose the zip of a challenge package." in empty.text
        wrong = browser.post(
            "/en/organize/new", data={"organization": "unit-nowhere"}, files={"file": ("a.zip", b"PK")}
        )
        assert wrong.status_code == 422
        assert "Say for which organization you post." in wrong.text
    with browser_of(participant) as browser:
        assert browser.get("/en/organize").status_code == 403
        assert browser.post("/en/organize/new", files={"file": ("a.zip", b"PK")}).status_code == 403
    with browser_of(None) as browser:
        assert browser.get("/en/organize").headers["location"].startswith("/en/sign-in?next=")


def phases(**changes: str) -> dict[str, str]:
    sent = {
        "key": "open",
        "opens": "2026-12-01 09:00",
        "closes": "2027-02-28 18:00",
        "per_day": "5",
        "total": "200",
        "picks": "2",
    }
    return {"zone": "Asia/Shanghai", **{f"phases-0-{name}": value for name, value in (sent | changes).items()}}


def test_dates_are_changed_with_a_reason_and_everyone_sees_it(organizer, browser_of):
    path = "/en/organize/challenges/flight-delays/phases"
    with browser_of(organizer) as browser:
        refused = browser.post(path, data=phases(closes="2027-03-05 18:00"))
        assert refused.status_code == 422
        assert 'value="2027-03-05 18:00"' in refused.text
        assert "say why you change it" in refused.text
        wrong = browser.post(path, data=phases(closes="soon", per_day="many") | {"reason": WHY})
        assert wrong.status_code == 422
        assert wrong.text.count("field__error") == 2
        assert browser.post(path, data=phases(closes="2027-03-05 18:00") | {"reason": WHY}).status_code == 303
    with browser_of(None) as browser:
        text = plain(browser.get("/en/challenges/flight-delays/announcements").text)
        assert "End of the phase Open phase" in text
        assert "2027-02-28 18:00" in text
        assert "2027-03-05 18:00" in text
        assert WHY in text


@pytest.mark.hostile
def test_a_form_with_strange_fields_is_answered_calmly(organizer, browser_of):
    strange = phases(closes="soon") | {
        "phases-x-key": "a",
        "phases--": "b",
        "phases-99999999999-key": "c",
        "phases-77-key": "d",
    }
    with browser_of(organizer) as browser:
        assert browser.post("/en/organize/challenges/flight-delays/phases", data=strange).status_code == 422


@pytest.mark.hostile
def test_only_routes_that_count_take_more_than_a_form(organizer, browser_of, resources):
    counting = {"/api/v1/packages", "/{locale}/organize/new", "/{locale}/organize/challenges/{slug}/package"}
    every = [*walk(routes.pages), *walk(routes.api, "/api/v1")]
    large = {path for path, route in every if "POST" in route.methods and path.endswith(STREAMED)}
    assert large == counting


def test_a_notice_is_shown_in_the_reader_s_language_and_inert(organizer, browser_of):
    notice = {
        "title_en": "<i>New</i> data",
        "title_zh": "新数据",
        "text_en": "See **this** <script>alert(1)</script>",
        "text_zh": "请看",
    }
    with browser_of(organizer) as browser:
        assert (
            browser.post("/en/organize/challenges/flight-delays/announce", data=notice | {"text_zh": ""}).status_code
            == 422
        )
        assert browser.post("/en/organize/challenges/flight-delays/announce", data=notice).status_code == 303
    with browser_of(None) as browser:
        text = browser.get("/en/challenges/flight-delays/announcements").text
        assert "&lt;i&gt;New&lt;/i&gt; data" in text
        assert "<strong>this</strong>" in text
        assert "<script>alert" not in text
        assert "新数据" in browser.get("/zh/challenges/flight-delays").text


def test_closing_by_hand_is_public_with_its_reason(organizer, browser_of):
    with browser_of(organizer) as browser:
        assert browser.post("/en/organize/challenges/flight-delays/close", data={"reason": ""}).status_code == 422
        assert browser.post("/en/organize/challenges/flight-delays/close", data={"reason": WHY}).status_code == 303
    with browser_of(None) as browser:
        assert "The organizer closed this challenge" in browser.get("/en/challenges/flight-delays").text


def test_the_desk_of_others_does_not_exist(organizer, browser_of, resources):
    with resources.write() as work:
        stranger, _ = factories.organizer(work)
    for actor in (stranger, None):
        with browser_of(actor) as browser:
            for path in ("", "/phases", "/preview", "/announce", "/package"):
                assert browser.get(f"/en/organize/challenges/flight-delays{path}").status_code in {404, 303, 401}
            assert browser.post("/en/organize/challenges/flight-delays/close", data={"reason": WHY}).status_code in {
                404,
                401,
            }
    with resources.read() as work:
        assert service.challenge_by_slug(work, organizer, "flight-delays").state == "posted"


def test_a_challenge_is_run_by_program(resources, browser_of, tmp_path):
    with resources.write() as work:
        actor, unit = factories.organizer(work)
        package = factories.ready_package(work, actor, unit)
    window = {
        "key": "open",
        "opens_at": "2026-12-01T09:00:00+08:00",
        "closes_at": "2027-01-01T09:00:00+08:00",
        "per_day": 3,
    }
    with browser_of(actor) as browser:
        assert browser.post("/api/v1/challenges", json={"package": package.id}).json() == {
            "slug": "flight-delays",
            "state": "draft",
        }
        put = browser.put("/api/v1/challenges/flight-delays/phases", json={"phases": [window]})
        assert put.json()[0]["per_day"] == 3
        naive = browser.put(
            "/api/v1/challenges/flight-delays/phases", json={"phases": [window | {"opens_at": "2026-12-01T09:00:00"}]}
        )
        assert naive.status_code == 422
        assert browser.post("/api/v1/challenges/flight-delays/post").json()["state"] == "posted"
        unreasoned = browser.put("/api/v1/challenges/flight-delays/phases", json={"phases": [window | {"per_day": 4}]})
        assert unreasoned.json()["id"] == "seasons.reason"
        found = browser.get("/api/v1/challenges/flight-delays").json()
        assert found["phases"][0]["is_open"]
        assert found["definition"]["scores"][0]["key"] == "auc"
        assert "answers" not in found["definition"]


def test_a_new_version_is_put_in_force_with_a_reason(organizer, browser_of, resources):
    with resources.write() as work:
        challenge = service.challenge_by_slug(work, organizer, "flight-delays")
        new = factories.ready_package(
            work, organizer, challenge.organization_id, factories.definition(version="2.0.0"), challenge=challenge
        )
    with browser_of(organizer) as browser:
        report = browser.get(f"/en/organize/packages/{new.id}").text
        assert "will be scored anew" in report
        adopted = browser.post(
            f"/en/organize/packages/{new.id}/adopt", data={"challenge": "flight-delays", "reason": WHY}
        )
        assert adopted.status_code == 303, adopted.text
    with browser_of(None) as browser:
        assert "Version of the challenge package" in plain(browser.get("/en/challenges/flight-delays").text)
