"""Hostile uploads over HTTP, to a server and a worker that are processes of their own: clear refusals, flat memory."""

import asyncio
import gzip
import http.client
import io
import pickle
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.submissions import factories
from tests.submissions.processes import Installation, installed

pytestmark = [pytest.mark.hostile, pytest.mark.system]

GROWTH = 96 << 20
"""Bytes that the server may grow by over all attacks: caches and pools, but no upload held in memory."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("hostile"), upload_max_mb=200, score_seconds=60) as installation:
        installation.start()
        yield installation


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/"), data)
    return packed.getvalue()


def traversing() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../etc/cron.d/x", factories.predictions())
    return packed.getvalue()


FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a zip bomb": ("p.zip", lambda: zipped(**{"p.csv": b"0" * (300 << 20)})),
    "a zip that leaves its place": ("p.zip", traversing),
    "a gzip of zeros": ("p.csv.gz", lambda: gzip.compress(b"\0" * (300 << 20), 9)),
    "a million columns": ("p.csv", lambda: b",".join(b"c%d" % n for n in range(1_000_000)) + b"\n"),
    "one line of 40 MB": ("p.csv", lambda: b"flight,delayed\n" + b"1" * (40 << 20)),
    "NUL bytes": ("p.csv", lambda: b"flight,delayed\nf0,\x000.5\n"),
    "a wrong extension": ("p.parquet", lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 1000),
    "a lying Parquet": ("p.parquet", lambda: b"PAR1" + b"\xff" * 4096 + (2**31 - 1).to_bytes(4, "little") + b"PAR1"),
    "a pickle": ("p.csv", lambda: pickle.dumps({"os": "system"})),
    "an empty archive": ("p.zip", zipped),
}


@pytest.mark.parametrize("what", FILES)
def test_a_hostile_file_is_refused_with_reasons_and_the_next_good_one_is_scored(place: Installation, what: str):
    name, make = FILES[what]
    data = make()
    before = place.server_memory()
    found = place.submit_and_wait(data, name)
    assert found["state"] == "refused", found
    assert found["findings"]
    assert all(finding["title"] and finding["title"] != finding.get("id") for finding in found["findings"])
    assert place.server_memory() - before < GROWTH
    assert place.submit_and_wait(factories.predictions(), "good.csv")["state"] == "scored"


def test_ten_gigabytes_declared_are_refused_before_they_come(place: Installation):
    connection = http.client.HTTPConnection("127.0.0.1", place.port, timeout=120)
    connection.putrequest("POST", "/api/v1/challenges/late/submissions?file_name=p.csv")
    connection.putheader("Authorization", f"Bearer {place.token}")
    connection.putheader("Content-Length", str(10 * 10**9))
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 413
    assert b"submissions.too_large" in answer.read()
    connection.close()


def test_more_than_is_allowed_without_saying_so_is_cut_off(place: Installation):
    before = place.server_memory()

    def endless() -> Iterator[bytes]:
        block = b"x" * (1 << 20)
        for _ in range(400):
            yield block

    try:
        answer = httpx.post(
            f"{place.url}/api/v1/challenges/late/submissions?file_name=p.csv",
            content=endless(),
            headers=place.headers,
            timeout=120,
        )
    except httpx.TransportError:
        pass  # cut off while sending is as good an answer
    else:
        assert answer.status_code == 413
    assert place.server_memory() - before < GROWTH
    assert place.parts() == []


def test_a_truncated_upload_leaves_nothing(place: Installation):
    connection = http.client.HTTPConnection("127.0.0.1", place.port, timeout=120)
    connection.putrequest("POST", "/api/v1/challenges/late/submissions?file_name=p.csv")
    connection.putheader("Authorization", f"Bearer {place.token}")
    connection.putheader("Content-Length", "1000000")
    connection.endheaders()
    connection.send(b"x" * 5000)
    connection.close()
    deadline = time.monotonic() + 120
    while place.parts() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert place.parts() == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x",
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="p.csv"\r\n\r\nhalf',
        b"--x\r\n" + b"A" * 100_000,
        b'--x\r\nContent-Disposition: form-data; name="note"\r\n\r\n' + b"n" * 100_000 + b"\r\n--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="p.csv"\r\n\r\na\r\n' * 2 + b"--x--\r\n",
    ],
)
def test_a_damaged_form_is_refused_and_leaves_nothing(place: Installation, body: bytes):
    headers = {**place.headers, "Content-Type": "multipart/form-data; boundary=x"}
    answer = httpx.post(f"{place.url}/api/v1/challenges/late/submissions", content=body, headers=headers, timeout=120)
    assert answer.status_code == 422, answer.text
    assert answer.json()["id"] in {"submissions.form", "submissions.no_file"}
    assert place.parts() == []


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "..\\..\\boot.ini", "a/b/c.csv", "p\0.csv", "x" * 390 + ".csv"]
)
def test_tricks_in_file_names_are_only_names(place: Installation, name: str):
    params = {"file_name": name}
    answer = httpx.post(
        f"{place.url}/api/v1/challenges/late/submissions",
        params=params,
        content=factories.predictions(),
        headers=place.headers,
        timeout=120,
    )
    assert answer.status_code == 201, answer.text
    shown = answer.json()["file_name"]
    assert not set(shown) & set("/\\\0")
    assert len(shown) <= 200
    assert not (Path("/etc") / "cron.d" / "x").exists()


def test_many_slow_senders_hold_up_nobody(place: Installation):
    stop = threading.Event()

    async def hold() -> None:
        pairs = [await asyncio.open_connection("127.0.0.1", place.port) for _ in range(60)]
        head = (
            f"POST /api/v1/challenges/late/submissions?file_name=p.csv HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: Bearer {place.token}\r\nContent-Length: 9999\r\n\r\nx"
        )
        for _, writer in pairs:
            writer.write(head.encode())
        await asyncio.to_thread(stop.wait)
        for _, writer in pairs:
            writer.close()

    thread = threading.Thread(target=lambda: asyncio.run(hold()))
    thread.start()
    try:
        assert place.submit_and_wait(factories.predictions(), "good.csv")["state"] == "scored"
    finally:
        stop.set()
        thread.join()
