"""Cards over HTTP: forms with what is wrong, the twins for machines, and what cannot break out of the page."""

import csv
import io
import json
import re
from dataclasses import replace

import polars as pl
import pytest

from challenges.preview_making import looked_at, preview
from leaderboard.app import SECURITY_HEADERS
from leaderboard.datasets import evidence, service
from leaderboard.submissions import reception
from scoring.quality.evidence import Evidence
from tests.datasets.test_service import FILE, WORDS, create, publish, refer
from tests.datasets.test_uploads import TABLE

pytestmark = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)


def block(html):
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    return json.loads(found)


def test_from_the_submission_page_to_a_public_card(dock, browser_of):
    submission = dock.hand_in()
    mine, public = browser_of(dock.captain), browser_of()
    address = f"/en/submissions/{submission}/dataset"
    assert f'href="{address}"' in mine.get(f"/en/submissions/{submission}").text
    assert f'href="{address}"' not in browser_of(dock.member).get(f"/en/submissions/{submission}").text
    refused = mine.post(address, data={})
    assert refused.status_code == 422
    assert 'id="consent-error"' in refused.text
    first, second = (mine.post(address, data={"consent": "yes"}) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    card = first.headers["location"]
    assert public.get(card).status_code == 404
    assert "No dataset has been published yet" in public.get("/en/datasets").text
    assert mine.post(f"{card}/publish").headers["location"] == card
    html = public.get(card).text
    assert "Xiaolan" not in html
    assert 'class="hist"' in html
    assert "Places of the team in this challenge" in html
    assert "松山湖 Data Team" in public.get("/zh/datasets").text
    mine.post(f"{card}/withdraw")
    assert public.get(card).status_code == 410


def test_what_is_missing_is_shown_beside_its_field(dock, browser_of):
    mine = browser_of(dock.captain)
    answer = mine.post(
        "/en/datasets/new",
        data={"owner": f"team:{dock.entry.team_id}", "address": "ftp://x", "sha256": "1", "media_type": "csv", "title_en": "Tides"},
    )  # fmt: skip
    assert answer.status_code == 422
    for field in ("address", "sha256", "media_type"):
        assert f'id="{field}-error"' in answer.text
    assert 'value="Tides"' in answer.text, "what was typed stays"
    form = {
        "owner": f"team:{dock.entry.team_id}",
        "address": FILE.address,
        "sha256": FILE.sha256,
        "media_type": "text/csv",
    }
    card = mine.post("/en/datasets/new", data={**form, "title_en": "Tides"}).headers["location"]
    missing = mine.post(f"{card}/publish")
    assert missing.status_code == 422
    for field in ("summary_zh", "provenance_zh", "sector", "modalities", "licence"):
        assert f'id="{field}-error"' in missing.text
    words = {
        "title_en": "Tides", "summary_en": "Hourly.", "provenance_en": "Gauges.", "sector": "energy", "licence": "CC-BY-4.0",
        "modality-table": "yes", "languages": "zh, en",
    }  # fmt: skip
    assert mine.post(f"{card}/edit", data=words).status_code == 303
    assert mine.post(f"{card}/publish").status_code == 303
    html = browser_of().get(card).text
    assert "Not measured yet" in html
    assert f'href="{FILE.address}" rel="nofollow noopener external"' in html
    assert "（只有英文）" in browser_of().get(card.replace("/en/", "/zh/")).text


def test_versions_are_added_by_both_forms(dock, browser_of):
    slug, second = create(dock), dock.hand_in(0.9)
    mine = browser_of(dock.captain)
    address = f"/en/datasets/{slug}/version"
    assert f'value="{second}"' in mine.get(address).text
    wrong = mine.post(address, data={"kind": "reference", "address": "x"})
    assert wrong.status_code == 422
    assert 'id="sha256-error"' in wrong.text
    unagreed = mine.post(address, data={"kind": "submission", "submission": second, "changelog_en": "Fewer copies."})
    assert unagreed.status_code == 422
    assert "Fewer copies." in unagreed.text
    agreed = mine.post(address, data={"kind": "submission", "submission": second, "consent": "yes"})
    assert agreed.status_code == 303
    outside = {"kind": "reference", "address": FILE.address, "sha256": FILE.sha256, "media_type": "text/csv"}
    assert mine.post(address, data=outside).status_code == 303
    assert "already; every version is another file" in mine.post(address, data=outside).text
    assert mine.get(f"/en/datasets/{slug}").text.count("stale: of an older file") == 2


def test_machines_get_croissant_with_measurements_and_no_way_to_the_file_but_the_card(dock, browser_of):
    slug = create(dock)
    publish(dock, slug)
    public = browser_of()
    answer = public.get(f"/en/datasets/{slug}/croissant.json")
    assert answer.headers["content-type"].split(";")[0] == "application/ld+json"
    linked = answer.json()
    assert linked == block(public.get(f"/en/datasets/{slug}").text)
    assert linked["conformsTo"] == "http://mlcommons.org/croissant/1.1"
    needed = {"name", "description", "license", "url", "creator", "datePublished", "version", "recordSet", "citeAs"}
    assert needed <= set(linked)
    measured = {one["dqv:isMeasurementOf"]["@id"] for one in linked["dqv:hasQualityMeasurement"]}
    assert "urn:jiebang:quality:composite" in measured
    (file,) = linked["distribution"]
    assert file["contentUrl"] == linked["url"], "one asks for the file on the card"
    assert len(file["sha256"]) == 64
    out = public.get(f"/api/v1/datasets/{slug}").json()
    assert out["croissant"]["dqv:hasQualityMeasurement"] == linked["dqv:hasQualityMeasurement"]
    assert out["versions"][0]["grade"] == public.get("/api/v1/datasets").json()["datasets"][0]["grade"]
    rows = list(csv.DictReader(io.StringIO(public.get("/en/datasets.csv").content.decode("utf-8-sig"))))
    assert [row["slug"] for row in rows] == [slug]


def test_a_reference_is_described_by_its_address(dock, browser_of):
    publish(dock, refer(dock))
    linked = browser_of().get("/zh/datasets/tides/croissant.json").json()
    assert linked["@context"]["@language"] == "zh-Hans"
    assert linked["description"] == WORDS.summary_zh
    assert linked["distribution"][0]["contentUrl"] == FILE.address
    assert "dqv:hasQualityMeasurement" not in linked


def test_words_cannot_end_the_data_block_and_the_policy_stays(dock, browser_of):
    hostile = "</script><script>alert(1)</script><!--"
    slug = refer(
        dock, words=type(WORDS)(**{name: getattr(WORDS, name) for name in WORDS.__slots__} | {"title_en": hostile})
    )
    publish(dock, slug)
    answer = browser_of().get(f"/en/datasets/{slug}")
    assert block(answer.text)["name"] == hostile
    assert "<script>alert" not in answer.text
    assert answer.headers["content-security-policy"] == SECURITY_HEADERS[b"content-security-policy"].decode()


COMPLETE = {
    "title_en": "Night", "summary_en": "Read at night.", "provenance_en": "Read off gauges.", "sector": "energy",
    "modality-table": "yes", "licence": "CC-BY-4.0",
}  # fmt: skip


def sending(data=TABLE, name="readings.csv", **fields):
    return {"data": fields, "files": {"file": (name, data, "text/csv")}}


def test_a_file_comes_by_a_plain_form_and_a_refusal_keeps_what_was_typed(dock, browser_of):
    mine, owner = browser_of(dock.captain), f"team:{dock.entry.team_id}"
    page = mine.get("/en/datasets/upload").text
    assert 'enctype="multipart/form-data"' in page
    assert f'value="{owner}"' in page
    assert re.search(r'id="preview"[^>]*>', page)
    assert "checked" not in re.search(r'<input[^>]*id="preview"[^>]*>', page)[0]
    refused = mine.post("/en/datasets/upload", **sending(name="readings.xlsx", owner=owner, title_en="Night & day"))
    assert refused.status_code == 422
    assert "Night &amp; day" in refused.text
    assert 'href="#file"' in refused.text
    empty = mine.post("/en/datasets/upload", **sending(b"", owner=owner, title_en="Night"))
    assert (empty.status_code, "The file is empty." in empty.text) == (422, True)
    made = mine.post("/en/datasets/upload", **sending(owner=owner, title_en="Night"))
    assert (made.status_code, made.headers["location"]) == (303, "/en/datasets/night/versions/1")
    again = mine.post("/en/datasets/upload", **sending(owner=owner, title_en="Night"))
    assert (again.status_code, "This very file is version 1" in again.text) == (422, True)
    assert "The file is being opened." in mine.get(made.headers["location"]).text
    assert "being opened" in mine.get("/en/datasets/night").text
    early = mine.post("/en/datasets/night/publish")
    assert early.status_code == 422
    assert mine.post("/en/datasets/night/edit", data=COMPLETE).status_code == 303
    early = mine.post("/en/datasets/night/publish")
    assert (early.status_code, "The file has not been measured yet" in early.text) == (422, True)
    assert browser_of(dock.rival).get(made.headers["location"]).status_code == 404


def test_a_file_that_is_too_large_is_stopped_on_its_way(dock, browser_of):
    dock.resources.settings.__dict__["upload_max_mb"] = 1
    mine = browser_of(dock.captain)
    before = set(reception.uploads_folder(dock.resources).iterdir())
    answer = mine.post("/en/datasets/upload", **sending(b"a,b\n" * 600_000, owner=f"team:{dock.entry.team_id}"))
    assert (answer.status_code, "larger than 1 MB" in answer.text) == (422, True)
    assert set(reception.uploads_folder(dock.resources).iterdir()) == before


def test_a_preview_is_escaped_and_scrolls(dock, browser_of):
    slug = create(dock)
    publish(dock, slug)
    seen = Evidence(pl.DataFrame({"<b>name": ["<script>alert(1)</script>"] * 20, "n": range(20)}))
    with dock.resources.write() as work:
        version = service.versions(work, service.shown(work, dock.captain, slug))[0]
        version.preview_key = evidence.keep_preview(work, preview(seen, looked_at(seen)), "test")
        work.session.add(version)
    html = browser_of().get(f"/en/datasets/{slug}").text
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert 'class="scroll" role="region" tabindex="0"' in html
    assert "Show 10 more records" in html
    part = browser_of().get(f"/api/v1/datasets/{slug}").json()["preview"]
    assert [len(part["rows"]), part["rows_in_all"], part["columns_in_all"]] == [20, 20, 2]
    assert [one["name"] for one in part["columns"]] == ["<b>name", "n"]


def test_what_a_licence_means_is_said_in_plain_words(dock, browser_of):
    slug = refer(dock, words=replace(WORDS, title_zh="", licence="CC-BY-NC-ND-4.0"))
    publish(dock, slug)
    html = browser_of().get(f"/en/datasets/{slug}").text
    terms = {act: sign for sign, act in re.findall(r"<span class=\"v v--(\w+)\"><svg.*?</svg> ([^<]*)</span>", html)}
    assert terms == {
        "Use it": "yes", "Change it and build on it": "unknown", "Pass it on": "yes", "Use it to earn money": "no",
        "Train models with it": "unknown",
    }  # fmt: skip
    assert "Name the source" in html


def test_records_of_a_submission_are_shown_only_where_the_box_is_ticked(dock, browser_of):
    mine = browser_of(dock.captain)
    asked = []
    for form in ({"consent": "yes"}, {"consent": "yes", "preview": "yes"}):
        card = mine.post(f"/en/submissions/{dock.hand_in()}/dataset", data=form).headers["location"]
        with dock.resources.read() as work:
            (version,) = service.versions(work, service.shown(work, dock.captain, card.rpartition("/")[2]))
        asked.append((version.preview_by, version.preview_at is not None, version.request != ""))
    assert asked == [(None, False, False), (dock.captain.person_id, True, True)]
