"""Images and sounds with a manifest or in folders; texts as files."""

import pytest

from challenges.datasets import Limits
from scoring.quality import audio, images
from tests.challenges.datasets.handed import errors, ids, the

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
WAV = (
    b"RIFF"
    + (38).to_bytes(4, "little")
    + b"WAVEfmt "
    + (16).to_bytes(4, "little")
    + bytes.fromhex("01000100401f0000803e000002001000")
    + b"data"
    + (2).to_bytes(4, "little")
    + b"\0\1"
)


def test_folders_are_classes(counter):
    bundle = counter.open(
        {"photos/cat/1.png": PNG, "photos/dog/1.png": PNG, "photos/dog/2.PNG": PNG, "README.md": "# Scale\n3 images"}
    )
    assert bundle.layout == "images"
    assert bundle.table["label"].to_list() == ["cat", "dog", "dog"]
    assert (bundle.roles.image, bundle.roles.label, bundle.roles.guessed) == ("file", "label", frozenset())
    assert bundle.media.paths.to_list() == bundle.table["file"].to_list()
    for row in range(3):
        assert images.read(bundle.media.source(row)).pixels is not None
    assert [part.path for part in bundle.parts] == bundle.table["file"].to_list()


def test_folders_above_may_be_splits(counter):
    bundle = counter.open({"data/train/yes/1.wav": WAV, "data/train/no/2.wav": WAV, "data/test/yes/3.wav": WAV})
    assert bundle.layout == "audio"
    assert bundle.table.select("split", "label").rows() == [("test", "yes"), ("train", "no"), ("train", "yes")]
    assert (bundle.roles.audio, bundle.roles.split, bundle.roles.label) == ("file", "split", "label")
    assert audio.read(bundle.media.source(0)).problem is None


def test_folders_that_are_no_classes(counter):
    bundle = counter.open({"cat/1.png": PNG, "2.png": PNG})
    assert "label" not in bundle.table.columns
    assert [example.value for example in the(bundle.findings, "dataset.folders_uneven").examples] == ["2.png"]


MANIFESTS = {
    "beside": ("labels.csv", "file,label\nimages/1.png,a\nimages/2.png,b\n"),
    "in the folder": ("images/metadata.csv", "file_name,label\n1.png,a\n2.png,b\n"),
    "names alone": ("labels.csv", "image,label\n1.png,a\n2.png,b\n"),
    "windows paths": ("labels.csv", "path,label\n.\\images\\1.png,a\n images/2.png ,b\n"),
    "json lines": (
        "labels.jsonl",
        '{"file_name": "images/1.png", "label": "a"}\n{"file_name": "images/2.png", "label": "b"}\n',
    ),
    "a column of another name": ("labels.csv", "wherever,label\nimages/1.png,a\nimages/2.png,b\n"),
    "in Chinese": ("标签.csv", "图片路径,标签\nimages/1.png,a\nimages/2.png,b\n"),
}


@pytest.mark.parametrize(("name", "manifest"), MANIFESTS.values(), ids=MANIFESTS)
def test_manifests(counter, name, manifest):
    bundle = counter.open(
        {name: manifest, "images/1.png": PNG, "images/2.png": PNG, "docs/figure.jpg": b"\xff\xd8\xff"}
    )
    assert bundle.layout == "images"
    assert bundle.media.paths.to_list() == ["images/1.png", "images/2.png"]
    assert bundle.table[bundle.roles.label].to_list() == ["a", "b"]
    assert ids(bundle.findings, "warning") == ["dataset.media_unlisted", "dataset.no_licence"]


def test_the_card_may_name_the_column(counter):
    files = {"m.csv": "a,b\n1.png,2.png\n", "1.png": PNG, "2.png": PNG}
    assert counter.open(files).layout == "table", "two columns name files, so neither is taken for the one"
    bundle = counter.open({**files, "dataset.toml": '[roles]\nimage = "b"\n'})
    assert bundle.media.paths.to_list() == ["2.png"]
    assert bundle.roles.image == "b"


def test_manifests_and_files_that_do_not_agree(counter):
    manifest = "file,label\n1.png,a\n3.png,b\n../2.png,c\n/etc/x.png,d\nC:/x.png,e\nhttps://example.org/5.png,f\n,g\n"
    findings = counter.refused({"m.csv": manifest, "1.png": PNG, "2.png": PNG})
    assert {*errors(findings)} == {"dataset.media_missing", "dataset.media_outside"}
    assert [(example.row, example.value) for example in the(findings, "dataset.media_missing").examples] == [
        (2, "3.png")
    ]
    assert the(findings, "dataset.media_outside").count == 3
    assert the(findings, "dataset.media_remote").count == 1
    assert [example.value for example in the(findings, "dataset.media_unlisted").examples] == ["2.png"]


def test_names_alone_must_be_unique(counter):
    findings = counter.refused({"m.csv": "file,label\n1.png,a\n", "x/1.png": PNG, "y/1.png": PNG})
    assert errors(findings) == ["dataset.media_missing"]


def test_tables_beside_a_manifest_are_named(counter):
    bundle = counter.open({"m.csv": "file,label\n1.png,a\n", "classes.csv": "label,name\na,cat\n", "1.png": PNG})
    assert bundle.layout == "images"
    assert [example.value for example in the(bundle.findings, "dataset.files_unread").examples] == ["classes.csv"]


def test_a_table_with_pictures_in_its_documentation_is_a_table(counter):
    bundle = counter.open({"a.csv": "id,x\n1,2\n", "docs/figure.png": PNG})
    assert (bundle.layout, bundle.media) == ("table", None)


def test_a_table_that_names_images_has_them(counter):
    described = {
        "resources": [{"name": "a", "path": "a.csv", "schema": {"fields": [{"name": "image"}, {"name": "label"}]}}]
    }
    bundle = counter.open(
        {"datapackage.json": described, "a.csv": "image,label\npics/1.png,cat\n,dog\n", "pics/1.png": PNG}
    )
    assert bundle.media.paths.to_list() == ["pics/1.png", None]
    assert bundle.media.source(1) is None
    assert "image" in bundle.roles.guessed


def test_formats_that_are_not_read_are_named(counter):
    bundle = counter.open({"cat/1.png": PNG, "cat/2.tiff": b"II*\0", "dog/3.mp3": b"ID3"})
    assert [example.value for example in the(bundle.findings, "dataset.media_unread").examples] == [
        "cat/2.tiff",
        "dog/3.mp3",
    ]


def test_texts_as_files(counter):
    bundle = counter.open(
        {"pos/a.txt": "好\r\n好", "neg/b.txt": "差".encode("gb18030"), "neg/c.md": "", "README.md": "# Scale\n3 texts"}
    )
    assert bundle.layout == "texts"
    assert bundle.table.rows() == [("neg/b.txt", "差", "neg"), ("neg/c.md", "", "neg"), ("pos/a.txt", "好\n好", "pos")]
    assert (bundle.roles.id, bundle.roles.text, bundle.roles.label) == ("file", "text", "label")
    assert "label" in bundle.roles.guessed
    assert [example.value for example in the(bundle.findings, "dataset.texts_recoded").examples] == ["neg/b.txt"]


def test_texts_in_lines(counter):
    lines = '{"text": "a long enough text of some words", "id": 1}\n{"text": "another long text with other words", "id": 2}\n'
    assert counter.open({"corpus.jsonl": lines}).layout == "texts"
    assert counter.open({"table.csv": "id,text\n1,a long enough text of some words\n"}).layout == "table"


def test_texts_that_are_none(counter):
    assert errors(counter.refused({"a.txt": b"\xff\xff\xff", "b.txt": b"a\0b", "c.txt": "fine"})) == [
        "intake.encoding_unknown",
        "intake.nul",
    ]
    assert errors(counter.refused({"a.txt": "x" * 100, "b.txt": "y"}, Limits(cell_bytes=99))) == ["dataset.text_large"]
    assert errors(counter.refused({"a.txt": "x" * 100, "b.txt": "y"}, Limits(table_bytes=99))) == [
        "dataset.memory_large"
    ]
