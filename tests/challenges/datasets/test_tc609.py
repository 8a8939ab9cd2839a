"""Records in the form of TC609-5-2025-02."""

import json

import pytest

from challenges.datasets import Limits
from challenges.datasets.tc609 import ANNOTATORS, FIELDS, METHODS
from scoring.quality.conformity import conform
from tests.challenges.datasets.handed import errors, ids, the

PNG = b"\x89PNG\r\n\x1a\n" + bytes(30)


def record(number=1, **more):
    return {
        "id": f"r{number}",
        "rid": [],
        "data_content": [{"media_type": "text", "content": f"示例文本 {number}"}],
        "annotation": {"label": ["科技"], "annotation_method": "人工标注", "annotator": "专业标注员"},
        "original_time": "2026-07-25",
        "last_modified_time": "2026-07-25T08:00:00+08:00",
        "version": "1.0.0",
        "license": "Apache-2.0",
        "source": "项目人工编写",
        "source_details": "https://example.org/x",
        "generated_data_indicator": 0,
        **more,
    }


def lines(*records):
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records)


def test_sound_records(counter):
    bundle = counter.open(
        {
            "data/records.jsonl": lines(
                record(1),
                record(2, generated_data_indicator=1, annotation={"label": ["a", "b"]}),
                record(3, annotation=None),
            )
        }
    )
    assert bundle.layout == "tc609"
    assert bundle.table["text"].to_list() == ["示例文本 1", "示例文本 2", "示例文本 3"]
    assert bundle.table["label"].to_list() == ["科技", '["a", "b"]', None]
    assert bundle.table["generated_data_indicator"].to_list() == ["0", "1", "0"]
    assert (bundle.roles.id, bundle.roles.text, bundle.roles.label, bundle.roles.time) == (
        "id",
        "text",
        "label",
        "original_time",
    )
    assert (bundle.roles.annotator, bundle.roles.annotation_method) == ("annotator", "annotation_method")
    assert not bundle.roles.guessed & {"id", "text", "label", "time", "annotator", "annotation_method"}
    assert bundle.provenance.columns["generated"] == "generated_data_indicator"
    assert [one.spdx for one in bundle.provenance.licences] == ["Apache-2.0"]
    assert bundle.schema.primary_key == ("id",)
    conformity = conform(bundle.table, bundle.schema)
    assert not conformity.bad_rows.any()
    assert conformity.key_repeats == 0
    assert bundle.findings == ()


def test_labels_that_are_objects_are_the_same_text_whatever_their_order(counter):
    one, two = {"topic": "科技", "language": "zh"}, {"language": "zh", "topic": "科技"}
    table = counter.open(
        {"r.jsonl": lines(record(1, annotation={"label": [one]}), record(2, annotation={"label": [two]}))}
    ).table
    assert table["label"].n_unique() == 1
    assert json.loads(table["label"][0]) == one


@pytest.mark.parametrize("field", [name for name in FIELDS if name != "data_content"])
def test_a_field_that_is_lacking_is_counted(counter, field):
    short = {key: value for key, value in record(2).items() if key != field}
    bundle = counter.open({"r.jsonl": lines(record(1), short)})
    finding = the(bundle.findings, "dataset.tc609_lacking")
    assert (finding.level, finding.column, finding.count, finding.examples[0].row) == ("warning", field, 1, 2)
    assert bundle.table.height == 2


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        "text",
        [{"media_type": "text"}],
        [{"content": "x"}],
        [{"media_type": {}, "content": "x"}],
        [{"media_type": "text", "content": ["x"]}],
        ["x"],
    ],
)
def test_records_without_content_are_refused(counter, content):
    findings = counter.refused({"r.jsonl": lines(record(1), record(2, data_content=content))})
    finding = the(findings, "dataset.tc609_content")
    assert (finding.level, finding.count, finding.examples[0].row) == ("error", 1, 2)


@pytest.mark.parametrize(
    ("more", "column", "value", "known"),
    [
        (
            {"annotation": {"label": ["a"], "annotation_method": "手工", "annotator": "专业标注员"}},
            "annotation_method",
            "手工",
            METHODS,
        ),
        (
            {"annotation": {"label": ["a"], "annotation_method": "其他", "annotator": "专家"}},
            "annotator",
            "专家",
            ANNOTATORS,
        ),
        ({"generated_data_indicator": 2}, "generated_data_indicator", "2", ("0", "1")),
        ({"generated_data_indicator": True}, "generated_data_indicator", "true", ("0", "1")),
    ],
)
def test_values_outside_the_lists_of_the_standard(counter, more, column, value, known):
    bundle = counter.open({"r.jsonl": lines(record(1), record(2), record(3, **more))})
    finding = the(bundle.findings, "dataset.tc609_enumeration")
    assert (finding.column, finding.examples[0].row, finding.examples[0].value) == (column, 3, value)
    assert finding.params["known"] == ", ".join(known)
    assert conform(bundle.table, bundle.schema).bad_rows.tolist() == [False, False, True]


def test_other_departures_from_the_form(counter):
    bundle = counter.open(
        {
            "r.jsonl": lines(
                record(1, rid="r0"),
                record(2, annotation="科技"),
                record(3, annotation={"label": "科技"}),
                record(4, data_content=[{"media_type": "smell", "content": "x", "strength": 3}]),
                record(5, mood="good", text="kept apart"),
            )
        }
    )
    assert {finding.id: finding.count for finding in bundle.findings if finding.id.startswith("dataset.tc609")} == {
        "dataset.tc609_rid": 1,
        "dataset.tc609_annotation": 2,
        "dataset.tc609_media_type": 1,
    }
    assert the(bundle.findings, "dataset.keys_unused").params["found"] == "data_content.strength"
    assert bundle.table["mood"].to_list() == [None] * 4 + ["good"]
    assert bundle.table["text_"].to_list() == [None] * 4 + ["kept apart"]


def test_several_files_are_one(counter):
    bundle = counter.open({"a.jsonl": lines(record(1)), "b.jsonl": lines(record(2, extra="x"))})
    assert bundle.table["id"].to_list() == ["r1", "r2"]
    assert bundle.table["extra"].to_list() == [None, "x"]


def test_images_are_found_beside_their_records(counter):
    content = [{"media_type": ["image"], "content": "images/1.png"}, {"media_type": "text", "content": "一只猫"}]
    files = {"records.jsonl": lines(record(1, data_content=content)), "images/1.png": PNG}
    bundle = counter.open(files)
    assert bundle.media.kind == "image"
    assert bundle.media.paths.to_list() == ["images/1.png"]
    assert bundle.table.select("media_type", "text", "file").rows() == [("image|text", "一只猫", "images/1.png")]
    assert bundle.roles.image == "file"
    outside = {
        **files,
        "records.jsonl": lines(record(1, data_content=[{"media_type": "image", "content": "../1.png"}])),
    }
    assert errors(counter.refused(outside)) == ["dataset.media_outside"]
    assert "dataset.media_none" in ids(counter.open({"records.jsonl": files["records.jsonl"]}).findings)


@pytest.mark.hostile
def test_hostile_records(counter):
    assert errors(counter.refused({"r.jsonl": lines(record(1)) + "[" * 100_000 + "\n"})) == ["intake.row_json"]
    crowd = record(1, **{f"k{number}": 1 for number in range(100)})
    assert errors(counter.refused({"r.jsonl": lines(crowd)}, Limits(columns=50))) == ["dataset.columns_many"]
    assert errors(counter.refused({"r.jsonl": lines(*map(record, range(9)))}, Limits(rows=8))) == ["dataset.rows_many"]
    assert errors(counter.refused({"r.jsonl": lines(record(1, **{"": 1}))})) == ["dataset.names_empty"]
    assert errors(counter.refused({"r.jsonl": lines(record(1, **{"x" * 201: 1}))}))
