"""CKAN's own client reads us: lists, searches, shows; and everything that is not understood is refused in CKAN's way."""

import pytest
from ckanapi import NotFound, RemoteCKAN, ValidationError
from ckanapi.errors import CKANAPIError

from leaderboard.core.errors import Malformed
from leaderboard.datasets.fields import Reference
from leaderboard.datasets.standards import ckan_search
from tests.datasets.standards import made
from tests.datasets.test_service import FILE, WORDS, create, publish, refer, withdraw

on_sqlite = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)


@pytest.fixture
def portal(dock, start_server):
    """Three datasets, two of them published, behind a real server; and CKAN's client."""
    measured, tides = create(dock), refer(dock)
    hidden = refer(dock, Reference(address=FILE.address, sha256="cd" * 32, media_type="application/zip"))
    publish(dock, measured)
    dock.clock.advance(days=1)
    publish(dock, tides)
    publish(dock, hidden)
    withdraw(dock, hidden)
    server = start_server(dock.resources)
    client = RemoteCKAN(server.url)
    yield client, measured, tides, hidden
    client.close()


@on_sqlite
@pytest.mark.parametrize("get_only", [False, True])
def test_the_real_client_lists_searches_and_shows(portal, get_only):
    client, measured, tides, hidden = portal
    client.get_only = get_only
    call = client.call_action
    assert call("site_read") is True
    assert call("status_show")["site_title"] == "Jiebang"
    assert call("package_list") == sorted([measured, tides])
    assert call("package_list", {"limit": 1, "offset": 1}) == sorted([measured, tides])[1:]
    assert [one["name"] for one in call("current_package_list_with_resources")] == [tides, measured]
    shown = call("package_show", {"id": tides})
    assert (shown["title"], shown["notes_translated"]) == (WORDS.title_en, {"zh-Hans": WORDS.summary_zh})
    assert (shown["license_id"], shown["tags"][0]["name"]) == ("CC-BY-4.0", "table")
    (file,) = shown["resources"]
    assert (file["url"], file["hash"], file["size"]) == (FILE.address, f"sha256:{FILE.sha256}", 10)
    assert call("resource_show", {"id": file["id"]})["package_id"] == tides
    grades = {extra["key"]: extra["value"] for extra in call("package_show", {"id": measured})["extras"]}
    assert {"grade", "composite", "low", "high"} <= set(grades)
    (owner,) = call("organization_list", {"all_fields": True})
    assert (owner["title"], owner["package_count"]) == ("松山湖 Data Team", 2)
    whole = call("organization_show", {"id": owner["name"], "include_datasets": True})
    assert len(whole["packages"]) == 2
    assert "energy" in call("group_list")
    assert "table" in call("tag_list", {"query": "tab"})
    assert "CC-BY-4.0" in {one["id"] for one in call("license_list")}
    for action, id in (
        ("package_show", hidden),
        ("package_show", "none"),
        ("resource_show", f"{tides}-v9"),
        ("organization_show", "x"),
    ):
        with pytest.raises(NotFound):
            call(action, {"id": id})
    with pytest.raises(CKANAPIError, match="no action"):
        call("package_create", {"name": "x"})


@on_sqlite
@pytest.mark.parametrize("get_only", [False, True])
def test_a_search_sifts_orders_pages_and_counts(portal, get_only):
    client, measured, tides, _ = portal
    client.get_only = get_only

    def found(**asked):
        return client.call_action("package_search", {name.replace("__", "."): value for name, value in asked.items()})

    def names(**asked):
        return [one["name"] for one in found(**asked)["results"]]

    both = found(facet__field=["organization", "tags", "license_id"])
    assert (both["count"], names()) == (2, [tides, measured])
    assert both["facets"]["license_id"]["CC-BY-4.0"] == 1
    (owner,) = both["search_facets"]["organization"]["items"]
    assert (owner["display_name"], owner["count"]) == ("松山湖 Data Team", 2)
    assert names(q="tides") == names(q="潮位") == [tides]
    assert names(q="*:*", sort="name asc") == sorted([measured, tides])
    assert names(sort="metadata_modified asc", rows=1, start=1) == [tides]
    assert names(fq=f"organization:{owner['name']} +res_format:CSV", fq_list=["tags:table"]) != []
    assert names(fq='license_id:("CC-BY-4.0" OR MIT) AND state:active') == [tides]
    assert names(fq="license_id:MIT") == []
    moment = client.call_action("package_show", {"id": tides})["metadata_modified"][:19]
    assert names(fq=f"metadata_modified:[{moment}Z TO *]") == [tides], "as CKAN's harvester asks for what is new"
    empty = found(rows=0)
    assert (empty["count"], empty["results"]) == (2, [])


REFUSED = [
    ("package_search", {"fq": "vocab_themes:x"}, "fq"),
    ("package_search", {"fq": "-tags:table"}, "fq"),
    ("package_search", {"fq": "tags:[a TO b]"}, "fq"),
    ("package_search", {"fq": "metadata_modified:[yesterday TO *]"}, "fq"),
    ("package_search", {"fq": "tags:table OR tags:text"}, "fq"),
    ("package_search", {"q": "title:tides"}, "q"),
    ("package_search", {"q": "tid*"}, "q"),
    ("package_search", {"sort": "views_recent desc"}, "sort"),
    ("package_search", {"sort": "name up"}, "sort"),
    ("package_search", {"rows": 5000}, "rows"),
    ("package_search", {"rows": "many"}, "rows"),
    ("package_search", {"start": -1}, "start"),
    ("package_search", {"facet.field": ["colour"]}, "facet.field"),
    ("package_search", {"facet.field": '["tags"'}, "facet.field"),
    ("package_search", {"include_private": True}, "include_private"),
    ("package_search", {"fl": "name"}, "fl"),
    ("package_list", {"limit": {"a": 1}}, "limit"),
    ("package_show", {}, "id"),
    ("package_show", {"id": ["a"]}, "id"),
    ("organization_list", {"all_fields": "perhaps"}, "all_fields"),
]


@on_sqlite
def test_what_is_not_understood_is_refused_and_named(portal):
    for action, asked, parameter in REFUSED:
        with pytest.raises(ValidationError) as refused:
            portal[0].call_action(action, asked)
        assert refused.value.error_dict[parameter][0], (action, asked)


@on_sqlite
def test_bodies_that_are_no_json_get_an_answer_in_the_envelope(dock, browser_of):
    public = browser_of()
    for body in (b"name=x", b"[1]", b"{" * 50_000, b'{"id": 1, "id": 2}'):
        answer = public.post("/api/3/action/package_show", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400
        assert answer.json()["success"] is False
        assert answer.json()["error"]["message"]
    in_chinese = public.get("/api/3/action/package_show", headers={"Accept-Language": "zh"})
    assert in_chinese.status_code == 409
    assert "需要" in in_chinese.json()["error"]["id"][0]
    assert public.get("/api/3/action/package_list").json()["result"] == []


@pytest.mark.parametrize(
    "text", ["tags:(a OR", 'tags:"a', "tags", "tags:(a b)", "tags:()", ":x", "tags:a)", "x" * 10_000]
)
def test_half_a_filter_is_refused(text):
    with pytest.raises(Malformed):
        ckan_search.filters(text)


def test_filters_meet_every_value_of_a_card():
    one = made.subject()
    for text in (
        "groups:energy",
        "tags:time-series",
        'owner_org:"teams-1"',
        "name:tides id:tides",
        "dataset_type:dataset",
    ):
        assert all(test(one) for test in ckan_search.filters(text)), text
    assert not all(test(one) for test in ckan_search.filters("tags:table groups:finance"))
