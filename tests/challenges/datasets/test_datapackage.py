"""Frictionless data packages: resources, schemas, hashes, foreign keys."""

import hashlib

import pytest

from challenges.datasets import Limits, hashes
from scoring.quality.schema import Field
from tests.challenges.datasets.handed import errors, ids, the

TRAINS = "train,line,delay\n1,A,2.5\n2,B,\n3,A,7\n"
LINES = "line,name\nA,North\nB,South\n"


def package(**more):
    trains = {
        "name": "trains",
        "path": "data/trains.csv",
        "type": "table",
        "format": "csv",
        "mediatype": "text/csv",
        "bytes": len(TRAINS),
        "hash": "sha256:" + hashlib.sha256(TRAINS.encode()).hexdigest(),
        "schema": {
            "fields": [
                {
                    "name": "train",
                    "type": "integer",
                    "description": "The number of the train, as printed in the timetable",
                },
                {"name": "line", "type": "string", "constraints": {"required": True}},
                {
                    "name": "delay",
                    "type": "number",
                    "description": "Minutes late at the last stop, missing where cancelled",
                },
            ],
            "primaryKey": ["train"],
            "foreignKeys": [{"fields": ["line"], "reference": {"resource": "lines", "fields": ["line"]}}],
        },
        **more,
    }
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "late-trains",
        "version": "1.2.0",
        "licenses": [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}],
        "sources": [{"title": "Open timetable of the city", "path": "https://example.org/timetable"}],
        "contributors": [{"title": "Ann", "email": "ann@late-trains.cn"}],
        "resources": [
            {"name": "lines", "path": "data/lines.csv", "schema": {"fields": [{"name": "line"}, {"name": "name"}]}},
            trains,
        ],
    }


def files(**more):
    return {"datapackage.json": package(**more), "data/trains.csv": TRAINS, "data/lines.csv": LINES}


def test_a_sound_package(counter):
    bundle = counter.open(files())
    assert bundle.layout == "datapackage"
    assert bundle.table.rows() == [("1", "A", "2.5"), ("2", "B", ""), ("3", "A", "7")]
    assert bundle.schema.field("line") == Field("line", required=True)
    assert bundle.schema.primary_key == ("train",)
    assert {(one.algorithm, one.holds) for one in bundle.provenance.hashes} == {("bytes", True), ("sha256", True)}
    assert [one.spdx for one in bundle.provenance.licences] == ["CC-BY-4.0"]
    assert "timetable" in bundle.provenance.source
    answered = {answer.item.key for answer in bundle.documentation.answers if answer.state == "answered"}
    assert {"licence", "source", "support", "versioning", "format", "structure"} <= answered
    assert ids(bundle.findings) == ["dataset.foreign_key_held"]


def test_version_1_says_the_same_in_other_words(counter):
    old = package(type=None, hash=hashlib.md5(TRAINS.encode()).hexdigest(), profile="tabular-data-resource")
    trains = old["resources"][1]
    del trains["type"]
    trains["schema"]["primaryKey"] = "train"
    trains["schema"]["foreignKeys"] = [{"fields": "line", "reference": {"resource": "lines", "fields": "line"}}]
    bundle = counter.open({**files(), "datapackage.json": old})
    assert bundle.schema.primary_key == ("train",)
    assert {one.algorithm for one in bundle.provenance.hashes} == {"bytes", "md5"}


def test_the_schema_may_be_a_file(counter):
    described = package()
    schema = described["resources"][1]["schema"]
    described["resources"][1]["schema"] = "schemas/trains.json"
    bundle = counter.open({**files(), "datapackage.json": described, "schemas/trains.json": schema})
    assert bundle.schema.primary_key == ("train",)
    assert "dataset.foreign_key_held" in ids(bundle.findings)
    findings = counter.refused({**files(), "datapackage.json": described})
    assert the(findings, "dataset.no_file").key == "resources[1].schema"


def test_a_resource_of_several_files(counter):
    described = package(path=["data/trains.csv", "data/more.csv"], bytes=None, hash=None)
    bundle = counter.open({**files(), "datapackage.json": described, "data/more.csv": "train,line,delay\n4,B,0\n"})
    assert bundle.table["train"].to_list() == ["1", "2", "3", "4"]
    assert bundle.place(3) == ("data/more.csv", 0)


@pytest.mark.parametrize(
    "data",
    [
        [{"train": 1, "line": "A"}, {"train": 2, "line": "B"}],
        [["train", "line"], [1, "A"], [2, "B"]],
        "train,line\n1,A\n2,B\n",
    ],
)
def test_data_in_the_description(counter, data):
    described = package()
    trains = described["resources"][1]
    for key in ("path", "bytes", "hash"):
        del trains[key]
    bundle = counter.open(
        {
            "datapackage.json": {**described, "resources": [described["resources"][0], {**trains, "data": data}]},
            "data/lines.csv": LINES,
        }
    )
    assert bundle.table.rows() == [("1", "A"), ("2", "B")]


@pytest.mark.parametrize("data", ["a,b\n" + "x" * 131_073 + ",2\n", "a,b\n1,2,3\n"])
def test_text_in_the_description_that_is_no_table(counter, data):
    resources = [{"name": "trains", "data": data}]
    found = the(
        counter.refused({"datapackage.json": {"name": "trains", "resources": resources}}), "dataset.package_data"
    )
    assert (found.level, found.key) == ("error", "resources[0].data")


@pytest.mark.parametrize(
    ("more", "message", "key"),
    [
        ({"path": "../secret.csv"}, "dataset.path_outside", "resources[1].path"),
        ({"path": "/etc/passwd"}, "dataset.path_outside", "resources[1].path"),
        ({"path": "data\\trains.csv"}, "dataset.path_outside", "resources[1].path"),
        ({"path": "https://example.org/trains.csv"}, "dataset.package_remote", "resources[1].path"),
        ({"path": "data/train.csv"}, "dataset.no_file_near", "resources[1].path"),
        ({"path": ["data/trains.csv", 3]}, "package.want_text", "resources[1].path[1]"),
        ({"path": None}, "dataset.package_path_or_data", "resources[1]"),
        ({"data": [{"a": 1}]}, "dataset.package_path_or_data", "resources[1]"),
        ({"hash": "sha256:abc"}, "dataset.hash_form", "resources[1].hash"),
        ({"hash": "crc32:00000000"}, "dataset.hash_form", "resources[1].hash"),
        ({"bytes": "many"}, "dataset.hash_form", "resources[1].bytes"),
        ({"name": 3}, "package.want_text", "resources[1].name"),
        (
            {"schema": {"fields": [{"name": "train", "constraints": {"pattern": "("}, "type": "string"}]}},
            "dataset.schema_pattern",
            "resources[1].schema.fields[0].constraints.pattern",
        ),
    ],
)
def test_faults_of_a_resource(counter, more, message, key):
    findings = counter.refused(files(**more))
    assert (message, key) in [(finding.id, finding.key) for finding in findings if finding.level == "error"]


def test_files_that_are_not_as_described(counter):
    described = files(bytes=7, hash="sha512:" + "0" * 128)
    findings = counter.refused(described)
    assert {*errors(findings)} == {"dataset.size_differs", "dataset.hash_differs"}
    differs = the(findings, "dataset.hash_differs")
    assert differs.file == "data/trains.csv"
    assert differs.params["found"] == hashlib.sha512(TRAINS.encode()).hexdigest()


def test_foreign_keys_that_lead_nowhere_are_warned_of(counter):
    bundle = counter.open({**files(), "data/lines.csv": "line,name\nA,North\n"})
    finding = the(bundle.findings, "dataset.foreign_key")
    assert (finding.level, finding.count, finding.column) == ("warning", 1, "line")
    assert [(example.row, example.value) for example in finding.examples] == [(2, "B")]
    described = package()
    described["resources"][1]["schema"]["foreignKeys"][0]["reference"]["resource"] = "nothing"
    bundle = counter.open({**files(), "datapackage.json": described})
    assert "dataset.foreign_key_nowhere" in ids(bundle.findings)


def test_a_table_may_refer_to_itself(counter):
    described = package()
    described["resources"][1]["schema"]["foreignKeys"] = [
        {"fields": "line", "reference": {"resource": "", "fields": "line"}}
    ]
    assert "dataset.foreign_key_held" in ids(counter.open({**files(), "datapackage.json": described}).findings)


def test_what_is_not_read_is_named(counter):
    described = package(
        dialect={"header": False, "delimiter": ","},
        colour="red",
        bytes=None,
        hash="0" * 32,
        path=["data/trains.csv", "data/more.csv"],
    )
    described["mood"] = "good"
    findings = counter.open({**files(), "datapackage.json": described, "data/more.csv": TRAINS}).findings
    assert the(findings, "dataset.keys_unused").params["found"] == "mood, resources[1].colour"
    assert the(findings, "dataset.package_dialect").key == "resources[1].dialect.header"
    assert the(findings, "dataset.hash_of_several").level == "warning"


def test_tables_that_nothing_links_are_not_thrown_together(counter):
    described = package()
    del described["resources"][1]["schema"]["foreignKeys"]
    finding = the(counter.open({**files(), "datapackage.json": described}).findings, "dataset.resources_unread")
    assert (finding.params["read"], finding.params["others"]) == ("lines", "trains")


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"resources": []},
        {"resources": "x"},
        [],
        3,
        {"resources": [3]},
        {"resources": [{"name": "x", "path": "README.md"}]},
    ],
)
def test_packages_without_tables(counter, value):
    findings = counter.refused(
        {"datapackage.json": value if isinstance(value, dict | list) else str(value), "README.md": "# Scale"}
    )
    assert errors(findings)[0] in {"dataset.package_no_resources", "dataset.package_no_table", "package.want_table"}


def test_limits_hold(counter):
    assert errors(counter.refused(files(), Limits(description_bytes=100))) == ["dataset.file_large"]
    assert "dataset.rows_many" in errors(counter.refused(files(), Limits(rows=2)))


@pytest.mark.hostile
def test_crowds_of_resources_end(counter):
    many = [{"name": f"r{number}", "path": f"x{number}.csv"} for number in range(2001)]
    assert errors(counter.refused({"datapackage.json": {"resources": many}})) == ["dataset.list_long"]
    findings = counter.refused({"datapackage.json": {"resources": many[:1500]}})
    assert len(findings) == 200
    assert ids(findings)[-1] == "intake.more_findings"


@pytest.mark.hostile
def test_a_file_is_hashed_once_however_often_it_is_named(counter, monkeypatch):
    calls = []
    digest = hashes._digest
    monkeypatch.setattr(hashes, "_digest", lambda *given: calls.append(given[1:]) or digest(*given))
    one = {"path": "data/lines.csv", "hash": hashlib.md5(LINES.encode()).hexdigest()}
    described = {"resources": [{"name": f"r{number}", **one} for number in range(50)]}
    bundle = counter.open({"datapackage.json": described, "data/lines.csv": LINES})
    assert len(bundle.provenance.hashes) == 50
    assert calls == [("data/lines.csv", "md5")]
