"""Croissant 1.0 and 1.1: files, record sets, joins, enumerations, provenance."""

import copy
import hashlib

import pytest

from challenges.datasets import DatasetRefused
from scoring.quality.schema import Field
from tests.challenges.datasets.handed import checked, errors, ids, the

CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "recordSet": "cr:recordSet",
}
RATINGS = "userId,movieId,rating,when\n1,10,4.5,2026-01-02\n2,11,3,2026-01-03\n3,12,1,2026-01-04\n"
MOVIES = "id,title\n10,Heat\n11,Ran\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(30)


def column(records, name, source, column, types="sc:Text", **more):
    return {
        "@type": "cr:Field",
        "@id": f"{records}/{name}",
        "dataType": types,
        "source": {"fileObject": {"@id": source}, "extract": {"column": column}},
        **more,
    }


def movies(version="1.1"):
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": f"http://mlcommons.org/croissant/{version}",
        "name": "ratings",
        "description": "# Limitations\nOnly films that were shown in one city between 2020 and 2026 are rated.",
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "url": "https://late-trains.cn/ratings",
        "creator": {"@type": "Person", "name": "Ann", "email": "ann@late-trains.cn"},
        "datePublished": "2026-01-05",
        "version": "1.0.0",
        "rai:dataCollection": "Visitors rated films on a screen in the foyer, once per ticket.",
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": "ratings-table",
                "name": "ratings.csv",
                "contentUrl": "data/ratings.csv",
                "encodingFormat": "text/csv",
                "contentSize": f"{len(RATINGS)} B",
                "sha256": hashlib.sha256(RATINGS.encode()).hexdigest(),
            },
            {
                "@type": "cr:FileObject",
                "@id": "movies-table",
                "contentUrl": "https://example.org/files/movies.csv",
                "encodingFormat": "text/csv",
            },
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": "movies",
                "key": {"@id": "movies/id"},
                "field": [
                    column("movies", "id", "movies-table", "id", "sc:Integer"),
                    column("movies", "title", "movies-table", "title"),
                ],
            },
            {
                "@type": "cr:RecordSet",
                "@id": "stars",
                "dataType": "sc:Enumeration",
                "key": {"@id": "stars/value"},
                "field": [{"@type": "cr:Field", "@id": "stars/value", "dataType": "sc:Text"}],
                "data": [{"stars/value": text} for text in ("1", "3", "4.5", "5")],
            },
            {
                "@type": "cr:RecordSet",
                "@id": "ratings",
                "key": {"@id": "ratings/user"},
                "annotation": {
                    "@type": "cr:Field",
                    "@id": "ratings/count",
                    "value": 3,
                    "dataType": "http://www.wikidata.org/entity/Q4049983",
                },
                "field": [
                    column(
                        "ratings",
                        "user",
                        "ratings-table",
                        "userId",
                        "sc:Integer",
                        description="The number of the ticket that the visitor held",
                    ),
                    column(
                        "ratings", "movie", "ratings-table", "movieId", "sc:Integer", references={"@id": "movies/id"}
                    ),
                    column(
                        "ratings",
                        "stars",
                        "ratings-table",
                        "rating",
                        ["sc:Text", "cr:Label"],
                        references={"field": {"@id": "stars/value"}},
                    ),
                    column("ratings", "when", "ratings-table", "when", "sc:Date"),
                    {
                        "@type": "cr:Field",
                        "@id": "ratings/title",
                        "dataType": "sc:Text",
                        "source": {"@id": "movies/title"},
                    },
                    {"@type": "cr:Field", "@id": "ratings/scale", "dataType": "sc:Text", "value": "1 to 5 stars"},
                ],
            },
        ],
    }


def files(described=None):
    return {"metadata.json": described or movies(), "data/ratings.csv": RATINGS, "movies.csv": MOVIES}


def changed(path, value, described=None):
    """The description with one value replaced (None: removed)."""
    described = copy.deepcopy(described or movies())
    inner = described
    for step in path[:-1]:
        inner = inner[step]
    if value is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return described


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_sound_description(counter, version):
    bundle = counter.open(files(movies(version)))
    assert bundle.layout == "croissant"
    assert bundle.table.columns == ["user", "movie", "stars", "when", "title"]
    assert bundle.table.rows() == [
        ("1", "10", "4.5", "2026-01-02", "Heat"),
        ("2", "11", "3", "2026-01-03", "Ran"),
        ("3", "12", "1", "2026-01-04", None),
    ]
    assert (bundle.roles.id, bundle.roles.label) == ("user", "stars")
    assert "label" not in bundle.roles.guessed
    assert bundle.classes == ("1", "3", "4.5", "5")
    assert bundle.schema.field("user") == Field("user", "integer", required=True, unique=True)
    assert bundle.schema.field("stars") == Field("stars", enum=("1", "3", "4.5", "5"))
    assert bundle.schema.field("when") == Field("when", "date")
    assert bundle.schema.primary_key == ("user",)
    assert {(one.path, one.algorithm, one.holds) for one in bundle.provenance.hashes} == {
        ("data/ratings.csv", "sha256", True),
        ("data/ratings.csv", "bytes", True),
    }
    assert bundle.provenance.licences[0].spdx == "CC-BY-4.0"
    assert [(claim.kind, claim.value, claim.certain) for claim in bundle.documentation.claims if claim.certain] == [
        ("rows", 3.0, True)
    ]
    states = {answer.item.key: answer.state for answer in bundle.documentation.answers}
    assert all(
        states[key] == "answered"
        for key in ("licence", "support", "access", "versioning", "format", "structure", "collection", "limitations")
    )
    assert the(bundle.findings, "dataset.croissant_no_partner").count == 1
    assert the(bundle.findings, "dataset.croissant_local").params["found"] == "movies.csv"


def test_other_prefixes_mean_the_same(counter):
    def prefixed(value, parent=""):
        if isinstance(value, list):
            return [prefixed(one, parent) for one in value]
        if not isinstance(value, dict):
            return value
        ours = {
            "recordSet",
            "field",
            "source",
            "extract",
            "column",
            "fileObject",
            "references",
            "key",
            "data",
            "dataType",
        }
        return {
            (
                f"cr:{key}"
                if key in ours
                else f"sc:{key}"
                if key in {"distribution", "contentUrl", "license", "sha256"}
                else key
            ): (one if key in {"@context", "data"} else prefixed(one, key))
            for key, one in value.items()
        }

    assert counter.open(files(prefixed(movies()))).table.rows() == counter.open(files()).table.rows()


def test_the_file_may_have_another_name(counter):
    described = files()
    described["late-trains.json"] = described.pop("metadata.json")
    assert counter.open(described).layout == "croissant"


def images(**resource):
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "birds",
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": "archive",
                "name": "birds.zip",
                "contentUrl": "https://example.org/birds.zip",
                "encodingFormat": "application/zip",
            },
            {
                "@type": "cr:FileSet",
                "@id": "pictures",
                "containedIn": {"@id": "archive"},
                "includes": "*/*.png",
                "excludes": "*/bad*",
                **resource,
            },
            {"@type": "cr:FileObject", "@id": "names", "contentUrl": "names.csv", "encodingFormat": "text/csv"},
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": "splits",
                "dataType": "cr:Split",
                "key": {"@id": "splits/name"},
                "field": [{"@type": "cr:Field", "@id": "splits/name"}],
                "data": [{"splits/name": "train"}, {"splits/name": "test"}],
            },
            {
                "@type": "cr:RecordSet",
                "@id": "birds",
                "field": [
                    {
                        "@type": "cr:Field",
                        "@id": "birds/picture",
                        "dataType": "sc:ImageObject",
                        "source": {"fileSet": {"@id": "pictures"}, "extract": {"fileProperty": "content"}},
                    },
                    {
                        "@type": "cr:Field",
                        "@id": "birds/number",
                        "dataType": "sc:Text",
                        "source": {
                            "fileSet": {"@id": "pictures"},
                            "extract": {"fileProperty": "filename"},
                            "transform": {"regex": r"(\d+)\.png$"},
                        },
                        "references": {"@id": "birds/key"},
                    },
                    {
                        "@type": "cr:Field",
                        "@id": "birds/split",
                        "dataType": "sc:Text",
                        "source": {
                            "fileSet": {"@id": "pictures"},
                            "extract": {"fileProperty": "fullpath"},
                            "transform": {"regex": "^(train|test)/"},
                        },
                        "references": {"@id": "splits/name"},
                    },
                    column("birds", "key", "names", "number"),
                    column("birds", "species", "names", "species", ["sc:Text", "cr:Label"]),
                ],
            },
        ],
    }


PICTURES = {
    "train/1.png": PNG,
    "train/2.png": PNG,
    "test/3.png": PNG,
    "test/bad4.png": PNG,
    "names.csv": "number,species\n1,owl\n2,jay\n3,owl\n",
}


def test_images_joined_with_a_table(counter):
    bundle = counter.open({"croissant.json": images(), **PICTURES})
    assert bundle.table.select("number", "split", "species").rows() == [
        ("3", "test", "owl"),
        ("1", "train", "owl"),
        ("2", "train", "jay"),
    ]
    assert (bundle.roles.image, bundle.roles.split, bundle.roles.label) == ("picture", "split", "species")
    assert bundle.media.kind == "image"
    assert bundle.media.paths.to_list() == ["test/3.png", "train/1.png", "train/2.png"]
    source = bundle.media.source(0)
    assert (source if isinstance(source, bytes) else source.read_bytes()) == PNG


def test_files_in_a_folder_named_as_their_archive(counter):
    inside = {f"birds/{path}": data for path, data in PICTURES.items() if path != "names.csv"}
    described = changed(("recordSet", 1, "field", 2, "source", "transform", "regex"), "/(train|test)/", images())
    bundle = counter.open({"croissant.json": described, **inside, "names.csv": PICTURES["names.csv"]})
    assert bundle.table["species"].to_list() == ["owl", "owl", "jay"]


FAULTS = [
    (("distribution", 0, "contentUrl"), "../x/ratings.csv", "dataset.path_outside"),
    (("distribution", 0, "contentUrl"), "https://example.org/nothing.csv", "dataset.croissant_no_file"),
    (("distribution", 0, "sha256"), "0" * 64, "dataset.hash_differs"),
    (("distribution", 0, "contentSize"), "12 KB", "dataset.size_differs"),
    (("recordSet",), [], "dataset.croissant_no_records"),
    (("recordSet", 2, "field", 0, "source", "extract", "column"), "userid", "package.no_such_column_near"),
    (("recordSet", 2, "field", 0, "source", "fileObject"), {"@id": "nobody"}, "dataset.croissant_no_resource"),
    (("recordSet", 2, "field", 0, "source", "extract"), {"jsonPath": "$.a[?(@.b)]"}, "dataset.croissant_field"),
    (("recordSet", 2, "field", 0, "source", "transform"), {"regex": "no group"}, "dataset.croissant_regex"),
    (("recordSet", 2, "field", 0, "source", "transform"), {"regex": "(?=a)(b)"}, "dataset.schema_pattern_look"),
    (("recordSet", 2, "field", 1, "references"), None, "dataset.croissant_no_join"),
    (("recordSet", 2, "field", 1, "@id"), "ratings/user", "dataset.names_twice"),
]


@pytest.mark.parametrize(("path", "value", "message"), FAULTS, ids=[f"{fault[2]} {fault[1]}"[:50] for fault in FAULTS])
def test_faults(counter, path, value, message):
    described = changed(path, value)
    if message in {"dataset.croissant_no_file", "dataset.path_outside"}:
        described["distribution"][0] |= {"name": "elsewhere", "@id": "ratings-table"}
    findings = counter.refused(files(described))
    assert message in errors(findings)


ODD = [
    (("conformsTo",), "http://mlcommons.org/croissant/9.9", "dataset.croissant_version"),
    (("license",), None, "dataset.croissant_lacking"),
    (("distribution", 0, "sha256"), "https://github.com/mlcommons/croissant/issues/80", "dataset.hash_form"),
    (("recordSet", 2, "field", 3, "source", "transform"), {"separator": ","}, "dataset.croissant_transform"),
    (("recordSet", 2, "field", 3, "mood"), "good", "dataset.keys_unused"),
    (("distribution", 1, "containedIn"), {"@id": "nobody"}, "dataset.croissant_no_resource"),
]


@pytest.mark.parametrize(("path", "value", "message"), ODD, ids=[odd[2] for odd in ODD])
def test_what_is_odd_is_said_and_read_all_the_same(counter, path, value, message):
    bundle = counter.open(files(changed(path, value)))
    assert bundle.table.height == 3
    assert message in ids(bundle.findings)


def test_which_properties_were_not_used(counter):
    described = movies()
    described["prov:wasInformedBy"] = {"@id": "x"}
    described["recordSet"][2]["field"][0]["cr:unit"] = "ticket"
    finding = the(counter.open(files(described)).findings, "dataset.keys_unused")
    assert finding.params["found"] == "prov:wasInformedBy, recordSet.field.cr:unit"


def test_a_format_of_ones_own_is_read_as_text(counter):
    described = movies()
    described["recordSet"][2]["field"][3]["source"]["format"] = "yyyy/MM/dd"
    described["recordSet"][2]["field"][0]["isArray"] = True
    schema = counter.open(files(described)).schema
    assert (schema.field("when").type, schema.field("user").type) == ("string", "string")


def test_records_in_the_description_itself(counter):
    described = movies()
    described["recordSet"] = [{**described["recordSet"][1], "dataType": "sc:Text"}]
    described["distribution"] = []
    bundle = counter.open({"croissant.json": described})
    assert bundle.table.to_dict(as_series=False) == {"value": ["1", "3", "4.5", "5"]}


def test_texts_as_files(counter):
    described = images()
    described["distribution"] = [{"@type": "cr:FileSet", "@id": "texts", "includes": ["texts/*.txt"]}]
    source = {"fileSet": {"@id": "texts"}, "extract": {"fileProperty": "content"}}
    described["recordSet"] = [
        {
            "@type": "cr:RecordSet",
            "@id": "t",
            "field": [{"@type": "cr:Field", "@id": "t/text", "dataType": "sc:Text", "source": source}],
        }
    ]
    bundle = counter.open({"croissant.json": described, "texts/a.txt": "one", "texts/b.txt": "两"})
    assert bundle.table.to_dict(as_series=False) == {"text": ["one", "两"]}
    assert bundle.place(1) == ("texts/b.txt", 0)


def test_labels_say_who_gave_them(counter):
    described = movies()
    described["recordSet"][2]["field"][2]["annotation"] = column(
        "ratings", "who", "ratings-table", "userId", "sc:Text", equivalentProperty="prov:wasAttributedTo"
    )
    bundle = counter.open(files(described))
    assert bundle.roles.annotator == "who"
    assert bundle.table["who"].to_list() == ["1", "2", "3"]


@pytest.mark.hostile
def test_circles_and_crowds_end(counter):
    described = movies()
    described["recordSet"][0]["field"][1]["source"] = {"@id": "ratings/title"}
    assert "dataset.croissant_no_resource" in errors(counter.refused(files(described)))
    described = movies()
    described["recordSet"][2]["field"] += [
        column("ratings", f"c{number}", "ratings-table", "userId") for number in range(2001)
    ]
    assert "dataset.columns_many" in errors(counter.refused(files(described)))
    described = changed(("distribution", 1, "includes"), "*" * 299 + "x" * 10, images())
    assert "package.too_long" in errors(counter.refused({"croissant.json": described, **PICTURES}))
    crowds = (("distribution", [{"@type": "cr:FileObject", "@id": f"o{number}"} for number in range(10_001)]),)
    crowds += (("distribution", [{"@type": "cr:FileSet", "@id": "s", "includes": ["*.csv"] * 501}]),)
    crowds += (("recordSet", [{"@id": "r", "field": [{"@id": f"r/{number}"} for number in range(10_001)]}]),)
    for key, value in crowds:
        finding = the(counter.refused(files(changed((key,), value))), "dataset.list_long")
        assert finding.key == key
    described = changed(("distribution", 1, "includes"), "*a" * 149, images())
    assert "dataset.croissant_no_file" in errors(
        counter.refused({"croissant.json": described, **PICTURES, "a" * 190 + ".png": PNG})
    )


@pytest.mark.parametrize("value", ["x", 3, [], {"@id": 3}, [[]], None, True])
@pytest.mark.parametrize(
    "path",
    [
        ("distribution",),
        ("recordSet",),
        ("recordSet", 2, "field"),
        ("recordSet", 2, "field", 0, "source"),
        ("recordSet", 2, "key"),
        ("conformsTo",),
        ("license",),
        ("recordSet", 1, "data"),
        ("distribution", 0, "encodingFormat"),
        ("recordSet", 2, "field", 1, "references"),
    ],
)
def test_no_value_anywhere_ends_the_process(folder, path, value):
    described = changed(path, value) if value is not None else changed(path, None)
    try:
        folder.open(files(described))
    except DatasetRefused as refusal:
        checked(refusal.findings)
