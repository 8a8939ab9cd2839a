"""A description becomes a draft: by the form, which a person completes, and by the API."""

import json
import re
from html import unescape

import pytest
from sqlmodel import select

from leaderboard.datasets.models import Dataset
from leaderboard.exchange.listings import service as listings
from leaderboard.exchange.listings.models import ListingRow
from leaderboard.exchange.standards.routes_import import LARGEST
from tests.datasets.standards.test_reading import CROISSANT, SOLD

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
    assert "level | decimal number | m | water level" in read.text
    assert "<code>distribution.1</code>" in read.text
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


@pytest.mark.parametrize(("size", "says"), [((1 << 20) + 1, "1.0 MB"), (3 << 20, "3.0 MB"), (50 << 20, "50.0 MB")])
def test_a_file_that_is_too_large_is_refused_beside_its_field(dock, browser_of, size, says):
    answer = browser_of(dock.captain).post(ADDRESS, files={"file": ("big.json", b"x" * size, "application/json")})
    assert answer.status_code == 422
    assert 'id="file-error"' in answer.text
    assert f"The description has {says}; at most 1 MB are read" in answer.text
    assert 'name="description"' in answer.text, "the form is there to be sent again"


def test_a_text_that_is_too_large_is_refused_beside_its_field(dock, browser_of):
    pasted, boundary = "x" * (2 << 20), "b0undary"
    parts = [('name="file"; filename=""', ""), ('name="description"', pasted)]
    body = "".join(f"--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n{text}\r\n" for head, text in parts)
    answer = browser_of(dock.captain).post(
        ADDRESS,
        content=f"{body}--{boundary}--\r\n",
        headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )
    assert answer.status_code == 422
    assert 'id="description-error"' in answer.text
    assert "2.0 MB" in answer.text


def test_the_largest_description_is_read(dock, browser_of):
    document = text(CROISSANT)
    padded = document + " " * (LARGEST - len(document.encode()))
    mine = browser_of(dock.captain)
    assert mine.post(ADDRESS, files={"file": ("a.json", padded, "application/json")}).status_code == 200
    sent = {"file": ("", b"", "application/octet-stream")}
    assert mine.post(ADDRESS, files=sent, data={"description": padded}).status_code == 200


def test_fifty_megabytes_are_refused_at_the_edge_of_the_api(dock, browser_of):
    answer = browser_of(dock.captain).post("/api/v1/datasets/import?owner=team:1", content=b"x" * (50 << 20))
    assert answer.status_code == 413
    assert "larger than 1 MB" in answer.text


def filled_in(html):
    """The fields of the form as a browser would send them."""
    fields = dict(re.findall(r'<input class="input[^>]*? name="([^"]+)"[^>]*? value="([^"]*)"', html))
    fields |= dict(re.findall(r'<textarea[^>]*? name="([^"]+)"[^>]*>([^<]*)</textarea>', html))
    fields |= dict(re.findall(r'<input type="checkbox"[^>]*? name="([^"]+)" value="([^"]*)" checked', html))
    for name, options in re.findall(r'<select[^>]*? name="([^"]+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        values, chosen = re.findall(r'value="([^"]*)"', options), re.findall(r'value="([^"]*)" selected', options)
        fields[name] = (chosen or values)[0]
    return {name: unescape(value) for name, value in fields.items()}


def test_one_import_makes_a_draft_card_and_a_draft_listing(dock, browser_of):
    mine = browser_of(dock.organizer)
    read = mine.post(ADDRESS, data={"description": text(CROISSANT | {"usageInfo": SOLD})})
    form = filled_in(read.text)
    assert (form["listing"], form["owner"]) == ("yes", f"organization:{dock.unit}"), "ticked for who belongs to one"
    made = mine.post("/en/datasets/new/imported", data=form)
    assert made.status_code == 303
    assert made.headers["location"] == "/en/listings/tides/edit"
    with dock.resources.read() as work:
        (row,) = work.session.exec(select(ListingRow)).all()
        listing = listings.document(listings.newest_version(work, row))
    assert (row.state, row.organization_id) == ("draft", dock.unit)
    assert [(one.name, one.type, one.unit) for one in listing.fields] == [
        ("gauge", "text", None),
        ("level", "number", "m"),
    ]
    assert (listing.sizes, listing.languages, listing.sector) == ({"bytes": 81234}, ("zh", "en"), "energy")
    assert listing.modalities == ("time-series",)
    assert listing.policy.permission("commercialize").constraint.regions == ("CN",)
    assert listing.policy.permission("derive") is not None, "what the licence says beside it"
    card = mine.get("/api/v1/datasets/tides").json()
    assert [one["name"] for one in card["columns"]] == ["gauge", "level"]
    assert card["usage_policy"]["permission"][-2]["action"] == "cc:CommercialUse"


def test_without_the_tick_there_is_a_card_alone(dock, browser_of):
    mine = browser_of(dock.organizer)
    form = filled_in(mine.post(ADDRESS, data={"description": text(CROISSANT)}).text)
    del form["listing"]
    assert mine.post("/en/datasets/new/imported", data=form).headers["location"] == "/en/datasets/tides"
    with dock.resources.read() as work:
        assert work.session.exec(select(ListingRow)).all() == []


def test_nothing_is_kept_where_one_of_the_two_cannot_be(dock, browser_of):
    mine = browser_of(dock.captain)
    form = filled_in(mine.post(ADDRESS, data={"description": text(CROISSANT)}).text)
    assert "listing" not in form, "who belongs to no organization is not asked"
    refused = mine.post("/en/datasets/new/imported", data=form | {"listing": "yes"})
    assert refused.status_code == 422
    assert "Choose an organization that you belong to" in refused.text
    assert 'value="Tides"' in refused.text
    with dock.resources.read() as work:
        assert work.session.exec(select(Dataset)).all() == []


def test_the_api_drafts_a_listing_where_it_is_asked_to(dock, browser_of):
    mine = browser_of(dock.organizer)
    address = f"/api/v1/datasets/import?owner=organization:{dock.unit}&listing=true"
    first, again = (mine.post(address, content=text(CROISSANT)).json() for _ in range(2))
    assert first == again, "twice makes one"
    assert first["listing"] == "tides"
    wrong = mine.post(f"{address}&organization=team:1", content=text(CROISSANT))
    assert [fault["field"] for fault in wrong.json()["fields"]] == ["organization"]


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
    assert "distribution.1" in made["unused"]
    assert made["listing"] is None
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
