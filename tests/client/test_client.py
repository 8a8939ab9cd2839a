"""The client against a real server and worker, over lines that break."""

import pytest
from sqlmodel import select

from leaderboard.accounts.models import Person
from leaderboard.accounts.passwords import hashed
from leaderboard.client import Client, ClientError, TookTooLong, Unreachable
from leaderboard.client import session as sessions
from leaderboard.submissions.models import Submission
from tests.submissions import factories

pytestmark = [
    pytest.mark.parametrize("database_address", ["sqlite"], indirect=True),
    pytest.mark.usefixtures("real_time"),
]
SLUG = "late"


@pytest.fixture
def predictions(tmp_path):
    path = tmp_path / "预测 1.csv"
    path.write_bytes(factories.predictions())
    return path


def handed_in(stage):
    return stage.read(lambda work: len(work.session.exec(select(Submission.id)).all()))


def test_login_me_logout(stage, site):
    with stage.resources.write() as work:
        work.session.get_one(Person, stage.actor.person_id).password_hash = hashed("correct horse battery")
    with Client(site) as client:
        with pytest.raises(ClientError) as refused:
            client.login(stage.actor.email, "wrong horse battery")
        assert refused.value.status == 401
        token = client.login(stage.actor.email, "correct horse battery")
        assert token.startswith("jb_")
        assert client.me()["name"] == "Lin Xiaolan"
        client.logout()
        with pytest.raises(ClientError):
            client.me()
    with Client(site, token=token) as revoked, pytest.raises(ClientError) as refused:
        revoked.me()
    assert refused.value.status == 401


def test_challenges_and_one_of_them(client):
    (found,) = client.challenges()
    assert (found.slug, found.title.zh, found.status) == (SLUG, "哪些航班会晚点?", found.status)
    assert client.challenge(SLUG)["phases"][0]["key"] == "open"
    assert client.challenges(words="nothing like it") == []


def test_a_file_is_checked_submitted_and_scored(stage, client, predictions, start_worker):
    start_worker()
    checked = client.check(SLUG, predictions)
    assert (checked.state, checked.rows) == ("accepted", 200)
    assert handed_in(stage) == 0
    made = client.submit(SLUG, predictions, note="first")
    told = []
    ended = client.wait(made.id, seconds=240, told=lambda one: told.append(one.state))
    assert ended.state == told[-1] == "scored"
    assert 0.5 < ended.score <= 1
    assert [(one.id, one.note, one.file_name) for one in client.submissions(SLUG)] == [(made.id, "first", "预测 1.csv")]
    (row,) = client.board(SLUG).rows
    assert (row.place, row.score) == (1, ended.score)


def test_a_bad_file_comes_back_with_its_findings(client, predictions, start_worker):
    start_worker()
    predictions.write_text("flight,delayed\nf0,maybe\n")
    checked = client.check(SLUG, predictions)
    assert checked.state == "refused"
    assert any(place.row == 1 for finding in checked.findings for place in finding.examples)
    ended = client.wait(client.submit(SLUG, predictions).id, seconds=240)
    assert ended.state == "refused"
    assert ended.findings


def test_waiting_ends(client, predictions):
    made = client.submit(SLUG, predictions)
    with pytest.raises(TookTooLong) as late:  # no worker is at work
        client.wait(made.id, seconds=0.1)
    assert late.value.submission.pending


def test_the_same_key_is_the_same_deed(stage, client, predictions):
    first, second = (client.submit(SLUG, predictions, key="run-7") for _ in range(2))
    assert first.id == second.id
    assert handed_in(stage) == 1


def test_a_refusal_says_what_and_where_in_the_asked_language(site, token, predictions):
    with Client(site, token=token, language="zh") as client, pytest.raises(ClientError) as refused:
        client.submit("nosuch", predictions)
    assert refused.value.status == 404
    assert any("\u4e00" <= letter <= "\u9fff" for letter in refused.value.detail)
    with Client(site) as stranger, pytest.raises(ClientError) as refused:
        stranger.submit(SLUG, predictions)
    assert refused.value.status == 401


# Lines that break


def test_a_lost_answer_does_not_submit_twice(stage, token, predictions, broken_line):
    line = broken_line()
    line.cut("down", after=10)  # the server has done it; we never hear of it
    with Client(line.url, token=token) as client:
        made = client.submit(SLUG, predictions)
    assert line.broken == 1
    assert made.number == 1
    assert handed_in(stage) == 1


def test_a_line_that_drops_while_sending_is_tried_again(stage, token, predictions, broken_line):
    line = broken_line()
    line.cut("up", after=300, times=2)
    with Client(line.url, token=token) as client:
        client.submit(SLUG, predictions)
    assert line.broken == 2
    assert handed_in(stage) == 1


def test_a_big_file_goes_on_where_it_stopped(stage, token, tmp_path, broken_line, monkeypatch):
    monkeypatch.setattr(sessions, "RESUMABLE_FROM", 1)
    monkeypatch.setattr(sessions.time, "sleep", lambda _: None)
    monkeypatch.setattr(sessions, "CHUNK", 500_000)
    path = tmp_path / "big.csv"
    path.write_bytes(factories.predictions() + b"\n" * 2_000_000)
    line = broken_line()
    line.cut("up", 700_000, times=3)  # each line breaks in the middle of a chunk
    seen = []
    with Client(line.url, token=token) as client:
        made = client.submit(SLUG, path, progress=lambda done, _: seen.append(done))
    assert line.broken >= 2  # what has arrived of a chunk is kept, so there may be nothing left for the third
    assert made.size == path.stat().st_size
    assert seen == sorted(seen)
    assert handed_in(stage) == 1
    stored = stage.resources.storage.path(
        stage.read(lambda work: work.session.get_one(Submission, made.id).storage_key)
    )
    assert stored.read_bytes() == path.read_bytes()


def test_a_server_that_is_not_there(monkeypatch):
    monkeypatch.setattr(sessions.time, "sleep", lambda _: None)
    with Client("http://127.0.0.1:1") as client, pytest.raises(Unreachable):
        client.challenges()


# Downloads


def test_a_download_goes_on_and_keeps_what_is_whole(client, site, token, tmp_path, broken_line):
    (path,) = client.download(SLUG, tmp_path / "data")
    content = path.read_bytes()
    assert content == b"carrier,late\nUA,0\nDL,1\n"
    stamp = path.stat().st_mtime_ns
    client.download(SLUG, tmp_path / "data")
    assert path.stat().st_mtime_ns == stamp  # whole already, so it is not fetched again
    path.unlink()
    path.with_name(f".{path.name}.partial").write_bytes(content[:10])
    ranges = []
    client._http.event_hooks = {"request": [lambda request: ranges.append(request.headers.get("range"))]}
    client.download(SLUG, tmp_path / "data")
    assert "bytes=10-" in ranges
    assert path.read_bytes() == content


def test_a_partial_file_that_is_wrong_is_not_taken(client, tmp_path):
    folder = tmp_path / "data"
    (folder / "public").mkdir(parents=True)
    (file,) = client.files(SLUG)
    target = folder / file.path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.with_name(f".{target.name}.partial").write_bytes(b"something else")
    with pytest.raises(ClientError, match="damaged"):
        client.download(SLUG, folder)
    assert not target.exists()
    client.download(SLUG, folder)  # the wrong part is gone, so the next try is whole
    assert target.is_file()
