"""Resumable uploads, with the reference client, and by hand where it is too well-behaved."""

import base64
import hashlib
import io
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from sqlmodel import select
from structlog.testing import capture_logs
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError

from leaderboard.accounts.tokens import make_token
from leaderboard.core.clock import FixedClock
from leaderboard.core.errors import Unavailable
from leaderboard.submissions import uploads
from leaderboard.submissions.models import Submission, Upload
from leaderboard.submissions.reception import uploads_folder
from tests.conftest import Server
from tests.submissions import factories
from tests.submissions.conftest import Stage

DATA = factories.predictions()
BASE = {"Tus-Resumable": "1.0.0"}
PIECE = {**BASE, "Content-Type": "application/offset+octet-stream"}


def b64(text: str | bytes) -> str:
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


META = f"filename {b64('预测.csv')},challenge {b64('late')}"


@pytest.fixture
def token(stage: Stage) -> str:
    with stage.resources.write() as work:
        return make_token(work, stage.actor, name="test", scopes=("submit",), days=300).key


@pytest.fixture
def http(server: Server, token: str):
    with httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {token}"}, timeout=120) as made:
        yield made


def create(http: httpx.Client, size: int = len(DATA), meta: str = META, **more: str) -> httpx.Response:
    return http.post("/api/v1/uploads", headers={**BASE, "Upload-Length": str(size), "Upload-Metadata": meta, **more})


def begin(http: httpx.Client, **how: object) -> str:
    answer = create(http, **how)
    assert answer.status_code == 201, answer.text
    return answer.headers["location"]


def send(http: httpx.Client, url: str, data: bytes, offset: int = 0, **more: str) -> httpx.Response:
    return http.patch(url, content=data, headers={**PIECE, "Upload-Offset": str(offset), **more})


def head(http: httpx.Client, url: str) -> httpx.Response:
    return http.head(url, headers=BASE)


def submissions(stage: Stage) -> list[Submission]:
    with stage.resources.read() as work:
        return list(work.session.exec(select(Submission)))


# With the reference client


@pytest.mark.parametrize("checksum", [False, True])
def test_the_reference_client_uploads_in_pieces_stops_and_goes_on(
    stage: Stage, server: Server, token: str, checksum: bool
):
    client = TusClient(f"{server.url}/api/v1/uploads", headers={"Authorization": f"Bearer {token}"})
    meta = {"filename": "p.csv", "challenge": "late", "note": "by tus"}
    first = client.uploader(file_stream=io.BytesIO(DATA), chunk_size=700, metadata=meta, upload_checksum=checksum)
    first.upload(stop_at=1400)
    assert submissions(stage) == []
    second = client.uploader(file_stream=io.BytesIO(DATA), chunk_size=900, url=first.url, upload_checksum=checksum)
    assert second.get_offset() == 1400
    second.upload()
    (made,) = submissions(stage)
    assert (made.sha256, made.size, made.note) == (hashlib.sha256(DATA).hexdigest(), len(DATA), "by tus")
    assert stage.resources.storage.path(made.storage_key).read_bytes() == DATA
    assert second.request.response_headers["jiebang-submission"] == f"/submissions/{made.id}"


def test_the_reference_client_is_told_when_it_has_no_right(stage: Stage, server: Server, token: str):
    client = TusClient(f"{server.url}/api/v1/uploads", headers={"Authorization": f"Bearer {token}"})
    uploader = client.uploader(file_stream=io.BytesIO(DATA), metadata={"filename": "p.csv", "challenge": "no-such"})
    with pytest.raises(TusCommunicationError) as refused:
        uploader.upload()
    assert refused.value.status_code == 404


# By hand


def test_what_is_spoken(http: httpx.Client):
    said = http.options("/api/v1/uploads").headers
    assert said["tus-version"] == said["tus-resumable"] == "1.0.0"
    assert set(said["tus-extension"].split(",")) == {
        "creation",
        "creation-with-upload",
        "checksum",
        "termination",
        "expiration",
    }
    assert int(said["tus-max-size"]) == 1024 * 1_000_000


def test_another_version_is_not_spoken(http: httpx.Client):
    answer = http.post("/api/v1/uploads", headers={"Tus-Resumable": "0.2.2", "Upload-Length": "5"})
    assert (answer.status_code, answer.headers["tus-version"]) == (412, "1.0.0")
    url = begin(http)
    assert http.head(url).status_code == 412


def test_creation_with_upload(stage: Stage, http: httpx.Client):
    headers = {**PIECE, "Upload-Length": str(len(DATA)), "Upload-Metadata": META}
    answer = http.post("/api/v1/uploads", content=DATA, headers=headers)
    assert (answer.status_code, answer.headers["upload-offset"]) == (201, str(len(DATA)))
    (made,) = submissions(stage)
    assert made.file_name == "预测.csv"
    assert answer.headers["jiebang-submission"] == f"/submissions/{made.id}"


def test_a_wrong_offset_is_refused_and_the_right_one_told(http: httpx.Client):
    url = begin(http)
    assert send(http, url, DATA[:100]).headers["upload-offset"] == "100"
    assert send(http, url, DATA[50:], 50).status_code == 409
    assert send(http, url, DATA[200:], 200).status_code == 409
    assert head(http, url).headers["upload-offset"] == "100"
    assert send(http, url, DATA[100:], 100).status_code == 204


@pytest.mark.parametrize("algorithm", ["sha256", "sha1"])
def test_a_piece_that_does_not_prove_right_leaves_nothing(stage: Stage, http: httpx.Client, algorithm: str):
    url = begin(http)
    wrong = f"{algorithm} {b64(hashlib.new(algorithm, b'other').digest())}"
    answer = send(http, url, DATA[:500], **{"Upload-Checksum": wrong})
    assert answer.status_code == 460
    assert head(http, url).headers["upload-offset"] == "0"
    right = f"{algorithm} {b64(hashlib.new(algorithm, DATA).digest())}"
    assert send(http, url, DATA, **{"Upload-Checksum": right}).status_code == 204
    assert len(submissions(stage)) == 1


def test_a_checksum_that_cannot_be_read_is_refused(http: httpx.Client):
    url = begin(http)
    for text in ("md5 AAAA", "sha256 !!!", "sha256"):
        assert send(http, url, DATA, **{"Upload-Checksum": text}).status_code in {422, 460}


def test_headers_that_are_no_ascii_are_refused(http: httpx.Client):
    url = begin(http)
    piece = [(name.encode(), value.encode()) for name, value in {**PIECE, "Upload-Offset": "0"}.items()]
    proof = http.patch(url, content=DATA, headers=[*piece, (b"Upload-Checksum", "sha256 é".encode())])
    named = [(b"Tus-Resumable", b"1.0.0"), (b"Upload-Length", b"9"), (b"Upload-Metadata", "filename é".encode())]
    assert (proof.status_code, http.post("/api/v1/uploads", headers=named).status_code) == (422, 422)


def test_an_upload_is_kept_while_the_database_is_busy(
    stage: Stage, http: httpx.Client, monkeypatch: pytest.MonkeyPatch
):
    url = begin(http)

    def busy(*_args: object, **_more: object) -> None:
        raise Unavailable("web.busy", "Busy.")

    with monkeypatch.context() as now:
        now.setattr(uploads.service, "receive", busy)
        assert send(http, url, DATA).status_code == 503
    assert submissions(stage) == []
    assert head(http, url).headers["upload-offset"] == str(len(DATA))
    assert [one.sha256 for one in submissions(stage)] == [hashlib.sha256(DATA).hexdigest()], "asking hands it in"


def test_an_upload_that_was_ended_leaves_nothing_and_is_gone(stage: Stage, http: httpx.Client):
    url = begin(http)
    assert http.delete(url, headers=BASE).status_code == 204
    assert send(http, url, DATA).status_code == 410
    assert list(uploads_folder(stage.resources).iterdir()) == []


def test_a_whole_file_that_is_not_what_was_said_is_refused(stage: Stage, http: httpx.Client):
    url = begin(http, meta=f"{META},sha256 {b64('0' * 64)}")
    assert send(http, url, DATA).status_code == 460
    assert submissions(stage) == []
    assert head(http, url).status_code == 410


def test_more_than_was_said_is_refused(stage: Stage, http: httpx.Client):
    url = begin(http, size=100)
    assert send(http, url, DATA[:101]).status_code == 413
    assert submissions(stage) == []


def test_too_large_an_upload_is_refused_before_a_byte_is_sent(http: httpx.Client):
    assert create(http, size=10**10).status_code == 413
    assert create(http, size=0).status_code == 422
    assert create(http, meta=f"challenge {b64(chr(0))},filename {b64('a')}").status_code == 404
    for length in ("-5", "1e9", "٣", "²", "9" * 40):
        answer = http.post(
            "/api/v1/uploads",
            headers=[
                (b"Tus-Resumable", b"1.0.0"),
                (b"Upload-Length", length.encode()),
                (b"Upload-Metadata", META.encode()),
            ],
        )
        assert answer.status_code == 422


def test_a_piece_of_another_type_is_refused(http: httpx.Client):
    url = begin(http)
    answer = http.patch(url, content=DATA, headers={**BASE, "Upload-Offset": "0", "Content-Type": "text/csv"})
    assert answer.status_code == 415


def test_somebody_elses_upload_does_not_exist(stage: Stage, server: Server, http: httpx.Client):
    url = begin(http)
    with stage.resources.write() as work:
        rival, _ = factories.entered(work, stage.challenge, "Zhao Yun")
        other = make_token(work, rival, name="t", scopes=("submit",), days=1).key
    with httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {other}"}, timeout=120) as rivals:
        assert head(rivals, url).status_code == 404
        assert send(rivals, url, DATA).status_code == 404
        assert rivals.delete(url, headers=BASE).status_code == 404
    assert send(http, url, DATA).status_code == 204
    for odd in ("..%2f..%2fsecret", "x.y", "a/b", "%00"):
        assert head(http, f"/api/v1/uploads/{odd}").status_code in {404, 405, 307, 400}


def test_an_upload_can_be_ended(stage: Stage, http: httpx.Client):
    url = begin(http)
    send(http, url, DATA[:100])
    assert http.delete(url, headers=BASE).status_code == 204
    assert head(http, url).status_code == 410
    assert send(http, url, DATA[100:], 100).status_code == 410
    assert list(uploads_folder(stage.resources).iterdir()) == []


def test_unfinished_uploads_are_limited(http: httpx.Client):
    for _ in range(uploads.MOST_UNFINISHED):
        begin(http)
    assert create(http).json()["id"] == "submissions.unfinished"


def test_an_upload_that_nobody_goes_on_with_ends(stage: Stage, http: httpx.Client, clock: FixedClock):
    url = begin(http)
    send(http, url, DATA[:100])
    clock.advance(hours=49)
    uploads.sweep(stage.resources)
    assert head(http, url).status_code == 410
    assert list(uploads_folder(stage.resources).iterdir()) == []


def test_the_first_byte_decides_about_the_deadline_not_the_announcement(
    stage: Stage, http: httpx.Client, clock: FixedClock
):
    clock.at = stage.phase.closes_at - timedelta(minutes=2)
    announced, begun = begin(http), begin(http)
    send(http, begun, DATA[:10])
    clock.advance(minutes=5)
    late = send(http, announced, DATA)
    assert (late.status_code, late.json()["id"]) == (409, "submissions.too_late")
    assert send(http, begun, DATA[10:], 10).status_code == 204
    assert len(submissions(stage)) == 1


def test_a_second_connection_waits_its_turn(stage: Stage, http: httpx.Client, server: Server, token: str):
    url = begin(http)
    go, sent = threading.Event(), threading.Event()

    def slowly():
        yield DATA[:100]
        sent.set()
        go.wait(120)
        yield DATA[100:]

    headers = {**PIECE, "Upload-Offset": "0", "Authorization": f"Bearer {token}"}
    slow = threading.Thread(
        target=lambda: httpx.patch(f"{server.url}{url}", content=slowly(), headers=headers, timeout=120)
    )
    slow.start()
    sent.wait(120)
    while head(http, url).headers["upload-offset"] == "0":
        time.sleep(0.01)
    assert send(http, url, DATA[100:], 100).status_code == 423
    go.set()
    slow.join()
    assert len(submissions(stage)) == 1


def test_a_lost_connection_loses_what_was_under_way_only(stage: Stage, http: httpx.Client, server: Server, token: str):
    url = begin(http)

    def breaks():
        yield DATA[:1000]
        raise ConnectionError("the cable")

    with capture_logs() as told:
        with pytest.raises(ConnectionError):
            http.patch(url, content=breaks(), headers={**PIECE, "Upload-Offset": "0"})
        with httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {token}"}, timeout=120) as again:
            while (answer := head(again, url)).headers["upload-offset"] not in {"0", "1000"}:
                time.sleep(0.01)
            offset = int(answer.headers["upload-offset"])
            while (rest := send(again, url, DATA[offset:], offset)).status_code == 423:
                time.sleep(0.01)
    assert rest.status_code == 204
    assert not [one for one in told if one["log_level"] == "error"]  # it is no fault of ours
    (made,) = submissions(stage)
    assert made.sha256 == hashlib.sha256(DATA).hexdigest()


@pytest.mark.parametrize("how", ["asked about", "swept"])
def test_a_whole_upload_that_was_cut_off_before_it_was_handed_in(stage: Stage, http: httpx.Client, how: str):
    """As after a kill -9 between the last byte and the commit."""
    url = begin(http)
    send(http, url, DATA[:-1])
    path = uploads_folder(stage.resources) / f"{url.rsplit('/', 1)[1]}.upload"
    with path.open("ab") as file:
        file.write(DATA[-1:])
    if how == "swept":
        uploads.sweep(stage.resources)
    answers = [head(http, url) for _ in range(3)]
    (made,) = submissions(stage)
    assert {answer.headers["jiebang-submission"] for answer in answers} == {f"/submissions/{made.id}"}
    assert {answer.headers["upload-offset"] for answer in answers} == {str(len(DATA))}
    with stage.resources.read() as work:
        assert work.session.exec(select(Upload)).one().submission_id == made.id


def test_a_used_up_quota_ends_the_upload_with_the_reason(stage: Stage, http: httpx.Client, client_quota: Callable):
    url = begin(http)
    client_quota()
    refused = send(http, url, DATA)
    assert (refused.status_code, refused.json()["id"]) == (429, "submissions.day_used")
    assert head(http, url).status_code == 410


@pytest.fixture
def client_quota(stage: Stage) -> Callable:
    def use_up() -> None:
        for _ in range(stage.phase.per_day):
            stage.submit()

    return use_up
