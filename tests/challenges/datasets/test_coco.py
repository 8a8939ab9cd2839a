"""COCO annotations: one row an image."""

import copy
import json

import pytest

from challenges.datasets import Limits
from tests.challenges.datasets.handed import errors, ids, the

PNG = b"\x89PNG\r\n\x1a\n" + bytes(30)
COCO = {
    "info": {"description": "# Source\nPhotographs taken by us at one crossing in Shanghai, May 2026."},
    "licenses": [{"id": 1, "name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"}],
    "images": [
        {"id": 1, "file_name": "a.png", "width": 640, "height": 480, "license": 1},
        {"id": 2, "file_name": "b.png", "width": 640, "height": 480},
    ],
    "annotations": [
        {
            "id": 7,
            "image_id": 1,
            "category_id": 3,
            "bbox": [10, 20.5, 30, 40],
            "area": 1200,
            "iscrowd": 0,
            "segmentation": [],
        },
        {"id": 8, "image_id": 1, "category_id": 5, "bbox": [0, 0, 5, 5], "iscrowd": 1},
    ],
    "categories": [{"id": 3, "name": "car", "supercategory": "vehicle"}, {"id": 5, "name": "bus"}],
}
PICTURES = {"images/a.png": PNG, "images/b.png": PNG}


def changed(path, value):
    described = copy.deepcopy(COCO)
    inner = described
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return described


def test_one_row_an_image_with_its_boxes(counter):
    bundle = counter.open({"annotations/instances.json": COCO, **PICTURES})
    assert bundle.layout == "coco"
    assert bundle.table.drop("boxes").rows() == [("1", "a.png", 640, 480), ("2", "b.png", 640, 480)]
    first, second = bundle.table["boxes"].to_list()
    assert first == [
        {"annotation": "7", "label": "car", "left": 10.0, "top": 20.5, "right": 40.0, "bottom": 60.5, "crowd": False},
        {"annotation": "8", "label": "bus", "left": 0.0, "top": 0.0, "right": 5.0, "bottom": 5.0, "crowd": True},
    ]
    assert second == []
    assert bundle.classes == ("car", "bus")
    assert (bundle.roles.id, bundle.roles.image, bundle.roles.boxes, bundle.roles.label) == (
        "id",
        "file",
        "boxes",
        None,
    )
    assert bundle.media.paths.to_list() == ["images/a.png", "images/b.png"]
    assert bundle.provenance.licences[0].spdx == "CC-BY-4.0"
    assert bundle.documentation.answer("source").state == "answered"
    assert the(bundle.findings, "dataset.keys_unused").params["found"] == "annotations.segmentation"


def test_annotations_without_boxes_are_labels_of_images(counter):
    described = changed(
        ("annotations",),
        [
            {"id": 1, "image_id": 1, "category_id": 3},
            {"id": 2, "image_id": 2, "category_id": 5, "bbox": []},
            {"id": 3, "image_id": 2, "category_id": 3},
        ],
    )
    bundle = counter.open({"a.json": described, **PICTURES})
    assert bundle.table["label"].to_list() == ["car", "bus | car"]
    assert bundle.roles.label == "label"


def test_several_files_are_one(counter):
    second = {**COCO, "images": [{"id": 1, "file_name": "c.png", "width": 1, "height": 1}], "annotations": []}
    bundle = counter.open({"train.json": COCO, "val.json": second, **PICTURES, "images/c.png": PNG})
    assert bundle.table["file"].to_list() == ["a.png", "b.png", "c.png"]
    assert bundle.place(2) == ("val.json", 0)


FAULTS = [
    (("annotations", 0, "image_id"), 9, "dataset.coco_no_image", "annotations[0].image_id = 9"),
    (("annotations", 1, "category_id"), "x", "dataset.coco_no_category", "annotations[1].category_id = x"),
    (("annotations", 1, "bbox"), [1, 2, 3], "dataset.coco_box", "annotations[1].bbox"),
    (("annotations", 1, "bbox"), [1, 2, 3, "4"], "dataset.coco_box", "annotations[1].bbox"),
    (("annotations", 1, "bbox"), [1, 2, 3, 1e999], "dataset.coco_box", "annotations[1].bbox"),
    (("annotations", 1, "bbox"), [1, 2, 3, 10**400], "dataset.coco_box", "annotations[1].bbox"),
    (("annotations", 1, "id"), 7, "dataset.coco_twice", "annotations[1].id = 7"),
    (("images", 1, "id"), 1, "dataset.coco_twice", "images[1].id = 1"),
    (("images", 1, "file_name"), "", "dataset.coco_image", "images[1]"),
    (("images", 1), 3, "dataset.coco_image", "images[1]"),
    (("categories", 1, "id"), 3, "dataset.coco_twice", "categories[1].id = 3"),
    (("categories", 1, "name"), None, "dataset.coco_category", "categories[1]"),
    (("images", 0, "file_name"), "../a.png", "dataset.media_outside", "../a.png"),
    (("images", 0, "file_name"), "c.png", "dataset.media_missing", "c.png"),
    (("annotations", 0), None, "dataset.coco_no_image", "annotations[0].image_id = None"),
]


@pytest.mark.parametrize(
    ("path", "value", "message", "place"), FAULTS, ids=[f"{fault[2]} {fault[3]}" for fault in FAULTS]
)
def test_faults_name_their_places(counter, path, value, message, place):
    described = changed(path, value)
    written = json.dumps(described).replace("Infinity", "1e999")  # which JSON allows, and Python reads as infinite
    findings = counter.refused({"a.json": written, **PICTURES})
    assert message in errors(findings)
    assert place in [example.value for example in the(findings, message).examples]


def test_what_is_odd(counter):
    bundle = counter.open({"a.json": changed(("images", 0, "width"), "640"), "notes.json": {"images": 3}})
    assert {"dataset.coco_size", "dataset.media_none", "dataset.files_unread"} <= {*ids(bundle.findings)}
    assert bundle.media is None


def test_a_single_file(open_file, refuse_file):
    assert open_file("coco.json", json.dumps(COCO)).layout == "coco"
    assert errors(refuse_file("coco.json", json.dumps(COCO), Limits(json_bytes=100))) == ["dataset.file_large"]
    assert errors(refuse_file("coco.json", json.dumps({**COCO, "images": []}))) == ["dataset.coco_no_image"]
    assert errors(refuse_file("other.json", "{}")) == ["dataset.no_layout"]
