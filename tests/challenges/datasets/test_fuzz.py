"""Damaged datasets of every layout: each is opened or refused with findings, and nothing else ever happens."""

import hashlib
import json
import random

import pytest

from challenges.datasets import DatasetRefused, open_dataset
from scoring.quality.conformity import conform
from tests.challenges.datasets import test_coco, test_croissant, test_datapackage, test_table_schema, test_tc609
from tests.challenges.datasets.handed import as_bytes, checked, zipped

pytestmark = pytest.mark.hostile
PNG = test_coco.PNG
DATASETS = {
    "datapackage": test_datapackage.files(),
    "croissant": test_croissant.files(),
    "croissant of images": {"croissant.json": test_croissant.images(), **test_croissant.PICTURES},
    "coco": {"a.json": test_coco.COCO, **test_coco.PICTURES},
    "tc609": {"r.jsonl": test_tc609.lines(*map(test_tc609.record, range(3)))},
    "images": {"m.csv": "file,label\n1.png,a\n", "1.png": PNG, "README.md": "# Licence\nMIT"},
    "texts": {
        "a/1.txt": "one",
        "b/2.txt": "two",
        "dataset.toml": '[documentation]\nscale = "2 texts"\n[schema]\nfields = [{ name = "text" }]\n',
    },
}


def sound(refusal):
    assert any(finding.level == "error" for finding in checked(refusal.findings))


def damaged(data, chance):
    data = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        if not data:
            break
        at = chance.randrange(len(data))
        match chance.randrange(5):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                del data[at : at + chance.randint(1, 20)]
            case 2:
                data[at:at] = data[: chance.randint(1, 40)]
            case 3:
                data[at:at] = chance.choice(
                    [b"[", b"{", b'"', b"null", b"\0", b"\xff", b"1e999", b"-", b'"@id"', b"\n", b"../"]
                )
            case _:
                data[at] = chance.choice(b'0123456789",:[]{}n')
    return bytes(data)


@pytest.mark.parametrize("seed", range(24))
@pytest.mark.parametrize("layout", DATASETS)
def test_damaged_datasets(tmp_path, layout, seed):
    chance = random.Random(f"{layout} {seed}")
    files = {name: as_bytes(content) for name, content in DATASETS[layout].items()}
    victim = chance.choice([name for name in files if not name.endswith(".png")])
    if seed % 6:
        files[victim] = damaged(files[victim], chance)
        data = zipped(files)
    else:
        data = damaged(zipped(files), chance)
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    try:
        bundle = open_dataset(path)
    except DatasetRefused as refusal:
        sound(refusal)
        return
    checked(bundle.findings)
    assert bundle.table.height == sum(part.rows for part in bundle.parts)
    assert bundle.media is None or len(bundle.media.paths) == bundle.table.height
    for row in range(bundle.table.height):
        bundle.place(row)
        if bundle.media is not None:
            bundle.media.source(row)


JUNK = (
    None,
    True,
    0,
    -1,
    2**70,
    1.5,
    "",
    "x",
    "../x",
    "https://[x",
    "\u202e",
    "数据",
    [],
    {},
    [[]],
    [None],
    {"@id": "x"},
    {"@id": 3},
    ["a", 3],
    [{}],
    "9" * 300,
)


def spoiled(value, chance):
    """JSON with one to three of its values replaced, removed, repeated or renamed."""
    value = json.loads(json.dumps(value))
    for _ in range(chance.randint(1, 3)):
        inner = value
        while isinstance(inner, dict | list) and inner:
            key = chance.choice(list(inner) if isinstance(inner, dict) else range(len(inner)))
            if not isinstance(inner[key], dict | list) or not inner[key] or chance.random() < 0.25:
                break
            inner = inner[key]
        if not isinstance(inner, dict | list) or not inner:
            continue
        match chance.randrange(4):
            case 0:
                del inner[key]
            case 1 if isinstance(inner, list):
                inner.append(json.loads(json.dumps(inner[key])))
            case 1:
                inner[f"{key}x"] = inner.pop(key)
            case _:
                inner[key] = json.loads(json.dumps(chance.choice(JUNK)))
    return value


CARD = {
    "licence": "MIT",
    "data": ["a.csv"],
    "roles": {"id": "id"},
    "schema": {
        "fields": [{"name": "id", "type": "integer", "minimum": 1}],
        "keys": ["id"],
        "rules": [{"name": "r", "expr": "id > 0"}],
    },
    "claims": {"rows": 2, "classes": {"a": 1}, "sha256": {"a.csv": hashlib.sha256(b"id,x\n1,2\n2,3\n").hexdigest()}},
    "documentation": {"scale": "2 rows", "cases": ["x", "y"]},
}
JSON = {
    "datapackage": (test_datapackage.package(), "datapackage.json", test_datapackage.files()),
    "croissant": (test_croissant.movies(), "metadata.json", test_croissant.files()),
    "croissant of images": (test_croissant.images(), "croissant.json", test_croissant.PICTURES),
    "coco": (test_coco.COCO, "a.json", test_coco.PICTURES),
    "tc609": (test_tc609.record(), "r.jsonl", {}),
    "card": (CARD, "dataset.json", {"a.csv": "id,x\n1,2\n2,3\n"}),
    "schema": (test_table_schema.TABLE_SCHEMA, "schema.json", {"a.csv": "flight,landed\n1,2\n2,3\n"}),
}


def spoiled_files(layout, seed):
    chance = random.Random(f"{layout} {seed}")
    value, name, files = JSON[layout]
    text = json.dumps(spoiled(value, chance), ensure_ascii=False) + "\n"
    if name.endswith("l"):
        text = json.dumps(value) + "\n" + text
    return {**files, name: text.replace("\u202e", "\\u202e")}


@pytest.mark.parametrize("seed", range(24))
@pytest.mark.parametrize("layout", JSON)
def test_descriptions_that_say_odd_things(folder, layout, seed):
    path = folder.path(spoiled_files(layout, seed))
    try:
        bundle = open_dataset(path)
    except DatasetRefused as refusal:
        sound(refusal)
        return
    checked(bundle.findings)
    assert bundle.table.height == sum(part.rows for part in bundle.parts)
    if bundle.schema is not None:
        conform(bundle.table, bundle.schema)
