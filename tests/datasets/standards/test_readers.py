"""The reference reader of Croissant loads whatever we export; a data package says the same."""

import json
from dataclasses import replace

import mlcroissant
import pytest

from challenges.quality_description import described as of_report
from leaderboard.datasets import described
from tests.conftest import NOON
from tests.datasets import test_audits as audits
from tests.datasets.conftest import report
from tests.datasets.standards import made
from tests.datasets.test_service import FILE, create, publish, refer

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # the reader's own


def loaded(document):
    """Raises mlcroissant's ValidationError for what it does not accept."""
    return mlcroissant.Dataset(jsonld=json.loads(json.dumps(document))).metadata


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
def test_mlcroissant_loads_every_exported_dataset(dock, browser_of):
    slugs = [create(dock), refer(dock)]
    public = browser_of()
    for slug in slugs:
        publish(dock, slug)
    for slug in slugs:
        for locale in ("en", "zh"):
            document = public.get(f"/{locale}/datasets/{slug}/croissant.json").json()
            found = loaded(document)
            assert found.name == document["name"]
            (file,) = found.distribution
            assert file.sha256 == document["distribution"][0]["sha256"]
    package = public.get(f"/en/datasets/{slugs[1]}/datapackage.json").json()
    assert package["resources"][0]["path"] == FILE.address
    assert package["resources"][0]["hash"] == f"sha256:{FILE.sha256}"
    measured = public.get(f"/zh/datasets/{slugs[0]}/datapackage.json").json()
    assert [field["name"] for field in measured["resources"][0]["schema"]["fields"]]
    assert measured["resources"][0]["path"].endswith(f"/zh/datasets/{slugs[0]}"), "the file stays with its team"


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
def test_audits_of_the_described_file_are_reviews_that_mlcroissant_loads(dock, browser_of):
    slug, who, public = audits.published(dock), audits.auditor(dock), browser_of()
    finding = replace(audits.PASSED, outcome="remarks", report_sha256="cd" * 32)
    audits.record(dock, who, slug, finding)
    other = audits.record(dock, who, slug, replace(audits.PASSED, matter="security", text_en="All sound."))
    audits.take_back(dock, who, slug, other)
    document = public.get(f"/en/datasets/{slug}/croissant.json").json()
    assert loaded(document).name == document["name"]
    (review,) = document["review"]
    assert review["itemReviewed"]["@id"] == document["distribution"][0]["@id"]
    assert (review["reviewAspect"], review["reviewRating"]["ratingValue"]) == ("Lawful source", "remarks")
    assert review["reviewBody"] == {"@value": finding.text_zh, "@language": "zh-Hans"}
    assert review["isBasedOn"]["sha256"] == "cd" * 32
    assert review["author"]["url"].startswith("http")
    assert '"reviewAspect":"来源合法"' in public.get(f"/zh/datasets/{slug}").text
    audits.distrust(dock, who)
    assert "review" not in public.get(f"/en/datasets/{slug}/croissant.json").json(), (
        "its auditor is not accepted any more"
    )


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
def test_an_audit_of_an_older_file_is_no_review_of_the_newest(dock, browser_of):
    slug, public = audits.published(dock), browser_of()
    audits.record(dock, audits.auditor(dock), slug)
    audits.next_version(dock, slug)
    document = public.get(f"/en/datasets/{slug}/croissant.json").json()
    assert "review" not in document
    assert len(audits.shown(dock, slug)) == 1, "the card still shows it as stale"


@pytest.mark.parametrize("columns", [("unit price (¥)", "unit_price", "日期", "a/b")])
def test_columns_may_be_called_anything(columns):
    """Readers refuse an `@id` with a space in it."""
    known = report()
    named = known.model_copy(
        update={
            "name": "Lin Xiaolan's readings.csv",
            "columns": tuple(
                one.model_copy(update={"name": name}) for one, name in zip(known.columns, columns, strict=False)
            ),
        }
    )
    found = loaded(of_report(named, sha256="ab" * 32, size=1, address="https://a.example/x.csv", sentence="Readings."))
    assert tuple(field.name for field in found.record_sets[0].fields) == columns


@pytest.mark.parametrize("licence", ["", "CC-BY-4.0", "LicenseRef-OpenSky-Network"])
def test_a_card_with_gaps_is_still_croissant(licence):
    one = made.subject(words=type(made.WORDS)(title_en="Tides", licence=licence))
    document = described.document(
        one.words, made.version(1, address=None, size=None), None, address="https://jiebang.example/en/datasets/tides",
        owner="Obst", published_at=NOON, citation="", locale="zh",
    )  # fmt: skip
    assert loaded(document).name == "Tides"
