"""A description becomes a draft: by the form, which a person completes, and by the API."""

import json

import pytest
from sqlmodel import select

from leaderboard.datasets.models import Dataset
from tests.datasets.standards.test_reading import CROISSANT

pytestmark = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
ADDRESS = "/en/datasets/new/import"


def text(document):
    return json.dumps(document, ensure_ascii=False)


def test_a_file_fills_in_the_form_and_the_rest_is_named(dock, browser_of):
    mine = browser_of(dock.captain)
    assert f'href="{ADDRESS}"' in mine.get("/en/datasets/new").text
    assert 'name="file"' in mine.get(ADDRESS).text
    document = CROISSANT | {"license": "https://example.org/mine"}
    read = mine.post(ADDRESS, files={"file": ("croissant.json", "\ufeff" + text(document), "application/json")})
    assert read.status_code == 200
    for value in ("Tides", "https://example.org/tides.csv", "ab" * 32, "81234"):
        assert f'value="{value}"' in read.text
    assert 'id="modality-time-series" name="modality-time-series" value="yes" checked' in read.text
    assert "<code>recordSet</code>" in read.text
    assert "<code>license</code>: this is none of the licences" in read.text
    with dock.resources.read() as work:
        assert work.session.exec(select(Dataset)).all() == [], "nothing is saved before the form is"
    assert "未采用的属性" in mine.post("/zh/datasets/new/import", data={"description": text(document)}).text


def test_what_is_missing_is_asked_for_in_the_form(dock, browser_of):
    mine = browser_of(dock.captain)
    bare = {"@type": "Dataset", "name": "Tides", "description": "Hourly."}
    read = mine.post(ADDRESS, data={"description": text(bare)})
    assert 'value="Tides"' in read.text
    assert 'id="sha256"' in read.text
    owner = f"team:{dock.entry.team_id}"
    assert 'id="sha256-error"' in mine.post("/en/datasets/new", data={"owner": owner, "title_en": "Tides"}).text


@pytest.mark.parametrize(
    ("description", "says"),
    [
        ("", "This is no JSON"),
        ("{" * 200_000, "This is no JSON"),
        ('{"a":' * 10_000, "nested too deeply"),
        ('{"name": "a", "name": "b"}', "stands twice"),
        ('{"@type": "Person"}', "neither Croissant nor Frictionless"),
    ],
)
def test_what_is_no_description_is_said_beside_the_field(dock, browser_of, description, says):
    answer = browser_of(dock.captain).post(ADDRESS, data={"description": description})
    assert answer.status_code == 422
    assert 'id="description-error"' in answer.text
    assert says in answer.text


def test_a_file_that_is_no_text_is_refused(dock, browser_of):
    answer = browser_of(dock.captain).post(ADDRESS, files={"file": ("a.json", b"\xff\xfe\x00", "application/json")})
    assert answer.status_code == 422
    assert "no text in UTF-8" in answer.text


def test_fifty_megabytes_are_refused_at_the_edge(dock, browser_of):
    mine, big = browser_of(dock.captain), b'{"a": "' + b"x" * (50 << 20) + b'"}'
    for answer in (
        mine.post(ADDRESS, files={"file": ("big.json", big, "application/json")}),
        mine.post("/api/v1/datasets/import?owner=team:1", content=big),
    ):
        assert answer.status_code == 413
        assert "larger than 1 MB" in answer.text


def test_strangers_are_asked_to_sign_in(browser_of):
    public = browser_of()
    assert public.get(ADDRESS).headers["location"].startswith("/en/sign-in")
    assert public.post("/api/v1/datasets/import?owner=team:1", content=b"{}").status_code == 401


def test_the_api_makes_a_draft_and_says_what_became_of_each_property(dock, browser_of):
    mine = browser_of(dock.captain)
    address = f"/api/v1/datasets/import?owner=team:{dock.entry.team_id}"
    first, again = (mine.post(address, content=text(CROISSANT)) for _ in range(2))
    assert first.status_code == again.status_code == 201
    made = first.json()
    assert made == again.json(), "twice makes one"
    assert (made["slug"], made["kind"], made["wrong"]) == ("tides", "Croissant 1.1", [])
    assert "recordSet" in made["unused"]
    assert mine.get("/api/v1/datasets/tides").json()["state"] == "draft"


def test_the_api_wants_what_a_version_needs(dock, browser_of):
    mine = browser_of(dock.captain)
    bare = text({"@type": "Dataset", "name": "Tides", "distribution": "nowhere"})
    owner = f"team:{dock.entry.team_id}"
    refused = mine.post(f"/api/v1/datasets/import?owner={owner}", content=bare)
    assert refused.status_code == 422
    assert {fault["field"] for fault in refused.json()["fields"]} == {"address", "sha256", "media_type"}
    given = {"owner": owner, "address": "https://a.example/t.csv", "sha256": "cd" * 32, "media_type": "text/csv"}
    made = mine.post("/api/v1/datasets/import", params=given, content=bare)
    assert made.status_code == 201
    assert made.json()["wrong"][0]["property"] == "distribution.0"
    foreign = mine.post("/api/v1/datasets/import", params=given | {"owner": "team:999"}, content=bare)
    assert [fault["field"] for fault in foreign.json()["fields"]] == ["owner"]
    nonsense = mine.post("/api/v1/datasets/import", params=given, content=b"[]")
    assert (nonsense.status_code, nonsense.json()["id"]) == (422, "import.no_object")
