"""Handing in over a real server: plain bodies, forms, pages, and what others must not see."""

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from sqlmodel import select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.tokens import make_token
from leaderboard.submissions.models import PrivateScore, Submission
from leaderboard.submissions.reception import uploads_folder
from leaderboard.submissions.states import State
from tests.conftest import Server
from tests.submissions import factories
from tests.submissions.conftest import Stage
from tests.submissions.test_worker import settled

GOOD = factories.predictions()
Client = Callable[..., httpx.Client]


@pytest.fixture
def client(stage: Stage, server: Server):
    """A program with a token of somebody's; the entrant's own unless told otherwise."""
    made: list[httpx.Client] = []

    def as_(actor: Actor | None = None, *scopes: str, locale: str = "en") -> httpx.Client:
        with stage.resources.write() as work:
            token = make_token(work, actor or stage.actor, name="test", scopes=scopes or ("submit", "organize"), days=1)
        headers = {"Authorization": f"Bearer {token.key}", "Accept-Language": locale}
        made.append(httpx.Client(base_url=server.url, headers=headers, timeout=120))
        return made[-1]

    yield as_
    for one in made:
        one.close()


@pytest.fixture(autouse=True)
def _time_runs(real_time):
    """Tokens and sessions are about real time here."""


def post(client: httpx.Client, data: bytes = GOOD, name: str = "p.csv", **headers: str) -> httpx.Response:
    return client.post("/api/v1/challenges/late/submissions", params={"file_name": name}, content=data, headers=headers)


def check(client: httpx.Client, data: bytes) -> httpx.Response:
    """The answer of a dry run; on a slow machine it has to be asked for again."""
    answer = client.post("/api/v1/challenges/late/check", params={"file_name": "p.csv"}, content=data)
    while answer.status_code == 202 or answer.json().get("state") == "waiting":
        time.sleep(float(answer.headers.get("retry-after", 1)))
        answer = client.get(answer.headers.get("location") or str(answer.url))
    return answer


def test_a_file_in_one_request(stage: Stage, client: Client):
    answer = post(client())
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert answer.headers["location"] == f"/api/v1/submissions/{body['id']}"
    assert (body["state"], body["size"], body["file_name"]) == ("received", len(GOOD), "p.csv")
    assert body["sha256"] == hashlib.sha256(GOOD).hexdigest()
    assert body["queue"]["ahead"] == 0
    assert client().get(answer.headers["location"]).json()["id"] == body["id"]
    assert list(uploads_folder(stage.resources).iterdir()) == [], "marks and parts are taken away"


def test_the_name_may_come_by_content_disposition(client: Client):
    named = {"Content-Disposition": "attachment; filename*=UTF-8''%E9%A2%84%E6%B5%8B.csv"}
    answer = client().post("/api/v1/challenges/late/submissions", content=GOOD, headers=named)
    assert answer.json()["file_name"] == "预测.csv"


def test_a_form_of_a_program(client: Client):
    files = {"file": ("predictions.csv", GOOD, "text/csv")}
    answer = client().post("/api/v1/challenges/late/submissions", files=files, data={"note": "tuned"})
    assert answer.status_code == 201, answer.text
    assert (answer.json()["note"], answer.json()["sha256"]) == ("tuned", hashlib.sha256(GOOD).hexdigest())


def test_characters_that_do_not_print_are_left_out_of_names_and_notes(client: Client):
    answer = client().post(
        "/api/v1/challenges/late/submissions", params={"file_name": "a\0b.csv", "note": "x\0\u202ey"}, content=GOOD
    )
    assert (answer.status_code, answer.json()["file_name"], answer.json()["note"]) == (201, "ab.csv", "xy")


def test_a_lost_answer_is_asked_for_again_with_the_same_key(client: Client):
    first, again = (post(client(), **{"Idempotency-Key": "abc"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    other = post(client(), b"flight,delayed\nf1,0.1\n", **{"Idempotency-Key": "abc"})
    assert (other.status_code, other.json()["id"]) == (409, "submissions.key_used")


def test_who_has_not_entered_is_shown_where_to(stage: Stage, client: Client):
    with stage.resources.write() as work:
        stranger = factories.seasons.person(work, "Zhao Yun")
    page = client(stranger, "read", "submit").get("/en/challenges/late/submissions")
    assert page.status_code == 403
    assert "/en/challenges/late/enter" in page.text
    assert "another team" not in page.text


def test_refusals_say_what_to_do_in_the_language_asked_for(stage: Stage, client: Client):
    with stage.resources.write() as work:
        stranger = factories.seasons.person(work, "Zhao Yun")
    answer = post(client(stranger))
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["id"] == "entries.not_entered"
    english, chinese = (post(client(locale=locale), b"").json() for locale in ("en", "zh"))
    assert english["id"] == chinese["id"] == "submissions.empty"
    assert english["detail"] == "The file is empty."
    assert chinese["detail"] != english["detail"]
    assert post(client(), name="...").json()["id"] == "submissions.no_name"
    reader = client(stage.actor, "read")
    assert post(reader).json()["id"] == "accounts.scope"
    assert (
        httpx.post(f"{reader.base_url}/api/v1/challenges/late/submissions", content=GOOD, timeout=120).status_code
        == 401
    )


def test_a_hundred_parallel_posts_over_http_get_exactly_the_quota(stage: Stage, client: Client):
    sender = client()
    codes: list[int] = []
    threads = [threading.Thread(target=lambda: codes.append(post(sender).status_code)) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (codes.count(201), codes.count(429)) == (5, 95), sorted(set(codes))
    with stage.resources.read() as work:
        assert len(work.session.exec(select(Submission)).all()) == 5


def test_the_list_its_pages_and_its_csv(stage: Stage, client: Client):
    for number in range(3):
        post(client(), name=f"{number}.csv")
    first = client().get("/api/v1/challenges/late/submissions", params={"limit": 2}).json()
    rest = client().get("/api/v1/challenges/late/submissions", params={"limit": 2, "cursor": first["next"]}).json()
    names = [row["file_name"] for row in first["submissions"] + rest["submissions"]]
    assert names == ["2.csv", "1.csv", "0.csv"]
    assert rest["next"] is None
    table = client().get("/en/challenges/late/submissions.csv").text
    assert len(table.strip().splitlines()) == 4
    assert client().get("/api/v1/challenges/late/submissions", params={"cursor": "x!"}).status_code == 422


def test_a_file_comes_back_as_a_download_and_only_to_those_who_may(stage: Stage, client: Client):
    made = post(client(), name="=cmd.csv").json()
    answer = client().get(f"/api/v1/submissions/{made['id']}/file")
    assert answer.content == GOOD
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    with stage.resources.write() as work:
        rival, _ = factories.entered(work, stage.challenge, "Zhao Yun")
    for path in ("", "/file", "/findings.csv"):
        assert client(rival).get(f"/api/v1/submissions/{made['id']}{path}").status_code == 404
    assert client(stage.organizer).get(f"/api/v1/submissions/{made['id']}/file").content == GOOD


def test_scores_comparison_and_private_numbers_kept(stage: Stage, client: Client, start_worker: Callable):
    start_worker()
    mine = settled(stage, stage.get(Submission(id=post(client()).json()["id"])))[0]
    body = client().get(f"/api/v1/submissions/{mine.id}").json()
    (auc, _) = body["scores"]
    assert (auc["key"], auc["title"], auc["best"], auc["leader"]) == ("auc", "ROC AUC", auc["value"], auc["value"])
    with stage.resources.read() as work:
        hidden = [score.value for score in work.session.exec(select(PrivateScore))]
    everything = client().get(f"/api/v1/submissions/{mine.id}").text + client().get(f"/en/submissions/{mine.id}").text
    for value in hidden:
        assert str(value)[:9] not in everything
    withdrawn = client().post(f"/api/v1/submissions/{mine.id}/withdraw").json()
    assert withdrawn["state"] == "withdrawn"
    assert client().post(f"/api/v1/submissions/{mine.id}/withdraw").status_code == 409


def test_picking_and_scoring_anew(stage: Stage, client: Client, start_worker: Callable):
    start_worker()
    mine = settled(stage, stage.get(Submission(id=post(client()).json()["id"])))[0]
    assert client().put(f"/api/v1/submissions/{mine.id}/picked", json={"picked": True}).json()["picked"] is True
    assert client().post(f"/api/v1/submissions/{mine.id}/rescore").status_code == 404
    assert client(stage.organizer).post(f"/api/v1/submissions/{mine.id}/rescore").status_code == 202
    assert client(stage.organizer).post("/api/v1/challenges/late/rescore").json() == {"count": 1}


def test_a_scored_submission_says_when_scoring_it_anew_failed(stage: Stage, client: Client, start_worker: Callable):
    start_worker()
    mine = settled(stage, stage.get(Submission(id=post(client()).json()["id"])))[0]
    address = f"/api/v1/submissions/{mine.id}"
    assert client().get(address).json()["fault"] is None
    with stage.resources.write() as work:
        work.session.get_one(Submission, mine.id).fault = "7-abcdef"
    assert client().get(address).json()["fault"] == "7-abcdef"
    for locale, sentence in (("en", "The scores of before stand"), ("zh", "原来的得分继续有效")):
        page = client().get(f"/{locale}/submissions/{mine.id}").text
        assert sentence in page
        assert "7-abcdef" in page


def test_a_check_answers_as_a_submission_would(stage: Stage, client: Client, start_worker: Callable):
    start_worker()
    checked = check(client(), GOOD)
    assert (checked.status_code, checked.json()["state"]) == (200, "accepted"), checked.text
    bad = check(client(locale="zh"), b"flight,delayd\nf0,0.1\n")
    assert bad.json()["state"] == "refused"
    assert all(finding["title"] for finding in bad.json()["findings"])
    with stage.resources.read() as work:
        assert work.session.exec(select(Submission)).all() == []
        stranger = factories.seasons.person(work, "Zhao Yun")
    assert stranger


def test_status_is_public(stage: Stage, server: Server):
    with server.client() as nobody:
        assert nobody.get("/api/v1/status").json()["workers"] == []
        page = nobody.get("/zh/status")
    assert page.status_code == 200
    assert "状态" in page.text


# In a browser


def browser(stage: Stage, server: Server, client: Client) -> httpx.Client:
    """Sends a token instead of the cookie, and otherwise what a browser sends."""
    made = client()
    made.headers["Sec-Fetch-Site"] = "same-origin"
    return made


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_the_pages_of_a_submission_on_its_way(
    stage: Stage, server: Server, client: Client, locale: str, start_worker: Callable
):
    person = browser(stage, server, client)
    for path in ("submit", "submissions"):
        empty = person.get(f"/{locale}/challenges/late/{path}")
        assert empty.status_code == 200, empty.text
        assert empty.text.count("<h1") == 1
    sent = person.post(f"/{locale}/challenges/late/submit", files={"file": ("p.csv", GOOD)})
    assert sent.status_code == 303, sent.text
    waiting = person.get(sent.headers["location"])
    assert "data-live" in waiting.text
    bad = person.post(
        f"/{locale}/challenges/late/submit", files={"file": ("b.csv", b"flight,delayed\nf0,1.5\nf0,0.2\n")}
    )
    start_worker()
    for location in (sent.headers["location"], bad.headers["location"]):
        settled(stage, stage.get(Submission(id=int(location.rsplit("/", 1)[1]))))
        page = person.get(location)
        assert page.status_code == 200
        assert page.text.count("<h1") == 1
        assert "data-live" not in page.text.split("<main")[1]
    assert 'class="errsum"' in page.text
    assert "findings.csv" in page.text
    listed = person.get(f"/{locale}/challenges/late/submissions").text
    assert listed.count("/submissions/") >= 2
    checked = person.post(f"/{locale}/challenges/late/check", files={"check_file": ("c.csv", GOOD)})
    assert checked.status_code == 303
    assert person.get(checked.headers["location"]).status_code == 200


def test_a_form_that_was_not_taken_is_shown_again_with_the_reason(stage: Stage, server: Server, client: Client):
    person = browser(stage, server, client)
    for files in ({"file": ("p.csv", b"")}, {"other": ("p.csv", GOOD)}, {"file": ("", GOOD)}):
        answer = person.post("/en/challenges/late/submit", files=files)
        assert answer.status_code == 422
        assert 'class="errsum"' in answer.text
        assert 'id="file"' in answer.text


def test_withdrawing_and_picking_by_form(stage: Stage, server: Server, client: Client, start_worker: Callable):
    start_worker()
    person = browser(stage, server, client)
    mine = settled(stage, stage.submit(GOOD))[0]
    assert person.post(f"/en/submissions/{mine.id}/pick", data={"picked": "true"}).status_code == 303
    assert stage.get(mine).picked
    assert person.post(f"/en/submissions/{mine.id}/withdraw").status_code == 303
    assert stage.get(mine).state == State.WITHDRAWN
    assert "errsum" not in person.get(f"/en/submissions/{mine.id}").text


def test_open_pages_hear_of_every_step(stage: Stage, server: Server, client: Client, start_worker: Callable):
    person = browser(stage, server, client)
    mine = stage.submit(GOOD)
    with person.stream("GET", f"/en/submissions/{mine.id}/events") as events:
        assert events.headers["content-type"].startswith("text/event-stream")
        lines = events.iter_lines()
        assert next(lines) == "retry: 3000"
        start_worker()
        assert any(line == "event: change" for line in lines)


def test_a_stream_is_for_those_who_may_see(stage: Stage, server: Server):
    mine = stage.submit(GOOD)
    with server.client() as nobody:
        assert nobody.get(f"/en/submissions/{mine.id}/events").status_code == 404
        assert nobody.get("/en/challenges/late/submissions").status_code == 303, "to the sign-in"


@pytest.mark.slow
def test_nothing_of_the_sandbox_is_loaded_by_the_web_process(tmp_path: Path):
    import subprocess
    import sys

    code = (
        "import sys, leaderboard.app, leaderboard.worker;"
        "print([m for m in ('numpy','polars','pandas','sklearn','pyarrow','scipy') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_many_writers_at_once_get_on(stage: Stage, client: Client):
    """More requests than threads: whoever waits for the database must not hold the thread that the writer needs."""
    submission = stage.submit(GOOD)
    with stage.resources.write() as work:
        row = work.session.get_one(Submission, submission.id)
        row.state, row.scored_at = State.SCORED, work.now
        work.session.add(row)
    sender = client()
    codes: list[int] = []

    def pick(picked: bool) -> None:
        codes.append(sender.put(f"/api/v1/submissions/{submission.id}/picked", json={"picked": picked}).status_code)

    threads = [threading.Thread(target=pick, args=(number % 2 == 0,)) for number in range(90)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [200] * 90


def test_many_requests_of_every_kind_at_once_get_on(stage: Stage, client: Client):
    """Readers that give back a connection, and writers beside the gate, need threads that others may hold all of."""
    submission = stage.submit(GOOD)
    known = client()
    limits = httpx.Limits(max_connections=160, max_keepalive_connections=160)
    sender = httpx.Client(base_url=known.base_url, headers=known.headers, timeout=120, limits=limits)
    asks = [
        lambda: sender.get(f"/api/v1/submissions/{submission.id}"),
        lambda: sender.get("/api/v1/challenges/late/submissions"),
        lambda: sender.delete("/api/v1/uploads/x", headers={"Tus-Resumable": "1.0.0"}),
        lambda: sender.put(f"/api/v1/submissions/{submission.id}/picked", json={"picked": False}),
    ]
    with sender, ThreadPoolExecutor(160) as pool:
        codes = Counter(pool.map(lambda number: asks[number % 4]().status_code, range(240)))
    assert codes == {200: 180, 404: 60}
