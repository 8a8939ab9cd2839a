"""What a side may keep in a deal and an organization in all of its deals; files that nobody needs any more go."""

import re
import threading

import pytest
from sqlmodel import col, select

from leaderboard.core.errors import Malformed, Refused
from leaderboard.core.jobs import Job
from leaderboard.core.ledger import LedgerLine
from leaderboard.exchange.deals import quotas, service, talks
from leaderboard.exchange.deals.models import DealFile, DealSample
from leaderboard.exchange.demands import making
from leaderboard.exchange.demands.content import Written
from leaderboard.exchange.listings import drafting
from leaderboard.submissions.reception import ReceivedFile, settle, store
from leaderboard.wiring import PLAIN_JOBS
from tests.exchange import scene as scenes
from tests.exchange.deals.test_samples import drawn, expiries, kept, people, put, sample

MEGA = 1_000_000


def stored(table, size, name="coming"):
    held = table.scene.resources
    path = held.settings.data_dir / name
    path.write_bytes(b"x")
    return ReceivedFile(store(held, path), size, "ab" * 32, "a.csv", held.clock.now())


def receive(table, side, size, key="", name="coming"):
    """A file of so many bytes, as far as its row says."""
    held = table.scene.resources
    file, owned = stored(table, size, name), False
    try:
        with held.write() as work:
            found = talks.receive(work, table.sides[side].actor, key or table.key, file).id
        owned = True
    finally:
        settle(held, file.storage_key, kept=owned)
    return found


def limits(table, deal, organization):
    settings = table.scene.resources.settings
    settings.deal_files_mb, settings.organization_files_mb = deal, organization


def refusal(table, side, size, key=""):
    with pytest.raises(Refused) as found:
        receive(table, side, size, key)
    said = {name: one.said("en") for name, one in found.value.params.items()}
    return found.value.id, said


def test_a_deal_that_is_full_says_what_is_used_and_left(table):
    limits(table, 3, 100)
    table.until("mutual")
    receive(table, "supplier", 2 * MEGA)
    receive(table, "demander", 3 * MEGA)
    assert refusal(table, "supplier", 1_000_001) == ("deals.deal_full", {"used": "2", "most": "3", "left": "1"})
    receive(table, "supplier", MEGA)
    assert refusal(table, "supplier", 1) == ("deals.deal_full", {"used": "3", "most": "3", "left": "0"})


def test_an_organization_has_one_room_for_all_of_its_deals(table):
    """Whichever side it is on, and not what the others keep there."""
    limits(table, 100, 5)
    table.until("mutual")
    first = table.key
    receive(table, "supplier", 3 * MEGA)
    receive(table, "demander", 5 * MEGA)
    with table.scene.resources.write() as work:
        other = scenes.listed(work, table.scene, table.scene.bay, scenes.sheet(title="Another"))
        second = service.begin(work, table.scene.lake.actor, other, by="demander").key
        service.act(work, table.scene.bay.actor, second, "answer", "answer-it", {})
    receive(table, "supplier", MEGA, second)
    assert refusal(table, "supplier", 2 * MEGA, first) == (
        "deals.organization_full",
        {"used": "4", "most": "5", "left": "1"},
    )
    receive(table, "supplier", MEGA, first)


def test_eight_files_at_once_do_not_get_past_the_limit(table):
    limits(table, 3, 100)
    table.until("mutual")
    gate, said = threading.Barrier(8), []

    def send(number):
        gate.wait()
        try:
            said.append(receive(table, "supplier", MEGA, name=f"coming{number}"))
        except Refused as error:
            said.append(error.id)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert said.count("deals.deal_full") == 5
    with table.scene.resources.read() as work:
        assert len(work.session.exec(select(DealFile)).all()) == 3


def test_two_deals_at_once_do_not_get_past_the_limit_of_the_organization(table):
    limits(table, 100, 3)
    table.until("mutual")
    keys = [table.key]
    for party in (table.scene.grid, table.scene.bay):
        with table.scene.resources.write() as work:
            key = service.begin(work, party.actor, table.listing, by="demander").key
            service.act(work, table.scene.lake.actor, key, "answer", "answer-it", {})
            keys.append(key)
    gate, said = threading.Barrier(6), []

    def send(number):
        gate.wait()
        try:
            said.append(receive(table, "supplier", MEGA, keys[number % 3], name=f"coming{number}"))
        except Refused as error:
            said.append(error.id)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert said.count("deals.organization_full") == 3


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
def test_a_file_that_does_not_fit_is_refused_in_its_form(table, browser_of):
    limits(table, 1, 100)
    table.until("mutual")
    lake = browser_of(table.scene.lake.actor)
    form = lake.get(f"/en/deals/{table.key}/do/write?how=file").text
    (hint,) = re.findall(r'id="file-hint">([^<]*)<', form)
    assert hint.replace("\xa0", " ") == "At most 1.0 MB. Your side keeps 0 B of 1.0 MB in this deal."
    answer = lake.post(
        f"/en/deals/{table.key}/do/write/upload",
        data={"message_id": "message-1", "text": "Look."},
        files={"file": ("a.bin", b"x" * 1_000_001)},
    )
    assert answer.status_code == 422
    (why,) = re.findall(r'class="errsum".*?<li>(.*?)</li>', answer.text, re.DOTALL)
    assert why == "The file does not fit: your side keeps 0 of 1 MB in this deal, 1 MB are left."
    assert "Look." in answer.text
    kept = table.scene.resources.settings.data_dir / "files" / "submissions"
    assert not [one for one in kept.rglob("*") if one.is_file()]
    early = lake.post(f"/api/v1/deals/{table.key}/uploads?file_name=a.bin", content=b"x" * 3_000_000)
    assert (early.status_code, early.json()["id"]) == (409, "deals.deal_full")


def test_whoever_writes_without_end_is_stopped_and_the_deal_goes_on(table, monkeypatch):
    monkeypatch.setattr(quotas, "MOST_MOVES", 5)
    table.until("mutual")
    for _ in range(4):
        table.act("supplier", "write", text="Hello?")
    with pytest.raises(Refused) as found:
        table.act("supplier", "write", text="Hello?")
    assert found.value.id == "deals.many_moves"
    table.act("demander", "write", text="Yes.")
    table.act("supplier", "sign_nda", sha256=table.nda())
    assert table.act("supplier", "terminate", reason="other") == "terminated"


def test_whoever_wrote_too_much_can_still_take_a_sample_back_and_name_an_auditor(table, monkeypatch):
    table.until("mutual")
    given, refused = sample(table), sample(table)
    table.act("supplier", "approve_sample", sample=given, rows=5, days=7, file=put(table, "supplier", b"a\n1\n"))
    monkeypatch.setattr(quotas, "MOST_MOVES", 1)
    table.act("supplier", "revoke_sample", sample=given)
    table.act("supplier", "deny_sample", sample=refused, reason="No more of them.")
    table.act("supplier", "name_auditor", organization="meiguan-law")
    with pytest.raises(Refused) as found:
        table.act("supplier", "write", text="Hello?")
    assert found.value.id == "deals.many_moves"


def test_terms_are_not_named_and_taken_back_without_end(table, monkeypatch):
    table.until("nda_signed")
    monkeypatch.setattr(quotas, "MOST_MOVES", 3)
    table.act("supplier", "offer", terms=table.terms())
    with pytest.raises(Refused) as found:
        table.act("supplier", "withdraw_offer")
    assert found.value.id == "deals.many_moves"
    assert table.act("demander", "request", terms=table.terms()) == "requested"


# What nobody needs any more


def source(table, id):
    with table.scene.resources.read() as work:
        one = work.session.get_one(DealSample, id).source_id
        return one and work.session.get_one(DealFile, one)


def gone(table, file):
    """Whether the row and what was stored are gone, and the ledger says what it was."""
    with table.scene.resources.read() as work:
        assert work.session.get(DealFile, file.id) is None
        (line,) = [one for one in work.session.exec(select(LedgerLine)) if one.act == "deal.drop_file"]
        assert line.detail == {"file": file.id, "sha256": file.sha256, "size": file.size}
        with pytest.raises(FileNotFoundError):
            work.storage.path(file.storage_key)
    return True


def test_what_a_sample_was_drawn_from_goes_with_the_sample(table, tmp_path):
    table.until("mutual")
    id = sample(table, data=people(), tmp_path=tmp_path)
    file = source(table, id)
    (job,) = expiries(table, id)
    PLAIN_JOBS[job.kind](table.scene.resources, job)
    assert source(table, id) is not None, "too early"
    table.scene.clock.advance(days=7)
    for _ in range(2):
        PLAIN_JOBS[job.kind](table.scene.resources, job)
    assert gone(table, file)
    assert kept(table, id) == ("expired", None)


@pytest.mark.parametrize("end", ["revoke", "fail"])
def test_it_goes_too_when_the_sample_is_taken_back_or_failed(table, tmp_path, end):
    table.until("mutual")
    id = sample(table, data=people() if end == "revoke" else b"\x00\xff\x00PK", tmp_path=tmp_path)
    file = source(table, id)
    if end == "revoke":
        table.act("supplier", "revoke_sample", sample=id)
    else:
        table.scene.clock.advance(days=7)
        (job,) = expiries(table, id)
        PLAIN_JOBS[job.kind](table.scene.resources, job)
        assert kept(table, id)[0] == "failed"
    assert gone(table, file)


def test_another_file_for_the_same_sample_takes_the_place_of_the_first(table, tmp_path):
    table.until("mutual")
    id = sample(table, data=b"\x00\xff\x00PK", tmp_path=tmp_path)
    first = source(table, id)
    table.act("supplier", "approve_sample", sample=id, rows=9, days=7, file=put(table, "supplier", people()))
    assert gone(table, first)
    drawn(table, id, tmp_path / "again")
    assert kept(table, id)[0] == "fulfilled"


def test_a_file_that_is_a_message_too_stays(table, tmp_path):
    table.until("mutual")
    id = sample(table, data=people(), tmp_path=tmp_path)
    file = source(table, id)
    table.act("supplier", "write", text="All of it.", file=file.id)
    table.act("supplier", "revoke_sample", sample=id)
    with table.scene.resources.read() as work:
        assert work.storage.path(work.session.get_one(DealFile, file.id).storage_key).exists()


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
def test_a_file_that_no_move_names_is_dropped(table, browser_of):
    table.until("mutual")
    clinic = browser_of(table.scene.clinic.actor)
    put_by, used = (
        clinic.post(f"/api/v1/deals/{table.key}/uploads?file_name=a.csv", content=b"a\n1\n").json()["id"]
        for _ in range(2)
    )
    table.act("demander", "write", text="Look.", file=used)
    with table.scene.resources.read() as work:
        file = work.session.get_one(DealFile, put_by)
        jobs = work.session.exec(select(Job).where(col(Job.kind) == talks.UNUSED_JOB)).all()
    assert len(jobs) == 2
    for job in (*jobs, *jobs):
        PLAIN_JOBS[job.kind](table.scene.resources, job)
    assert gone(table, file)
    with table.scene.resources.read() as work:
        assert work.session.get(DealFile, used) is not None
    with pytest.raises(Malformed):
        table.act("demander", "write", text="Look.", file=put_by)


@pytest.mark.parametrize("kind", ["demand", "listing"])
def test_eight_drafts_at_once_do_not_get_past_the_limit(table, kind):
    scene = table.scene
    scene.resources.settings.organization_drafts = 3
    gate, said = threading.Barrier(8), []

    def draft(number):
        gate.wait()
        try:
            with scene.resources.write() as work:
                if kind == "demand":
                    words = Written(title_en=f"Wanted {number}", need_en="Flight delays of 2025.")
                    making.create(work, scene.grid.actor, scene.grid.id, words)
                else:
                    sheet = scenes.sheet(title=f"Offered {number}")
                    drafting.create(work, scene.grid.actor, organization_id=scene.grid.id, sheet=sheet)
        except Refused as error:
            said.append((error.id, error.params["count"]))

    threads = [threading.Thread(target=draft, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert said == [(f"{kind}s.many_drafts", 3)] * 5
