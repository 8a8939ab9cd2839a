"""Descriptions that others wrote: what is used, what is said of the rest, and what cannot hurt."""

import json
import socket
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.core.errors import Malformed
from leaderboard.datasets import described
from leaderboard.datasets.columns import Column, kept
from leaderboard.datasets.standards.package import datapackage
from leaderboard.datasets.standards.reading.notes import MOST
from leaderboard.datasets.standards.reading.understood import understood
from leaderboard.terms.policy import DutyOwed, Policy, Rule
from tests.conftest import NOON
from tests.datasets.standards import made

CROISSANT = {
    "@context": {"@language": "en", "@vocab": "https://schema.org/", "cr": "http://mlcommons.org/croissant/"},
    "@type": "sc:Dataset",
    "conformsTo": "http://mlcommons.org/croissant/1.1",
    "name": "Tides",
    "description": [
        {"@value": "Hourly levels.", "@language": "en"},
        {"@value": "每小时的潮位。", "@language": "zh-Hans"},
    ],
    "rai:dataCollection": "Read off gauges.",
    "citeAs": "Obst (2026). Tides.",
    "license": "https://creativecommons.org/licenses/by-nc/4.0/",
    "keywords": ["Energy", "时间序列", "sea"],
    "inLanguage": ["zh", "en"],
    "url": "https://example.org/tides",
    "distribution": [
        {
            "@type": "cr:FileObject",
            "@id": "tides.csv",
            "contentUrl": "https://example.org/tides.csv",
            "sha256": "AB" * 32,
            "encodingFormat": "text/csv",
            "contentSize": "81234 B",
            "md5": "x",
        },
        {"@type": "cr:FileSet", "@id": "images", "includes": "*.jpg"},
    ],
    "recordSet": [
        {"@type": "cr:RecordSet", "@id": "splits", "field": {"@id": "splits/name", "dataType": "sc:Text"}},
        {
            "@type": "cr:RecordSet",
            "@id": "levels",
            "field": [
                {"@type": "cr:Field", "@id": "levels/gauge", "name": "gauge", "dataType": ["cr:Label", "sc:Text"],
                 "source": {"fileObject": {"@id": "tides.csv"}, "extract": {"column": "gauge"}}},
                {"@type": "cr:Field", "@id": "levels/l", "name": "l", "description": "water level", "dataType": "cr:Float64",
                 "unitText": "m", "source": {"fileObject": {"@id": "tides.csv"}, "extract": {"column": "level"}}},
            ],
        },
    ],
}  # fmt: skip
SOLD = {
    "@type": "odrl:Offer",
    "odrl:permission": {
        "odrl:action": {"@id": "cc:CommercialUse"},
        "odrl:constraint": {
            "odrl:leftOperand": {"@id": "odrl:spatial"},
            "odrl:operator": {"@id": "odrl:eq"},
            "odrl:rightOperand": "CN",
        },
    },
}


def read(document):
    return understood(json.dumps(document, ensure_ascii=False).encode())


def complaints(found):
    return {one.field: one.message for one in found.wrong}


@pytest.fixture(autouse=True)
def _nothing_fetched(monkeypatch):
    """Whoever opens a socket while a description is read fails."""

    def refuse(*_args, **_kwargs):
        raise AssertionError("a description made us fetch something")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_croissant_fills_in_what_fits_and_names_the_rest():
    found = read(CROISSANT)
    assert found.kind == "Croissant 1.1"
    assert (found.words.title_en, found.words.title_zh) == ("Tides", "")
    assert (found.words.summary_en, found.words.summary_zh) == ("Hourly levels.", "每小时的潮位。")
    assert found.words.provenance_en == "Read off gauges."
    assert found.words.citation_en == "Obst (2026). Tides."
    assert (found.words.sector, found.words.modalities) == ("energy", ("time-series",))
    assert (found.words.languages, found.words.licence) == (("zh", "en"), "CC-BY-NC-4.0")
    assert (found.address, found.sha256) == ("https://example.org/tides.csv", "ab" * 32)
    assert (found.media_type, found.size) == ("text/csv", 81234)
    assert set(found.unused) == {"url", "recordSet.0", "distribution.1", "distribution.0.md5", "keywords: sea"}
    assert found.wrong == ()
    assert {"name", "license", "distribution.0.sha256", "conformsTo"} <= set(found.used)


@pytest.mark.parametrize(
    ("conforms", "kind"),
    [
        (None, "Croissant 0.8 / schema.org"),
        ("http://mlcommons.org/croissant/1.0", "Croissant 1.0"),
        ([{"@id": "http://mlcommons.org/croissant/1.1"}, "http://mlcommons.org/croissant/RAI/1.0"], "Croissant 1.1"),
    ],
)
def test_every_version_of_croissant_is_known(conforms, kind):
    found = read({**CROISSANT, "conformsTo": conforms})
    assert (found.kind, found.wrong) == (kind, ())


def test_names_may_be_spelt_out_or_have_prefixes():
    spelt = {
        "@type": "https://schema.org/Dataset",
        "https://schema.org/name": "Tides",
        "sc:license": {"@id": "CC0-1.0"},
    }
    found = read(spelt)
    assert (found.words.title_en, found.words.licence, found.unused) == ("Tides", "CC0-1.0", ())


def test_a_data_package_fills_in_what_fits():
    found = read(
        {
            "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
            "name": "tides",
            "title": "潮位",
            "licenses": [{"name": "ODbL-1.0"}],
            "sources": [{"title": "Gauges", "path": "https://gauges.example.org"}],
            "resources": [
                {"name": "t", "path": "https://example.org/t.csv", "hash": "sha256:" + "cd" * 32, "bytes": 5, "mediatype": "text/csv"},
                {"name": "u", "path": "u.csv"},
            ],
            "contributors": [{"title": "Obst"}],
        }
    )  # fmt: skip
    assert (found.kind, found.words.title_zh, found.words.licence) == ("Frictionless", "潮位", "ODbL-1.0")
    assert found.words.provenance_en == "Gauges https://gauges.example.org"
    assert (found.sha256, found.size) == ("cd" * 32, 5)
    assert set(found.unused) == {"contributors", "resources.0.name", "resources.1"}


def test_our_own_descriptions_come_back_as_they_were():
    one = made.subject()
    linked = described.document(
        one.words, one.newest, None, address="https://jiebang.example/en/datasets/tides", owner=one.owner,
        published_at=NOON, citation="", locale="en",
    )  # fmt: skip
    package = datapackage(one, "https://jiebang.example/en/datasets/tides", "en")
    for document in (linked, package):
        found = read({**document, "url": None})
        assert found.words.title_en == one.words.title_en
        assert found.words.summary_en.startswith("Two\nlines")
        assert (found.words.sector, found.words.modalities) == (one.words.sector, one.words.modalities)
        assert (found.words.licence, found.sha256) == (one.words.licence, one.newest.sha256)
    assert read(package).words.provenance_en.startswith("Read off gauges")


# What cannot be used is said


@pytest.mark.parametrize(
    ("change", "path", "says"),
    [
        ({"license": "https://example.org/mine"}, "license", "none of the licences"),
        ({"license": {"deep": [1]}}, "license", "none of the licences"),
        ({"name": 7}, "name", "another type"),
        ({"name": {"@value": {"@value": "x"}}}, "name", "another type"),
        ({"description": {"fr": "Marées"}}, "description", "Chinese and English only"),
        ({"description": "x" * 2000}, "description", "cut to"),
        ({"inLanguage": "Kantonesisch"}, "inLanguage", "tags such as"),
        ({"inLanguage": [1]}, "inLanguage", "another type"),
        ({"keywords": {"a": 1}}, "keywords", "another type"),
        ({"conformsTo": "http://mlcommons.org/croissant/9.9"}, "conformsTo", "only Croissant"),
        ({"distribution": "tides.csv"}, "distribution.0", "another type"),
        ({"distribution": [{"@id": "elsewhere"}]}, "distribution.0", "nothing is fetched"),
    ],
)
def test_a_wrong_value_is_named_and_left_out(change, path, says):
    found = read(CROISSANT | change)
    assert says in complaints(found)[path]
    assert path not in found.used


@pytest.mark.parametrize(
    ("change", "path", "says"),
    [
        ({"contentUrl": "http://example.org/a.csv"}, "contentUrl", "https://"),
        ({"contentUrl": "data/a.csv"}, "contentUrl", "https://"),
        ({"contentUrl": "https://user:word@example.org/a.csv"}, "contentUrl", "no password"),
        ({"sha256": "https://github.com/mlcommons/croissant/issues/80"}, "sha256", "64 digits"),
        ({"sha256": [None]}, "sha256", "another type"),
        ({"contentSize": "12 MB"}, "contentSize", "exact number of bytes"),
        ({"contentSize": True}, "contentSize", "exact number of bytes"),
        ({"encodingFormat": "CSV file"}, "encodingFormat", "media type"),
    ],
)
def test_a_wrong_value_of_the_file_is_named(change, path, says):
    file = CROISSANT["distribution"][0] | change
    found = read({**CROISSANT, "distribution": [file]})
    assert says in complaints(found)[f"distribution.0.{path}"]


# Hostile documents


def test_remote_references_are_never_fetched():
    """A context, a file, an identifier elsewhere: the fixture above fails on the first connection."""
    found = read(
        CROISSANT
        | {
            "@context": ["https://evil.example/context.jsonld", {"sc": "https://schema.org/"}],
            "isBasedOn": {"@id": "https://evil.example/other.json"},
            "distribution": [{"@id": "https://evil.example/file"}, CROISSANT["distribution"][0]],
        }
    )
    assert {"@context", "isBasedOn"} <= set(found.unused)
    assert "nothing is fetched" in complaints(found)["distribution.0"]
    assert found.address == "https://example.org/tides.csv"


def test_references_that_point_round_end():
    circle = {
        "@type": "sc:FileObject",
        "@id": "a",
        "containedIn": {"@id": "b"},
        "contentUrl": "https://example.org/a.zip",
    }
    other = {"@type": "sc:FileObject", "@id": "b", "containedIn": {"@id": "a"}}
    document = {**CROISSANT, "@id": "tides", "distribution": [{"@id": "a"}, {"@id": "b"}, {"@id": "tides"}]}
    found = read({"@graph": [document, circle, other]})
    assert found.address == ""
    assert {"distribution.0", "distribution.1", "distribution.2"} <= set(found.unused)
    lonely = read({**CROISSANT, "distribution": {"@id": "tides"}, "@id": "tides"})
    assert lonely.unused.count("distribution.0") == 1


@pytest.mark.parametrize(
    ("data", "id"),
    [
        (b"", "import.not_json"),
        (b"name,title\n1,2", "import.not_json"),
        (b'{"a": 1', "import.not_json"),
        (b"\xff\xfe{}", "import.not_text"),
        (b"[1, 2]", "import.no_object"),
        (b"null", "import.no_object"),
        (b'{"@type": "Dataset", "name": "a", "name": "b"}', "import.twice"),
        (b'{"@type": "Dataset", "version": NaN}', "import.number"),
        (b'{"@type": "Dataset", "version": 1' + b"0" * 5000 + b"}", "import.number"),
        (b'{"a": ' * 100_000, "import.too_deep"),
        (b'{"a": ' * 200 + b"1" + b"}" * 200, "import.too_deep"),
        (b'{"@type": "Person", "name": "x"}', "import.unknown"),
        (b'{"@graph": [{"@type": "Dataset"}, {"@type": "Dataset"}]}', "import.several"),
    ],
)
def test_what_is_no_description_is_refused_with_one_sentence(data, id):
    with pytest.raises(Malformed) as refused:
        understood(data)
    assert refused.value.id == id
    assert refused.value.message.format(**refused.value.params)


def test_a_hundred_thousand_unknown_properties_are_counted_and_not_listed():
    found = read(CROISSANT | {f"x{number}": 1 for number in range(100_000)})
    assert len(found.unused) == MOST
    assert found.unnamed > 99_000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["https://a.example/x", "@id", "CC0-1.0"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["@id", "@type", "@value", "@language", "name", "path", "contentUrl", "hash", "title"]), inner, max_size=3
    ),
    max_leaves=12,
)  # fmt: skip
KEYS = (*CROISSANT, "resources", "licenses", "sources", "title", "@graph")


@given(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=8), st.sampled_from(["Dataset", "sc:Dataset"]))
def test_any_document_is_read_or_refused(document, kind):
    try:
        found = read({"resources": []} | document | {"@type": kind})
    except Malformed as error:
        assert error.id.startswith("import.")  # noqa: PT017 - either way is right
        return
    assert [*found.words.faults()] == []
    assert all(one.message.format(**one.params) for one in found.wrong)


# Columns


def test_the_fields_of_the_file_become_columns():
    found = read(CROISSANT)
    assert found.columns == (
        Column(name="gauge", type="string"),
        Column(name="level", type="number", unit="m", about_en="water level"),
    )
    assert "recordSet.0" in found.unused, "a card is about one file"
    assert "recordSet" in found.used


def test_nested_fields_and_unknown_types_are_said():
    fields = [
        {"name": "box", "subField": [{"name": "x"}]},
        {"name": "tags", "dataType": "sc:Text", "repeated": True},
        {"name": "photo", "dataType": "sc:ImageObject"},
        {"@id": "r/bare"},
        {"dataType": "sc:Text"},
        {"name": "tags"},
        {"@id": "nowhere/else"},
    ]
    found = read(CROISSANT | {"recordSet": {"field": [*fields, {"@id": "lost"}]}})
    assert [(one.name, one.type) for one in found.columns] == [("box", "nested"), ("tags", "nested"), ("photo", "")]
    assert "recordSet.0.field.2.dataType" in found.unused
    said = complaints(found)
    assert "needs a name" in said["recordSet.0.field.4"]
    assert "stands there twice" in said["recordSet.0"]
    assert "nothing is fetched" in said["recordSet.0.field.7"]


def test_no_more_columns_are_used_than_a_card_holds():
    found = read(CROISSANT | {"recordSet": {"field": [{"name": f"c{number}"} for number in range(1_200)]}})
    assert len(found.columns) == 1_000
    assert found.wrong[-1].params == {"most": 1_000}


def test_the_schema_of_a_data_package_becomes_columns():
    fields = [
        {"name": "day", "type": "date", "title": "日期"},
        {"name": "level", "type": "number", "unit": "m", "constraints": {"minimum": 0}},
        {"name": "where", "type": "geopoint"},
        7,
        {"name": ["a"]},
    ]
    package = {"resources": [{"path": "https://a.example/t.csv", "schema": {"fields": fields, "primaryKey": "day"}}]}
    found = read(package)
    assert found.columns == (
        Column(name="day", type="date", about_zh="日期"),
        Column(name="level", type="number", unit="m"),
        Column(name="where"),
    )
    at = "resources.0.schema"
    assert {f"{at}.primaryKey", f"{at}.fields.1.constraints"} <= set(found.unused)
    assert {f"{at}.fields.3", f"{at}.fields.4"} <= set(complaints(found))
    elsewhere = read({"resources": [{"path": "t.csv", "schema": "schema.json"}]})
    assert elsewhere.columns == ()
    assert "nothing is fetched" in complaints(elsewhere)["resources.0.schema"]


# Terms of use


def test_what_an_offer_says_beside_the_licence_is_the_owners_word():
    found = read(CROISSANT | {"usageInfo": SOLD})
    (rule,) = found.words.own.permissions
    assert (rule.action, rule.constraint.regions) == ("commercialize", ("CN",))
    assert "usageInfo" in found.used
    by_reference = read({"@graph": [CROISSANT | {"usageInfo": {"@id": "#o"}}, SOLD | {"@id": "#o"}]})
    assert by_reference.words.own == found.words.own


@pytest.mark.parametrize(
    ("said", "licence", "at"),
    [
        ("https://example.org/terms", "CC-BY-4.0", "usageInfo"),
        (SOLD | {"odrl:permission": {"odrl:action": "odrl:print"}}, "CC-BY-4.0", "usageInfo.permission.0"),
        ({"@type": "Offer", "prohibition": {"action": "derive"}}, "CC-BY-4.0", "usageInfo"),
        ([SOLD, SOLD], "CC-BY-4.0", "usageInfo"),
    ],
)
def test_terms_that_cannot_be_used_are_a_finding_and_do_not_lose_the_import(said, licence, at):
    found = read(CROISSANT | {"usageInfo": said, "license": f"https://spdx.org/licenses/{licence}"})
    assert found.words.own == Policy()
    assert at in complaints(found)
    assert (found.words.title_en, found.words.licence) == ("Tides", licence)
    assert "usageInfo" not in found.used


def test_terms_without_a_licence_are_used_as_they_are():
    found = read({key: value for key, value in CROISSANT.items() if key != "license"} | {"usageInfo": SOLD})
    assert found.words.licence == ""
    assert found.words.own.permission("commercialize") is not None


def test_what_we_write_is_read_back_with_columns_and_terms():
    own = Policy(prohibitions=(Rule(action="train-models"),), duties=(DutyOwed(action="delete", days=30),))
    words = replace(made.WORDS, licence="", own=own)
    said = (Column(name="level", type="number", unit="m", about_en="Water level"), Column(name="w", type="nested"))
    one = made.subject(words=words, versions=(made.version(1, address="https://a.example/t.csv", columns=kept(said)),))
    package = read(datapackage(one, "https://jiebang.example/en/datasets/tides", "en"))
    assert (package.words.own, package.columns) == (own, said)
    document = described.document(
        one.words, one.newest, None, address=one.address, owner="Obst", published_at=NOON, citation="", locale="zh",
        policy=one.offer,
    )  # fmt: skip
    assert read(document).words.own == own
