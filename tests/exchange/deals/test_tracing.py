"""A leaked sample says whose it was: whole, shuffled, cut to few records, mixed with others, saved anew; and what cannot be told."""

import csv
import io
import random
import time
from types import SimpleNamespace

import pytest
from sqlmodel import select

from challenges.watermark import SURE, Mark, needed, rank, traced
from leaderboard.core.errors import Malformed, NotFound
from leaderboard.core.ledger import LedgerLine
from leaderboard.exchange.deals import tracing
from leaderboard.exchange.deals.models import DealSample
from tests.exchange.deals.test_samples import fetched, people, sample

RECORDS = [(f"{n}", f"station {n % 7}", f"{n * 7919 % 10_007 / 100}") for n in range(10_000)]


def mark(secret, rows=100, request="x/1"):
    """A sample of RECORDS as the child draws it: its mark and its records."""
    drawn = sorted((rank(secret, record), record) for record in RECORDS)[:rows]
    return Mark(request, secret, drawn[-1][0].hex(), rows, len(RECORDS)), [record for _, record in drawn]


def written(records, header=("n", "station", "reading"), delimiter=","):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([header, *records])
    return text.getvalue()


def test_from_how_many_records_on_a_copy_is_told():
    """100 of 10,000 records: 5 tell with one sample to try, whichever they are; one fewer never does."""
    mine, records = mark("11" * 16)
    others = [mark(f"{n:032x}", request=f"x/{n}")[0] for n in range(2, 21)]
    assert (needed(mine, 1), needed(mine, 20)) == (5, 6)
    for seed in range(50):
        few = random.Random(seed).sample(records, 6)
        best, *rest = traced(written(few), [mine, *others])
        assert (best.request, best.sure) == ("x/1", True)
        assert not any(one.sure for one in rest)
        assert not any(one.sure for one in traced(written(few[:5]), [mine, *others]))
        assert traced(written(few[:5]), [mine])[0].sure
        assert not traced(written(few[:4]), [mine])[0].sure


def test_records_of_nobody_accuse_nobody():
    """200 files of records that nobody was given, of 6 to 3,000 records each: 20 samples, never one that is sure."""
    marks = [mark(f"{n:032x}", request=f"x/{n}")[0] for n in range(1, 21)]
    chance = random.Random(3)
    for _ in range(200):
        leaked = chance.sample(RECORDS, chance.choice((6, 30, 400, 3_000)))
        assert not any(one.sure for one in traced(written(leaked), marks))


def test_a_copy_is_told_among_many_other_records():
    """40 records of a sample among 2,000 others: more than the 20 that chance puts there."""
    mine, records = mark("11" * 16)
    mixed = random.Random(1).sample([one for one in RECORDS if one not in set(records)], 2_000) + records[:60]
    random.Random(2).shuffle(mixed)
    assert traced(written(mixed), [mine])[0].sure
    assert not traced(written(mixed[:2_000]), [mark("22" * 16)[0]])[0].sure


def test_a_sample_of_everything_is_told_by_its_order_only():
    mine, records = mark("11" * 16, rows=len(RECORDS))
    assert needed(mine, 1) is None
    assert traced(written(records[:64]), [mine])[0].sure
    shuffled = random.Random(1).sample(records, 5_000)
    assert not traced(written(shuffled), [mine])[0].sure


def test_a_large_file_is_no_trouble():
    """10,000 records held against 100 samples; the numbers in between are larger than a float holds."""
    marks = [Mark(f"x/{n}", f"{n:032x}", "03" + "0" * 30, 100, len(RECORDS)) for n in range(1, 101)]
    begun = time.process_time()
    found = traced(written(RECORDS), marks)
    assert not any(one.sure for one in found)
    assert time.process_time() - begun < 20


def two(table, tmp_path):
    table.until("mutual")
    ids = [sample(table, data=people(), tmp_path=tmp_path) for _ in range(2)]
    return ids, [list(csv.reader(io.StringIO(fetched(table, id)))) for id in ids]


def asked(table, data, who=None):
    with table.scene.resources.read() as work:
        actor = (who or table.scene.lake).actor
        return tracing.whose(work, actor, table.listing, data if isinstance(data, bytes) else data.encode())


def lines(rows, delimiter=","):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()


def test_a_supplier_learns_whose_copy_a_file_is(table, tmp_path):
    ids, texts = two(table, tmp_path)
    for id, (header, *records) in zip(ids, texts, strict=True):
        assert {record[1:][1] for record in records} == {"***"}, "personal columns are masked"
        bare = [record[1:] for record in random.Random(1).sample(records, 20)]
        found = asked(table, lines([header[1:], *bare]))
        (copy,) = found.copies
        assert (found.verdict, copy.deal, copy.sample, copy.sure, copy.named) == ("found", table.key, id, True, False)
        assert (copy.to, copy.records, copy.inside) == ("Dinghu Clinic", 20, 20)
        assert [who for who, _ in copy.fetched] == ["Zhao Min"]
        assert found.tried == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_file_that_was_saved_anew_is_told_too(table, tmp_path, encoding, delimiter):
    ids, (text, _) = two(table, tmp_path)
    assert asked(table, lines(text, delimiter).encode(encoding)).copies[0].sample == ids[0]


def test_copies_of_two_samples_in_one_file(table, tmp_path):
    ids, (first, second) = two(table, tmp_path)
    found = asked(table, lines([row[1:] for row in (*first, *second[1:])]))
    assert {copy.sample for copy in found.copies if copy.sure} == set(ids)


def test_what_cannot_be_told_is_said(table, tmp_path):
    ids, ((header, *records), _) = two(table, tmp_path)
    assert asked(table, people(400)).verdict == "none", "records that nobody was given"
    least = tracing_needed(table)
    assert asked(table, lines([header[1:], *(one[1:] for one in records[: least - 1])])).verdict == "few"
    assert asked(table, lines([header[1:], *(one[1:] for one in records[:least])])).verdict == "found"
    rewritten = [[*one[1:-1], f"{float(one[-1]):.3f}"] for one in records]
    assert asked(table, lines([header[1:], *rewritten])).verdict == "none", "every record has another cell"
    forged = lines(
        [header, *([f"{table.key}/{ids[0]}", *line.split(",")] for line in people(400).decode().split()[1:])]
    )
    found = asked(table, forged)
    assert (found.verdict, found.copies[0].named, found.copies[0].sure) == ("named", True, False)
    for bad in (b"PK\x03\x04\x00\x00", b"\xff\xff\xff\xff", b"a,b\rc\n"):
        with pytest.raises(Malformed):
            asked(table, bad)


def tracing_needed(table):
    with table.scene.resources.read() as work:
        row = tracing.listing_for(work, table.scene.lake.actor, table.listing)
        (least,) = {one.needed for one in tracing.drawn(work, row)}
    assert least == 6, "50 of 2,000 records, and two samples to try"
    return least


def test_only_the_supplier_of_the_listing_may_ask(table, tmp_path):
    two(table, tmp_path)
    for who in (table.scene.clinic, table.scene.bay, SimpleNamespace(actor=table.scene.operator)):
        with pytest.raises(NotFound):
            asked(table, b"a\n1\n", who)


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
def test_a_file_is_looked_at_in_the_browser_and_by_programs(table, tmp_path, browser_of):
    _, (text, _) = two(table, tmp_path)
    lake, clinic = browser_of(table.scene.lake.actor), browser_of(table.scene.clinic.actor)
    path = f"/listings/{table.listing}/trace"
    assert f'href="/en{path}"' in lake.get(f"/en/deals/{table.key}").text
    assert path not in clinic.get(f"/en/deals/{table.key}").text
    assert "Compared with 2 samples" in lake.get(f"/en{path}").text
    for locale, said in (("en", "The file is a copy of 1 sample of yours."), ("zh", "该文件是贵方1个样本的副本。")):
        answer = lake.post(f"/{locale}{path}/upload", files={"file": ("found.csv", lines(text).encode())})
        assert answer.status_code == 200
        assert said in answer.text
        assert "Zhao Min" in answer.text
    refused = lake.post(f"/en{path}/upload", files={"file": ("found.xlsx", b"PK\x03\x04\x00")})
    assert refused.status_code == 422
    assert "This is no table in CSV" in refused.text
    said = lake.post(f"/api/v1{path}/upload", content=lines(text).encode())
    assert said.status_code == 200, said.text
    assert (said.json()["verdict"], said.json()["copies"][0]["deal"]) == ("found", table.key)
    assert said.json()["copies"][0]["chance"] < SURE
    for browser in (clinic, browser_of(table.scene.operator)):
        assert browser.get(f"/en{path}").status_code == 404
        assert browser.post(f"/en{path}/upload", files={"file": ("a.csv", b"a\n1\n")}).status_code == 404
    with table.scene.resources.read() as work:
        assert len([one for one in work.session.exec(select(LedgerLine)) if one.act == "deal.trace"]) == 4
        stored = {one.storage_key for one in work.session.exec(select(DealSample))}
    files = table.scene.resources.settings.data_dir / "files" / "submissions"
    kept = [one for one in files.rglob("*") if one.is_file()]
    assert len(kept) == 2, "what the two samples were drawn from, and no leaked file"
    assert len(stored) == 2
