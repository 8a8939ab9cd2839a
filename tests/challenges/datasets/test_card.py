"""What a team says about its dataset in fields, and what becomes of it."""

import pytest

from scoring.quality.schema import Field, Rule
from tests.challenges.datasets.handed import errors, ids, the

DATA = "flight,took_off,landed\n1,2013-01-01T05:00:00,2013-01-01T07:00:00\n"
SCHEMA = {
    "fields": [
        {"name": "flight", "type": "integer"},
        {"name": "took_off", "type": "datetime"},
        {"name": "landed", "type": "datetime"},
    ]
}
CARD = """
title = "Flights"
licence = "CC0-1.0"
source = "Bureau of Transportation Statistics"
source_details = "https://example.org/flights"
original_time = 2013-12-31
data = ["flights.csv"]
[schema]
keys = "flight"
rules = [{ name = "landing after take-off", expr = "landed > took_off" }]
"""


def test_schema_provenance_and_data(counter):
    bundle = counter.open({"dataset.toml": CARD, "schema.json": SCHEMA, "flights.csv": DATA, "other.csv": "a,b\n1,2\n"})
    assert bundle.table.height == 1
    assert bundle.schema.field("landed") == Field("landed", "datetime")
    assert bundle.schema.primary_key == ("flight",)
    assert bundle.schema.rules == (Rule("landing after take-off", "landed > took_off"),)
    assert [(one.spdx, one.where) for one in bundle.provenance.licences] == [("CC0-1.0", "dataset.toml licence")]
    assert bundle.provenance.source == "Bureau of Transportation Statistics"
    assert bundle.provenance.original_time == "2013-12-31"
    assert [example.value for example in the(bundle.findings, "dataset.files_unread").examples] == ["other.csv"]


def test_json_says_the_same(counter):
    card = {
        "licence": "MIT",
        "roles": {"id": "flight"},
        "schema": {"fields": [{"name": "flight", "type": "integer"}], "keys": ["flight"]},
    }
    bundle = counter.open({"dataset.json": card, "flights.csv": DATA})
    assert bundle.schema.primary_key == ("flight",)
    assert bundle.provenance.licences[0].spdx == "MIT"


def test_a_schema_file_alone(counter):
    assert counter.open({"schema.json": SCHEMA, "flights.csv": DATA}).schema.field("flight").type == "integer"
    broken = {"fields": [{"name": "flight", "type": "integer", "constraints": {"minimum": "x"}}]}
    assert errors(counter.refused({"schema.json": broken, "flights.csv": DATA})) == ["dataset.schema_bound"]


def test_the_card_goes_before_other_descriptions(counter):
    package = {
        "resources": [
            {"name": "f", "path": "flights.csv", "schema": {"fields": [{"name": "flight", "type": "string"}]}}
        ],
        "licenses": [{"name": "MIT"}],
    }
    card = 'licence = "CC0-1.0"\n[schema]\nfields = [{ name = "flight", type = "integer" }]\n'
    bundle = counter.open({"datapackage.json": package, "dataset.toml": card, "flights.csv": DATA})
    assert bundle.layout == "datapackage"
    assert bundle.schema.field("flight").type == "integer"
    assert [one.spdx for one in bundle.provenance.licences] == ["CC0-1.0", "MIT"]


@pytest.mark.parametrize(
    ("licence", "message"), [("our own terms", "dataset.licence_unknown"), ("", "dataset.no_licence")]
)
def test_licences_that_are_not_known(counter, licence, message):
    bundle = counter.open({"dataset.toml": f'licence = "{licence}"', "flights.csv": DATA})
    assert message in ids(bundle.findings)


def test_records_may_say_where_they_come_from(counter):
    bundle = counter.open({"a.csv": "id,source,Original_Time,generated\n1,x,2026-01-01,0\n"})
    assert bundle.provenance.columns == {"source": "source", "original_time": "Original_Time", "generated": "generated"}
